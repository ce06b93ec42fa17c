// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"testing"

	"cygnet/internal/sched"
)

// newSeveral is an engine with several workers, whose service "web" has two servers.
func newSeveral(t *testing.T, change func(*Service)) *Engine {
	t.Helper()
	cfg := testConfig()
	web := &cfg.Services[0]
	web.Servers = append(web.Servers, Server{Number: 1, Addr: netip.MustParseAddr("10.77.0.2")})
	change(web)
	e := newTestEngineOf(t, cfg, severalWorkers)
	learn(t, e.neighbours, "02:00:00:00:00:02 > "+ourMAC.String()+" arp 10.77.0.2 is-at 02:00:00:00:00:02 to 10.77.0.4", e.clock.Load())
	return e
}

// connect has a worker meet a client's SYN, and what follows if there is an answer, and
// says how the first ended.
func connect(t *testing.T, e *Engine, worker, client int) Reason {
	t.Helper()
	w := e.workers[worker]
	var before [reasons]uint64
	for r := range before {
		before[r] = w.count.reasons[r].now.Frames
	}
	say := func(segment string) {
		w.set(frame(t, fromClient+fmt.Sprintf("tcp 10.77.0.%d:4000 > 10.77.0.10:80 %s", client, segment)))
		if err := w.step(); err != nil {
			t.Fatal(err)
		}
	}
	var why Reason
	say("S")
	for r := range before {
		if w.count.reasons[r].now.Frames != before[r] {
			why = Reason(r)
		}
	}
	if why == Forwarded {
		say("A seq=1 ack=1")
	}
	return why
}

// TestSeveralWorkersKeepLimits: a server's flows are counted wherever they are.
func TestSeveralWorkersKeepLimits(t *testing.T) {
	e := newSeveral(t, func(s *Service) { s.Servers[0].Hard, s.Servers[1].Max = 3, 3 })
	for i := range 8 {
		want := Forwarded
		if i >= 6 {
			want = NoServer
		}
		if why := connect(t, e, i%severalWorkers, 20+i); why != want {
			t.Errorf("flow %d, on worker %d: %v, want %v", i, i%severalWorkers, why, want)
		}
	}
	e.publish()
	s := e.Snapshot()
	if web := s.Services[0]; web.Flows != 6 || web.Servers[0].Flows != 3 || web.Servers[1].Flows != 3 || web.Servers[0].Opened+web.Servers[1].Opened != 6 {
		t.Errorf("%d flows, of %+v", web.Flows, web.Servers)
	}
	if s.Flows.Open != 6 || s.Flows.Room != severalWorkers*defaultFlows {
		t.Errorf("%+v", s.Flows)
	}
	if s.In.Frames != 14 || s.Reasons[Forwarded].Frames != 12 || s.Services[0].Traffic.Frames != 12 {
		t.Errorf("%d frames in, %d forwarded, %d of the service", s.In.Frames, s.Reasons[Forwarded].Frames, s.Services[0].Traffic.Frames)
	}
}

// TestSeveralWorkersLeastConn: who has the fewest flows is so for all of them.
func TestSeveralWorkersLeastConn(t *testing.T) {
	e := newSeveral(t, func(s *Service) { s.Mode = sched.LeastConn })
	for i := range 40 {
		if why := connect(t, e, i%severalWorkers, 20+i); why != Forwarded {
			t.Fatalf("flow %d: %v", i, why)
		}
	}
	for _, srv := range e.table.Load().services[0].servers {
		if n := srv.member.open(); n != 20 {
			t.Errorf("%s has %d flows of 40, want half", srv.cfg.Addr, n)
		}
	}
}
