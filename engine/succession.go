// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"slices"
)

// successors says which of the servers of before each of the servers of after
// goes on as: its index, or -1. One with the same address is the same server,
// whatever its number is now; of those left over on both sides, one with the same
// number and name is the same server with another address. One that left stays
// the one that left.
func successors(before, after []Server) []int {
	from, taken := make([]int, len(after)), make([]bool, len(before))
	if sameServers(before, after) { // as nearly always
		for i := range from {
			from[i] = i
		}
		return from
	}
	byAddr := make(map[netip.Addr]int, len(before))
	byNumber := make(map[int]int, len(before))
	for i, s := range before {
		byAddr[s.Addr] = i
		if s.State != Leaving {
			byNumber[s.Number] = i
		}
	}
	for i, s := range after {
		from[i] = -1
		if was, ok := byAddr[s.Addr]; ok {
			from[i], taken[was] = was, true
		}
	}
	for i, s := range after {
		if was, ok := byNumber[s.Number]; ok && from[i] < 0 && !taken[was] && s.State != Leaving && before[was].Name == s.Name {
			from[i], taken[was] = was, true
		}
	}
	return from
}

// withLeaving returns cfg with those servers and services of the last table that
// cfg lacks while they have flows: removed ones are drained first, unless cfg
// says that they are gone.
func (b *builder) withLeaving(cfg Config) Config {
	if b.last == nil {
		return cfg
	}
	var left []Service
	stays := make(map[string]*Service, len(cfg.Services))
	for i := range cfg.Services {
		stays[cfg.Services[i].Name] = &cfg.Services[i]
	}
	for _, was := range b.last.services {
		if s := stays[was.cfg.Name]; s != nil {
			s.Servers = append(s.Servers, was.leaving(s)...)
			continue
		}
		if s := was.cfg; !slices.Contains(cfg.Gone, s.Name) && was.open() > 0 && !cfg.clashes(s) {
			s.Leaving = true
			left = append(left, s)
		}
	}
	cfg.Services = append(cfg.Services, left...)
	return cfg
}

// sameServers says whether both have the same addresses, in one order.
func sameServers(a, b []Server) bool {
	return slices.EqualFunc(a, b, func(a, b Server) bool { return a.Addr == b.Addr })
}

// leaving lists the servers that next, the same service from now on, lacks and
// that have flows yet.
func (s *service) leaving(next *Service) (left []Server) {
	if s.emergency == nil && sameServers(s.cfg.Servers, next.Servers) {
		return nil
	}
	goesOn := make([]bool, len(s.servers))
	for _, was := range successors(s.cfg.Servers, next.Servers) {
		if was >= 0 {
			goesOn[was] = true
		}
	}
	for i, srv := range s.servers {
		if goesOn[i] || slices.Contains(next.Gone, srv.cfg.Number) || !srv.keepsFlows() || srv.member.open() == 0 {
			continue
		}
		left = append(left, srv.cfg)
	}
	if e := s.emergency; e != nil && (next.Emergency == nil || next.Emergency.Addr != e.cfg.Addr) && e.member.open() > 0 {
		left = append(left, e.cfg)
	}
	for i := range left {
		left[i].State = Leaving
	}
	return left
}

// open returns how many flows the service has.
func (s *service) open() (n int64) {
	for _, srv := range s.everyone() {
		n += srv.member.open()
	}
	return n
}

// clashes says whether s, which is in c no more, stands in the way of what is.
func (c Config) clashes(s Service) bool {
	return slices.Contains(c.Sources, Source{s.VIP, s.VLAN}) || slices.Contains(c.servers(s.VLAN), s.VIP) ||
		slices.ContainsFunc(c.Services, func(o Service) bool {
			return o.VLAN == s.VLAN && o.VIP == s.VIP && o.Port == s.Port && (o.Proto == s.Proto || o.Proto == 0 || s.Proto == 0)
		})
}

// generationInUse returns the lowest generation of a table that a worker uses.
func (e *Engine) generationInUse() uint64 {
	oldest := e.table.Load().generation
	for _, w := range e.workers {
		oldest = min(oldest, w.using.Load())
	}
	return oldest
}
