// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package hook

import (
	"net/netip"
	"time"
)

// recent remembers for whom the program was run of late. The zero value remembers
// nobody. Times must not run backwards.
type recent struct {
	known map[netip.Addr]bool
	order []told // the longest ago first
}

// told is for whom the program was run, and when.
type told struct {
	addr netip.Addr
	at   time.Time
}

// due says whether it is time for a. Of IPv6 a whole /64 counts as one: a host in it
// has as many addresses as it likes (RFC 4291 section 2.5.4).
func (r *recent) due(a netip.Addr, now time.Time) bool {
	for len(r.order) > 0 && now.Sub(r.order[0].at) >= every {
		r.forget()
	}
	return !r.known[sourceOf(a)]
}

// full says whether there is no room for another: then nobody new has his turn, so
// that nobody has it twice.
func (r *recent) full() bool { return len(r.order) == sources }

// add remembers a, who is due, where there is room.
func (r *recent) add(a netip.Addr, now time.Time) {
	a = sourceOf(a)
	if r.known == nil {
		r.known = map[netip.Addr]bool{}
	}
	r.known[a] = true
	r.order = append(r.order, told{a, now})
}

func sourceOf(a netip.Addr) netip.Addr {
	if a.Is4() {
		return a
	}
	p, _ := a.Prefix(64) // which every IPv6 address has
	return p.Addr()
}

func (r *recent) forget() {
	delete(r.known, r.order[0].addr)
	r.order = r.order[1:]
}
