// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"slices"
	"time"

	"cygnet/internal/flow"
	"cygnet/internal/sched"
)

// service derives one service, with what is kept of it: numbers, counters and
// what was learned.
func (b *builder) service(cfg Service) *service {
	s := &service{
		cfg:      cfg,
		ports:    cfg.Mode.Ports(),
		fewest:   cfg.Mode == sched.LeastConn,
		clients:  b.list(cfg.Clients),
		idle:     idleOf(cfg.Idle),
		tracking: -1,
	}
	if cfg.Tracking >= 0 {
		s.tracking = min(cfg.Tracking+time.Millisecond-1, flow.MaxIdle).Milliseconds() // 0 is for ever
	}
	was := b.before(cfg.Name)
	if was != nil {
		s.id, s.standing, s.counts = was.id, was.standing, was.counts
	} else {
		s.id, s.standing, s.counts = b.registry.service(), new(standing), b.registry.counts()
	}
	b.addServers(s, was)
	s.usable = func(i int) bool { return s.servers[i].usable() }
	return s
}

// addServers derives the servers of s, which was another before, or nil.
func (b *builder) addServers(s, was *service) {
	var before []Server
	if was != nil {
		before = was.cfg.Servers
	}
	from := successors(before, s.cfg.Servers)
	var choices []sched.Server
	for i, c := range s.cfg.Servers {
		var old *server
		switch {
		case from[i] >= 0:
			old = was.servers[from[i]]
		case c.State == Leaving: // it was the emergency server
			old = was.emergencyServer()
		}
		srv := b.server(s, c, old)
		s.picky = s.picky || srv.clients != nil
		s.limited = s.limited || c.Max > 0 || c.Hard > 0
		s.servers = append(s.servers, srv)
	}
	// Those that leave come last, so that the plan's indices are theirs.
	slices.SortStableFunc(s.servers, func(a, c *server) int { return a.leaves() - c.leaves() })
	for i, srv := range s.servers {
		s.cfg.Servers[i] = srv.cfg
		if srv.leaves() == 0 {
			choices = append(choices, sched.Server{Addr: srv.cfg.Addr, Weight: srv.cfg.Weight, Prio: srv.cfg.Prio})
		}
	}
	s.plan = b.compiler.Later(s.cfg.Mode, choices)
	s.emergency, s.abuse = b.aside(s, s.cfg.Emergency, was.emergencyServer()), b.aside(s, s.cfg.Abuse, was.abuseServer())
}

// leaves returns 1 for a server that is leaving, and else 0.
func (s *server) leaves() int {
	if s.cfg.State == Leaving {
		return 1
	}
	return 0
}

// aside derives a server that is not among those that are chosen from.
func (b *builder) aside(s *service, c *Server, old *server) *server {
	if c == nil {
		return nil
	}
	one := *c
	one.Clients = s.cfg.Clients
	if old != nil && (old.cfg.Addr != c.Addr || old.service.cfg.VLAN != s.cfg.VLAN) {
		old = nil
	}
	return b.server(s, one, old)
}

func (s *service) emergencyServer() *server {
	if s == nil {
		return nil
	}
	return s.emergency
}

func (s *service) abuseServer() *server {
	if s == nil {
		return nil
	}
	return s.abuse
}

// server derives one server of s, which goes on from old, if that is not nil.
func (b *builder) server(s *service, c Server, old *server) *server {
	srv := &server{cfg: c, state: c.State, service: s, neighbour: b.neighbours.table(s.cfg.VLAN).Neighbour(c.Addr)}
	if c.Clients != s.cfg.Clients { // whom the service's list permits, the same list permits
		srv.clients = b.list(c.Clients)
	}
	if old != nil {
		srv.member = old.member
	} else {
		srv.member = b.registry.member()
		srv.member.pending.Store(b.last == nil)
		srv.member.emptyTold = b.last == nil // of what it had before this start, nobody knows
	}
	srv.id = srv.member.id
	another := old != nil && (old.cfg.Addr != c.Addr || old.service.cfg.VLAN != s.cfg.VLAN)
	srv.member.recheck(c.Checked, old != nil && old.cfg.Checked && !another, another || b.last != nil && old == nil)
	return srv
}

// recheck sets what holds until there is word from checks. A server without any
// is up; one that is added to a running engine, or has another address, waits for
// its first pass. One whose checks just begin was as good as up before.
func (m *member) recheck(checked, was, added bool) {
	switch {
	case !checked:
		m.level.Store(levelUp)
		m.health.Store(&Health{})
	case was:
	case added:
		m.level.Store(levelNew)
		m.health.Store(&Health{State: HealthUnchecked})
	case m.health.Load() == nil:
		m.health.Store(&Health{State: HealthUnchecked})
	}
}

// depart notes what the last table had and t has not.
func (b *builder) depart(t *table) {
	for _, s := range t.services {
		s.here = t.generation
		for _, srv := range s.everyone() {
			srv.member.here = t.generation
		}
	}
	if b.last == nil {
		return
	}
	for _, s := range b.last.services {
		d := departure{generation: t.generation}
		if s.here != t.generation {
			d.service = s.id
		}
		for _, srv := range s.everyone() {
			if srv.member.here != t.generation {
				d.members = append(d.members, srv.member)
			}
		}
		if d.service != 0 || d.members != nil {
			b.registry.departed = append(b.registry.departed, d)
		}
	}
}

// wideFrom is from how many servers a table is wide: these take some 200 bytes each, and
// the caches that are no more than 15 cycles away half a megabyte, for all there is.
const wideFrom = 256

// index enters services and servers by the numbers that flow tables use, and by
// what else they are looked for by.
func (t *table) index(r *registry, workers int) {
	t.counts = make([]workersCounts, workers)
	for w := range t.counts {
		c := &t.counts[w]
		c.members, c.services = make([]*counts, len(r.members)), make([]*counts, r.services)
		for id, m := range r.members {
			if m != nil {
				c.members[id] = m.counts[w]
			}
		}
		for _, s := range t.services {
			c.services[s.id] = s.counts[w]
		}
	}
	t.servers = make([]*server, len(r.members))
	t.byID = make([]*service, r.services)
	t.wide = len(t.servers) >= wideFrom
	t.byName = make(map[string]*service, len(t.services))
	t.byAddr = make(map[segmentAddr][]*server, len(t.services))
	t.keep, t.idles = make([]bool, len(t.servers)), make([]flow.Idle, len(t.byID))
	for _, s := range t.services {
		t.idles[s.id] = s.idle
		t.byID[s.id], t.byName[s.cfg.Name] = s, s
		for _, srv := range s.everyone() {
			t.servers[srv.id], t.keep[srv.id] = srv, srv.keepsFlows()
			at := segmentAddr{s.cfg.VLAN, srv.cfg.Addr}
			t.byAddr[at] = append(t.byAddr[at], srv)
		}
	}
}

// The idle times of a service that has none of its own: package config has the
// same.
const (
	defaultOpening     = 3 * time.Second
	defaultEstablished = 15 * time.Minute
	defaultClosing     = 30 * time.Second
	defaultUDP         = 2 * time.Minute
)

func idleOf(i Idle) flow.Idle {
	ms := func(d, otherwise time.Duration) uint32 {
		if d <= 0 {
			d = otherwise
		}
		return uint32(min(d, flow.MaxIdle).Milliseconds())
	}
	return flow.Idle{
		Opening:     ms(i.Opening, defaultOpening),
		Established: ms(i.Established, defaultEstablished),
		Closing:     ms(i.Closing, defaultClosing),
		UDP:         ms(i.UDP, defaultUDP),
	}
}

// server returns the server with this address; nil if there is none.
func (s *service) server(a netip.Addr) *server {
	for _, srv := range s.everyone() {
		if srv.cfg.Addr == a {
			return srv
		}
	}
	return nil
}
