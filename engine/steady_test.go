// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cygnet/internal/events"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// steady plays an operator, checks and clients against an engine, and remembers
// where each flow is.
type steady struct {
	e     *Engine
	cfg   Config
	where map[int]netip.Addr // by the client's port: the server of an open flow
	next  int                // the next port
}

// web is the only service.
func (s *steady) web() *Service { return &s.cfg.Services[0] }

// server finds a server of the configuration.
func (s *steady) server(a netip.Addr) *Server {
	i := slices.IndexFunc(s.web().Servers, func(v Server) bool { return v.Addr == a })
	if i < 0 {
		return nil
	}
	return &s.web().Servers[i]
}

// send sends a segment of the flow of that port and returns who got it; invalid is
// nobody.
func (s *steady) send(t *rapid.T, port int, flags string, seq int) netip.Addr {
	w := s.e.workers[0]
	b, err := wire.ParseText(fromClient + fmt.Sprintf("tcp 10.77.1.9:%d > 10.77.0.10:80 %s seq=%d", port, flags, seq))
	if err != nil {
		t.Fatal(err)
	}
	slot := w.set(b)
	if err := w.step(); err != nil {
		t.Fatal(err)
	}
	if !slot.Send {
		return netip.Addr{}
	}
	return netip.AddrFrom4([4]byte{10, 77, 0, wire.Ethernet(slot.Frame()).Dst()[5]})
}

// mayStay says whether an open flow of that server has to stay on it.
func (s *steady) mayStay(a netip.Addr) bool {
	v := s.server(a)
	if v == nil {
		return true // removed: it is drained first
	}
	h := s.e.table.Load().services[0].server(a).member
	return v.State != Disabled && v.State != Blacklisted && h.level.Load() != levelDown
}

// Whatever is changed — weights, states, servers that come and go, health that
// flaps, modes, numbers — an open flow stays on its server unless that was taken
// out or answers no more; then it moves to one that can serve.
func TestOpenFlowsStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &steady{where: map[int]netip.Addr{}, next: 1000}
		s.cfg = farm(4)
		for i := range s.web().Servers {
			s.web().Servers[i].Checked = true
		}
		s.cfg.Flows, s.cfg.Clients = 1024, 64
		s.e = New(s.cfg, Links{Workers: []Queue{idle{}}, Control: idle{}}, events.NewRing[events.Event](16), events.NewRing[events.Event](16))
		s.e.clock.Store(firstTick)
		s.resolve(t)
		for i := range s.web().Servers {
			s.e.SetHealth("web", s.web().Servers[i].Addr, Health{})
		}
		t.Repeat(map[string]func(*rapid.T){
			"flow begins": func(t *rapid.T) {
				port := s.next
				s.next++
				to := s.send(t, port, "S", 100)
				if !to.IsValid() {
					return
				}
				if v := s.server(to); v == nil || v.State != Enabled {
					t.Fatalf("a new flow is given to %v, which is %+v", to, v)
				}
				s.where[port] = to
				s.send(t, port, "A", 101)
			},
			"weight": func(t *rapid.T) {
				s.some(t).Weight = rapid.IntRange(0, 100).Draw(t, "weight")
				s.apply(t)
			},
			"state": func(t *rapid.T) {
				s.some(t).State = rapid.SampledFrom([]ServerState{Enabled, Draining, Blacklisted, Disabled}).Draw(t, "state")
				s.apply(t)
			},
			"mode": func(t *rapid.T) {
				s.web().Mode = rapid.SampledFrom([]sched.Mode{sched.Hash, sched.RoundRobin, sched.Prio, sched.LeastConn}).Draw(t, "mode")
				s.apply(t)
			},
			"numbers": func(t *rapid.T) {
				servers := s.web().Servers
				i, j := rapid.IntRange(0, len(servers)-1).Draw(t, "i"), rapid.IntRange(0, len(servers)-1).Draw(t, "j")
				servers[i].Number, servers[j].Number = servers[j].Number, servers[i].Number
				s.apply(t)
			},
			"remove": func(t *rapid.T) {
				if len(s.web().Servers) == 1 {
					t.Skip("the last one")
				}
				i := rapid.IntRange(0, len(s.web().Servers)-1).Draw(t, "i")
				s.web().Servers = slices.Delete(slices.Clone(s.web().Servers), i, i+1)
				s.apply(t)
			},
			"add": func(t *rapid.T) {
				a := netip.AddrFrom4([4]byte{10, 77, 0, byte(rapid.IntRange(1, 6).Draw(t, "server"))})
				if s.server(a) != nil {
					t.Skip("it is there")
				}
				s.web().Servers = append(slices.Clone(s.web().Servers), Server{Number: 10 + s.next, Addr: a, Checked: true})
				s.next++
				s.apply(t)
			},
			"health": func(t *rapid.T) {
				h := rapid.SampledFrom([]Health{{}, {State: HealthDown, Soft: true}, {State: HealthDown}}).Draw(t, "health")
				s.e.SetHealth("web", s.some(t).Addr, h)
			},
			"housekeeping": func(*rapid.T) {
				s.e.mu.Lock()
				s.e.settleFlows()
				s.e.mu.Unlock()
			},
			"": s.check,
		})
	})
}

// apply brings the configuration into force, and has its servers answer ARP.
func (s *steady) apply(t *rapid.T) {
	s.e.Apply(s.cfg)
	s.resolve(t)
}

func (s *steady) resolve(t *rapid.T) {
	now := s.e.clock.Load()
	s.e.neighbours.tick(now, func(uint16, []byte) {}) // asks for those that are new
	for _, v := range s.web().Servers {
		n := v.Addr.As4()[3]
		b, err := wire.ParseText(fmt.Sprintf("02:00:00:00:00:%02x > %s arp 10.77.0.%d is-at 02:00:00:00:00:%02x to 10.77.0.4", n, ourMAC, n, n))
		if err != nil {
			t.Fatal(err)
		}
		var f wire.Frame
		f.Parse(b)
		s.e.neighbours.learn(&f, now)
	}
}

func (s *steady) some(t *rapid.T) *Server {
	s.web().Servers = slices.Clone(s.web().Servers)
	return &s.web().Servers[rapid.IntRange(0, len(s.web().Servers)-1).Draw(t, "server")]
}

// check sends a segment of each open flow.
func (s *steady) check(t *rapid.T) {
	open := map[netip.Addr]int64{}
	for port, was := range s.where {
		stay := s.mayStay(was)
		to := s.send(t, port, "A", 101)
		switch {
		case stay && to != was:
			t.Fatalf("the flow of port %d was on %v and is given to %v", port, was, to)
		case to == was && !stay:
			t.Fatalf("the flow of port %d stays on %v, which was taken out", port, was)
		case !to.IsValid(): // nobody can serve it: it may come back as another's
			delete(s.where, port)
			continue
		}
		s.where[port] = to
		open[to]++
	}
	for _, svc := range s.e.table.Load().services {
		for _, srv := range svc.servers {
			if got := srv.member.open(); got < open[srv.cfg.Addr] {
				t.Fatalf("%v counts %d flows, but has %d", srv.cfg.Addr, got, open[srv.cfg.Addr])
			}
		}
	}
}
