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

// due says whether it is time for a.
func (r *recent) due(a netip.Addr, now time.Time) bool {
	for len(r.order) > 0 && now.Sub(r.order[0].at) >= every {
		r.forget()
	}
	return !r.known[a]
}

// add remembers a, who is due, and forgets another one where there are too many.
func (r *recent) add(a netip.Addr, now time.Time) {
	if r.known == nil {
		r.known = map[netip.Addr]bool{}
	}
	if len(r.order) == sources {
		r.forget()
	}
	r.known[a] = true
	r.order = append(r.order, told{a, now})
}

func (r *recent) forget() {
	delete(r.known, r.order[0].addr)
	r.order = r.order[1:]
}
