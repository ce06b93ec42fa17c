// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"testing"

	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// A number is given again when the last flow of its member is over and no worker
// uses a table with it, and not before.
func TestNumbersAreGivenAgain(t *testing.T) {
	r := newRegistry(2)
	first, service := r.member(), r.service()
	first.counts[1].open.Store(1)
	r.departed = append(r.departed, departure{generation: 5, service: service, members: []*member{first}})
	for _, step := range []struct {
		name   string
		flows  int64
		oldest uint64
		passes []uint64
		again  bool
	}{
		{"a flow is left", 1, 5, []uint64{3, 3}, false},
		{"a worker uses a table from before", 0, 4, []uint64{3, 3}, false},
		{"clients may be left", 0, 5, []uint64{3, 3}, false},
		{"one worker may have clients left", 0, 5, []uint64{9, 4}, false},
		{"nothing is in the way", 0, 5, []uint64{5, 5}, true},
	} {
		first.counts[1].open.Store(step.flows)
		r.reap(step.oldest, step.passes)
		if m, s := r.member(), r.service(); (m.id == first.id) != step.again || (s == service) != step.again {
			t.Errorf("%s: member %d and service %d, given again: want %v", step.name, m.id, s, step.again)
		}
	}
	if len(r.departed) != 0 {
		t.Error("what is free again is still taken for departed")
	}
}

// Servers that come and go do not make tables grow without end.
func TestNumbersDoNotRunAway(t *testing.T) {
	e := newFarm(t, farm(4))
	for i := range 50 {
		e.Apply(farm(1 + i%4))
		ask(t, e)
		e.workers[0].passes.Add(2)
		e.mu.Lock()
		for _, m := range e.builder.registry.members[1:] {
			if m != nil {
				m.counts[0].open.Store(0) // as if all flows were over
			}
		}
		e.settleFlows()
		e.mu.Unlock()
	}
	if n := len(e.builder.registry.members); n > 10 {
		t.Errorf("numbers up to %d for 4 servers", n-1)
	}
}

// Nothing is allocated for a new flow, however its server is chosen, whether there
// is room for it or not.
func TestNewFlowsAllocateNothing(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Service)
		flows  int
	}{
		{"hash", func(*Service) {}, 0},
		{"no room", func(*Service) {}, 4},
		{"leastconn", func(s *Service) { s.Mode = sched.LeastConn }, 0},
		{"tracking", func(s *Service) { s.Tracking = 1e9 }, 0},
		{"limits", func(s *Service) { s.Servers[0].Max, s.Servers[1].Hard = 10, 20 }, 0},
		{"stubborn", func(s *Service) { s.Stubborn = true }, 0},
		{"nobody can serve", func(s *Service) {
			for i := range s.Servers {
				s.Servers[i].State = Disabled
			}
		}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := farm(4)
			cfg.Flows = c.flows
			c.change(&cfg.Services[0])
			w := newFarm(t, cfg).workers[0]
			syns := make([][]byte, 200)
			for i := range syns {
				syns[i] = frame(t, fromClient+fmt.Sprintf("tcp 10.77.1.9:%d > 10.77.0.10:80 S", 1000+i))
			}
			i := 0
			allocs := testing.AllocsPerRun(len(syns)-2, func() {
				w.set(syns[i%len(syns)])
				_ = w.step()
				i++
			})
			if allocs != 0 {
				t.Errorf("%v allocations a frame, want 0", allocs)
			}
		})
	}
}

// A SYN that is sent again counts for the server that did not answer, also when the
// flow is given to another for it.
func TestRetriedSYNsAreOfTheServerThatWasSilent(t *testing.T) {
	cfg := farm(2)
	for i := range cfg.Services[0].Servers {
		cfg.Services[0].Servers[i].Checked = true
	}
	e := newFarm(t, cfg)
	servers := e.table.Load().services[0].servers
	for _, srv := range servers {
		e.SetHealth("web", srv.cfg.Addr, Health{})
	}
	syn := frame(t, fromClient+"tcp 10.77.1.9:1000 > 10.77.0.10:80 S seq=7")
	w := e.workers[0]
	send := func() byte {
		s := w.set(syn)
		_ = w.step()
		return wire.Ethernet(s.Frame()).Dst()[5]
	}
	first := servers[send()-1]
	send()
	e.SetHealth("web", first.cfg.Addr, Health{State: HealthDown, Soft: true})
	second := servers[send()-1]
	send()
	if a, b := first.member.retriedSYNs(), second.member.retriedSYNs(); first == second || a != 2 || b != 1 {
		t.Errorf("of the first %d, of the second %d; want 2 and 1, and two servers", a, b)
	}
}
