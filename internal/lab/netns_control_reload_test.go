// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNetnsControlReloadUnderLoad rewrites the file again and again while pages
// are fetched, and now and then breaks it.
func TestNetnsControlReloadUnderLoad(t *testing.T) {
	requireNetns(t, "nginx", "ab", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	file := filepath.Join(t.TempDir(), "cygnet.conf")
	writeFile(t, file, reloaded(0)...)
	startCygnet(t, w.balancer, append([]string{"-F", file}, penWeb()...)...)
	w.waitServed(t, 10*time.Second)

	load := w.startLoad(t, 40000)
	reloads := 0
	for ; !ended(load); reloads++ {
		writeFile(t, file, reloaded(reloads+1)...)
		w.balancer.tell(t, "reload")
		if got, want := strings.Count(w.balancer.tell(t, "acl 3"), "permit 10.77.1."), 1+(reloads+1)%5; got != want {
			t.Fatalf("reload %d: %d entries of the list, want %d", reloads, got, want)
		}
		if reloads%5 == 0 {
			w.breakFile(t, file)
		}
		select { // the pace of reloads
		case <-load.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
	if reloads < 20 {
		t.Errorf("%d reloads while pages were fetched, want 20", reloads)
	}
	noneFailed(t, load, 40000)
}

// reloaded is the n-th file: with another service or without, with more or
// fewer entries in a list, with other weights of a second service.
func reloaded(n int) []string {
	lines := []string{"service other listen 10.77.0.11:80", "service other weight",
		fmt.Sprintf("service other server 0 address 10.77.0.1 weight %d", 1+n%3),
		fmt.Sprintf("service other server 1 address 10.77.0.2 weight %d", 1+n%7)}
	for i := range 1 + n%5 {
		lines = append(lines, fmt.Sprintf("acl 3 permit 10.77.1.%d", i))
	}
	if n%2 == 1 {
		lines = append(lines, "service unrelated listen 10.77.0.12:81", "service unrelated server 0 address 10.77.0.1")
	}
	return lines
}

// breakFile reloads a file with one wrong line: that changes nothing, and the
// reply says where the line is, and shows it.
func (w *world) breakFile(t *testing.T, file string) {
	t.Helper()
	// An address is announced once it was asked for long enough, whatever else happens.
	services := func() string {
		return strings.ReplaceAll(uncounted(w.balancer.tell(t, "services")), " state asking ", " state announced ")
	}
	before := services()
	writeFile(t, file, "blacklist 77", "no acl 3", "server 0 weihgt 7", "no service other")
	reply := w.balancer.ask(t, "reload")
	want := "error: " + file + ":3: server 0 \"weihgt\": no such setting of a server\n  server 0 weihgt 7\nhint: did you mean weight?\n"
	if reply != want {
		t.Errorf("reload of a broken file: got %q, want %q", reply, want)
	}
	if after := services(); after != before || w.balancer.tell(t, "blacklist") != "30\n" {
		t.Errorf("a broken file changed something: got\n%swant\n%s", after, before)
	}
}

// startLoad has the client fetch so many small pages, twenty at a time.
func (w *world) startLoad(t *testing.T, requests int) *Process {
	t.Helper()
	return start(t, w.client.Command("ab", "-q", "-n", fmt.Sprint(requests), "-c", "20", "-s", "20", "http://"+vip+"/small"))
}

// noneFailed waits for startLoad's end and judges it.
func noneFailed(t *testing.T, load *Process, requests int) {
	t.Helper()
	eventually(t, 2*time.Minute, "the end of ab", func() bool { return ended(load) })
	for _, want := range []string{fmt.Sprintf("Complete requests:      %d\n", requests), "Failed requests:        0\n"} {
		if !strings.Contains(load.Stdout(), want) {
			t.Errorf("ab: no %q", want)
		}
	}
	if strings.Contains(load.Stdout(), "Non-2xx") {
		t.Error("ab: not all answers are 2xx")
	}
}
