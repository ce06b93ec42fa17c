// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"time"

	"cygnet/internal/events"
)

// catches is the stream of what came to the tarpit since the dashboard looks: its
// newest events, and how often each source and captured address was in a hit.
// The balancer's own book, in its snapshots, knows more of sources and ports; of
// captured addresses only this does. Its memory is bounded, whoever sends what.
type catches struct {
	hits  []events.Event // the newest of every kind, oldest first; see newest
	total uint64         // events seen
	lost  uint64         // that came too fast to be seen; counters have them
	next  uint64         // how far the ring is read
	begun bool           // it was read

	sources map[netip.Addr]caught
	targets map[netip.Addr]caught
	shed    bool // rare ones were forgotten, so counts are lower bounds
}

// caught is how often, and when last, something came.
type caught struct {
	count       uint64
	first, last time.Time
	port        uint16 // the last one
	target      netip.Addr
	ports       [portsTold]uint16 // the first different ones
	different   uint8             // how many of these there are; portsTold is that many, or more
}

// portsTold is how many different ports are told apart: 8 are a scan, and 80 no
// more so.
const portsTold = 8

const (
	hitsKept = 2000
	topKept  = 4096 // sources and addresses each; beyond it the rarest half is forgotten
)

func newCatches() *catches {
	return &catches{sources: map[netip.Addr]caught{}, targets: map[netip.Addr]caught{}}
}

// drain takes in what is new and reports whether anything was.
func (c *catches) drain(ring *events.Ring[events.Event]) bool {
	got, next, lost := ring.Since(c.next)
	if !c.begun {
		lost = 0 // what was forgotten before we looked was not lost to us
	}
	c.begun = true
	c.next, c.lost, c.total = next, c.lost+lost, c.total+uint64(len(got))
	for _, e := range got {
		if e.Kind == events.TarpitHit { // what follows it is of the same connection
			c.note(c.sources, e.Source, e)
			c.note(c.targets, e.Addr, e)
		}
	}
	got = got[max(len(got)-hitsKept, 0):]
	if len(c.hits)+len(got) > 2*hitsKept {
		c.hits = append(c.hits[:0], c.hits[max(len(c.hits)-hitsKept, 0):]...)
	}
	c.hits = append(c.hits, got...)
	return len(got) > 0
}

// note counts e in m, whose keys are bounded.
func (c *catches) note(m map[netip.Addr]caught, key netip.Addr, e events.Event) {
	s, known := m[key]
	if !known {
		if len(m) >= topKept {
			shed(m)
			c.shed = true
		}
		s.first = e.Time
	}
	s.count++
	s.last, s.port, s.target = e.Time, e.Port, e.Addr
	if int(s.different) < portsTold && !slices.Contains(s.ports[:s.different], e.Port) {
		s.ports[s.different] = e.Port
		s.different++
	}
	m[key] = s
}

// shed forgets the rarer half.
func shed(m map[netip.Addr]caught) {
	counts := make([]uint64, 0, len(m))
	for _, s := range m {
		counts = append(counts, s.count)
	}
	slices.Sort(counts)
	most, surplus := counts[len(counts)/2], len(m)/2
	for k, s := range m {
		if s.count <= most && surplus > 0 {
			delete(m, k)
			surplus--
		}
	}
}

// newest returns the newest hits, oldest first.
func (c *catches) newest() []events.Event { return c.hits[max(len(c.hits)-hitsKept, 0):] }

// clone returns a copy that stays as it is.
func (c *catches) clone() *catches {
	d := *c
	d.hits = slices.Clone(c.newest())
	d.sources, d.targets = maps.Clone(c.sources), maps.Clone(c.targets)
	return &d
}

// ranked is one of those that came.
type ranked struct {
	key netip.Addr
	caught
}

// ranks returns all, those that came most first; of equals, those that came last.
func ranks(m map[netip.Addr]caught) []ranked {
	all := make([]ranked, 0, len(m))
	for k, s := range m {
		all = append(all, ranked{k, s})
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.count, a.count), b.last.Compare(a.last), a.key.Compare(b.key))
	})
	return all
}
