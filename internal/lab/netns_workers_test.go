// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"cygnet/engine"
)

// manyClients is how many addresses the client has in the tests with several workers.
const manyClients = 64

// addClients gives the client its addresses.
func (w *world) addClients(t *testing.T) (addrs []string) {
	t.Helper()
	for i := range manyClients {
		a := fmt.Sprintf("10.77.0.%d", 128+i)
		if err := w.client.AddAddr(NIC, netip.MustParsePrefix(a+"/24")); err != nil {
			t.Fatal(err)
		}
		addrs = append(addrs, a)
	}
	return addrs
}

// TestNetnsWorkers has three workers, pinned, serve many clients, also after the
// interface went and came back; each does its part, and what they count adds up.
func TestNetnsWorkers(t *testing.T) {
	requireNetns(t, "nginx", "ab", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	clients := w.addClients(t)
	p := startCygnet(t, w.balancer, append([]string{"--workers", "3", "-O", "pin on"}, penWeb()...)...)
	w.waitServed(t, 5*time.Second)

	pinned := pinnedThreads(t, p)
	if len(pinned) != 3 {
		t.Fatalf("%d threads are pinned, want 3", len(pinned))
	}
	everyone := func() {
		t.Helper()
		before := map[string]string{}
		for _, thread := range pinned {
			before[thread] = onCPU(t, p, thread)
		}
		for _, c := range clients {
			if got := curl(t, w.client, "http://"+vip+"/who", "--interface", c); !strings.HasSuffix(got, " "+c+"\n") {
				t.Fatalf("%s got %q", c, got)
			}
		}
		for _, thread := range pinned {
			if onCPU(t, p, thread) == before[thread] {
				t.Errorf("the worker of thread %s did nothing", thread)
			}
		}
	}
	everyone()
	ab(t, w.client, 5000, "http://"+vip+"/small")
	w.addsUp(t)

	if err := w.balancer.DeleteNIC(); err != nil {
		t.Fatal(err)
	}
	waitSays(t, p, 5*time.Second, "interface vanished")
	if err := w.balancer.AddNIC(nil); err != nil {
		t.Fatal(err)
	}
	waitSays(t, p, 10*time.Second, "interface returned")
	w.waitWhole(t, 15*time.Second, "s1")
	everyone()

	if err := p.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.Done():
	case <-time.After(5 * time.Second):
		t.Fatal("it does not end")
	}
	if err := p.Wait(); err != nil {
		t.Errorf("it ended with %v:\n%s", err, p.Output())
	}
}

// addsUp compares what the balancer's snapshot says of one and the same.
func (w *world) addsUp(t *testing.T) {
	t.Helper()
	var s engine.Snapshot
	eventually(t, 5*time.Second, "that every flow is over", func() bool {
		s = w.snapshot(t)
		return s.Flows.Open == s.Flows.Closing
	})
	var ended, served, given uint64
	for _, r := range s.Reasons {
		ended += r.Frames
	}
	for _, svc := range s.Services {
		for _, srv := range svc.Servers {
			served, given = served+srv.Traffic.Frames, given+srv.Opened
		}
	}
	if ended != s.In.Frames {
		t.Errorf("%d frames received, and %d ended", s.In.Frames, ended)
	}
	if forwarded := s.Reasons[engine.Forwarded].Frames; served != forwarded {
		t.Errorf("%d frames forwarded, and the servers got %d", forwarded, served)
	}
	if asked := uint64(5000 + manyClients); given < asked || given < s.Flows.Added || s.Flows.Added < asked/2 { // a port is used again
		t.Errorf("%d flows given to servers, %d added, want %d at least", given, s.Flows.Added, asked)
	}
	if room := uint64(3 * 65536); s.Flows.Room != room {
		t.Errorf("room for %d flows, want %d", s.Flows.Room, room)
	}
}

// pinnedThreads are the threads of a process that may run on one CPU alone.
func pinnedThreads(t *testing.T, p *Process) (ids []string) {
	t.Helper()
	for _, status := range threadStatus(t, p) {
		if !strings.ContainsAny(status["Cpus_allowed_list"], "-,") {
			ids = append(ids, status["Pid"])
		}
	}
	return ids
}

// onCPU is how long a thread has run, and how often: proc(5), schedstat.
func onCPU(t *testing.T, p *Process, thread string) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/schedstat", p.Cmd.Process.Pid, thread))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
