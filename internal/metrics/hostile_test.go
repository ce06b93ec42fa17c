// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// refused waits until the server ends the connection, and returns what it said
// before.
func refused(t *testing.T, conn net.Conn) string {
	t.Helper()
	said, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection is still open")
	}
	return string(said) // any other error is an end, too
}

// Who has all connections and sends a byte now and then loses them, and others
// get their turn.
func TestSlowloris(t *testing.T) {
	s, _ := serve(t, okHandler())
	var slow sync.WaitGroup
	for range connections {
		conn := dial(t, s)
		slow.Go(func() {
			fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
			for {
				if _, err := conn.Write([]byte("a")); err != nil {
					return // ended, as it should be
				}
				time.Sleep(headerTimeout / faster / 5)
			}
		})
	}
	if status, _ := ask(t, "GET", url(s)); status != 200 {
		t.Errorf("status %d", status)
	}
	slow.Wait()
}

func TestSlowClientsLoseTheirConnections(t *testing.T) {
	for _, c := range []struct{ name, says string }{
		{"says nothing", ""},
		{"no end of header", "GET / HTTP/1.1\r\nHost: x\r\n"},
		{"idle after an answer", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"body never comes", "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := serve(t, okHandler())
			conn := dial(t, s)
			fmt.Fprint(conn, c.says)
			refused(t, conn)
		})
	}
}

func TestAnswerThatIsNotTaken(t *testing.T) {
	ended := make(chan bool)
	s, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 1<<20)); err != nil {
				close(ended)
				return
			}
		}
	}))
	conn := dial(t, s)
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	select {
	case <-ended:
	case <-time.After(soon):
		t.Error("still being sent")
		conn.Close()
	}
}

// stuckWriter takes nothing of an answer until told to leave.
type stuckWriter struct {
	*httptest.ResponseRecorder
	entered, leave chan bool
}

func (w *stuckWriter) Write(b []byte) (int, error) {
	select {
	case w.entered <- true:
	case <-w.leave:
	}
	<-w.leave
	return w.ResponseRecorder.Write(b)
}

// As many answers as may be made at once are not taken, and others are served.
func TestScrapesThatAreNotTaken(t *testing.T) {
	h := NewHandler(sourcesOf(full(time.Now())))
	scrape := func(w http.ResponseWriter) { h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil)) }
	entered, leave := make(chan bool), make(chan bool)
	var stuck sync.WaitGroup
	for range scrapesAtOnce {
		stuck.Go(func() { scrape(&stuckWriter{httptest.NewRecorder(), entered, leave}) })
		<-entered
	}
	w := httptest.NewRecorder()
	scrape(w)
	if w.Code != http.StatusOK {
		t.Errorf("status %d: %.100s", w.Code, w.Body)
	}
	close(leave)
	stuck.Wait()
}

// Of a hundred, as many as are allowed are served at a time, and all in the end.
func TestAHundredAtOnce(t *testing.T) {
	entered, leave := make(chan bool, 100), make(chan bool)
	s, err := Listen("0", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		entered <- true
		<-leave
		fmt.Fprintln(w, "ok")
	}))
	if err != nil {
		t.Fatal(err)
	}
	start(t, s)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			if status, _, err := try("GET", url(s)); status != 200 {
				t.Errorf("status %d, %v", status, err)
			}
		})
	}
	for range connections {
		<-entered
	}
	select {
	case <-entered:
		t.Error("one more than allowed is served")
	case <-time.After(100 * time.Millisecond): // nothing to poll for: it must not happen
	}
	close(leave)
	all.Wait()
}

func TestHugeHeader(t *testing.T) {
	for _, c := range []struct{ name, says, status string }{
		{"one long line", "X-Long: " + strings.Repeat("a", headerBytes+4096), "431"},
		{"many lines", strings.Repeat("X-Many: a\r\n", 2000), "431"},
		{"not too long", "X-Long: " + strings.Repeat("a", headerBytes-100), "200"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := serve(t, okHandler())
			conn := dial(t, s)
			go fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"+c.says+"\r\n\r\n")
			if got := refused(t, conn); !strings.HasPrefix(got, "HTTP/1.1 "+c.status) {
				t.Errorf("got %.60q, want status %s", got, c.status)
			}
		})
	}
}

func TestNonsense(t *testing.T) {
	h := NewHandler(sourcesOf(full(time.Now())))
	for _, says := range []string{
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", // TLS
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"GET /\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n", // no Host
		"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
		"\r\n\r\n\r\n",
		strings.Repeat("\x00", 100) + "\r\n\r\n",
	} {
		s, _ := serve(t, h)
		conn := dial(t, s)
		fmt.Fprint(conn, says)
		if got := refused(t, conn); strings.HasPrefix(got, "HTTP/1.1 200") {
			t.Errorf("%q: %q", says, got)
		}
		if status, _ := ask(t, "GET", url(s)); status != 200 {
			t.Errorf("afterwards: status %d", status)
		}
	}
}
