// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRoleRefusesWhatItDoesNotKnow(t *testing.T) {
	for _, args := range [][]string{nil, {"juggler"}, {"web"}, {"dns", "s1"}, {"send", "127.0.0.1:1", "many"}} {
		if got := Role(args); got != 1 {
			t.Errorf("Role(%q): exit status %d, want 1", args, got)
		}
	}
}

func TestWebSaysWhoServedWhom(t *testing.T) {
	server := httptest.NewServer(webHandler("s1"))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	resp, err := http.Get(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("s1 served 127.0.0.1 at "+host+"\n", string(body)); diff != "" {
		t.Error(diff)
	}
	got, err := fetchPage(t.Context(), http.DefaultClient, server.URL)
	if got != "s1" || err != nil {
		t.Errorf("fetchPage: got %q, %v; want s1", got, err)
	}
}

func TestWebSumsUploads(t *testing.T) {
	w := httptest.NewRecorder()
	webHandler("s1").ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/", strings.NewReader("abc")))
	// FIPS 180-4's example.
	want := "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad 3\n"
	if diff := cmp.Diff(want, w.Body.String()); diff != "" {
		t.Error(diff)
	}
}

func TestDNSNamesTheServer(t *testing.T) {
	address := serveLocally(t, func(q []byte) []byte {
		reply, err := answerDNS(q, "s2")
		if err != nil {
			t.Error(err)
		}
		return reply
	})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if got, err := askDNS(ctx, address, 77); got != "s2" || err != nil {
		t.Errorf("got %q, %v; want s2", got, err)
	}
	if _, err := answerDNS([]byte("not DNS"), "s2"); err == nil {
		t.Error("text is taken for a query")
	}
}

func TestDatagramsComeBackAsTheyWere(t *testing.T) {
	if err := sendDatagram(serveLocally(t, bytes.Clone), "8192"); err != nil {
		t.Error(err)
	}
	broken := serveLocally(t, func(b []byte) []byte { b[4000]++; return b })
	if err := sendDatagram(broken, "8192"); err == nil {
		t.Error("a changed datagram is taken for the one that was sent")
	}
}

// serveLocally answers datagrams at a loopback address until the test ends.
func serveLocally(t *testing.T, answer func([]byte) []byte) string {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := answerDatagrams(conn, answer); !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { conn.Close(); <-done })
	return conn.LocalAddr().String()
}

func TestTallyReports(t *testing.T) {
	var got tally
	for i, server := range []string{"s2", "s1", "s1", "s1"} {
		got.note(server, time.Duration(i+1)*time.Millisecond, nil)
	}
	got.note("", time.Second, errors.New("no route to host"))
	want := "2 pages/s from s1 75%, s2 25%; median 3.0 ms, slowest 4.0 ms; 1 failed, the last: no route to host"
	if diff := cmp.Diff(want, got.report("pages", 2*time.Second)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("0 pages/s", got.report("pages", 2*time.Second)); diff != "" {
		t.Errorf("the second report:\n%s", diff)
	}
}

func TestScanTellsHostsApart(t *testing.T) {
	web := httptest.NewServer(webHandler("s1"))
	defer web.Close()
	// A full backlog is no tarpit, but a listener that nobody serves is: the
	// kernel opens the connection and nothing comes.
	tarpit, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tarpit.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for _, c := range []struct {
		address string
		want    finding
	}{
		{strings.TrimPrefix(web.URL, "http://"), talking},
		{tarpit.Addr().String(), mute},
		{closed.Addr().String(), refusing},
	} {
		if got := scan(t.Context(), c.address); got != c.want {
			t.Errorf("%s: got %d, want %d", c.address, got, c.want)
		}
	}
	got := describe(map[finding]int{talking: 4, refusing: 3, mute: 247})
	if diff := cmp.Diff("254 addresses look alive, of which 4 answer, 3 refuse and 247 only hold the connection; 0 silent", got); diff != "" {
		t.Error(diff)
	}
}
