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

// catches is what the tarpit caught since the dashboard looks: the newest
// hits, and how often each source, port and captured address came. Its memory
// is bounded, whoever sends what.
type catches struct {
	hits  []events.Event // the newest, oldest first; see newest
	total uint64         // hits seen
	lost  uint64         // that came too fast to be seen; counters have them
	next  uint64         // how far the ring is read
	begun bool           // it was read

	sources map[netip.Addr]caught
	ports   map[uint16]caught
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
	topKept  = 4096 // sources, ports and addresses each; beyond it the rarest half is forgotten
)

func newCatches() *catches {
	return &catches{sources: map[netip.Addr]caught{}, ports: map[uint16]caught{}, targets: map[netip.Addr]caught{}}
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
		note(c, c.sources, e.Source, e)
		note(c, c.ports, e.Port, e)
		note(c, c.targets, e.Addr, e)
	}
	got = got[max(len(got)-hitsKept, 0):]
	if len(c.hits)+len(got) > 2*hitsKept {
		c.hits = append(c.hits[:0], c.hits[max(len(c.hits)-hitsKept, 0):]...)
	}
	c.hits = append(c.hits, got...)
	return len(got) > 0
}

// note counts e in m, whose keys are bounded.
func note[K countable](c *catches, m map[K]caught, key K, e events.Event) {
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

// countable is what is counted by.
type countable interface{ netip.Addr | uint16 }

// shed forgets the rarer half.
func shed[K countable](m map[K]caught) {
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
	d.sources, d.ports, d.targets = maps.Clone(c.sources), maps.Clone(c.ports), maps.Clone(c.targets)
	return &d
}

// ranked is one of the top.
type ranked[K countable] struct {
	key K
	caught
}

// top returns those that came most, all of them if n is 0; of equals, those
// that came last. Few of many are found without putting all in order.
func top[K countable](m map[K]caught, n int) []ranked[K] {
	if n <= 0 || n >= len(m) {
		all := make([]ranked[K], 0, len(m))
		for k, s := range m {
			all = append(all, ranked[K]{k, s})
		}
		slices.SortFunc(all, compareRanks)
		return all
	}
	best := make([]ranked[K], 0, n+1)
	for k, s := range m {
		r := ranked[K]{k, s}
		if len(best) == n && compareRanks(best[n-1], r) < 0 {
			continue
		}
		i, _ := slices.BinarySearchFunc(best, r, compareRanks)
		best = slices.Insert(best, i, r)
		best = best[:min(len(best), n)]
	}
	return best
}

func compareRanks[K countable](a, b ranked[K]) int {
	if a.count != b.count {
		return cmp.Compare(b.count, a.count)
	}
	return cmp.Or(b.last.Compare(a.last), compareKeys(a.key, b.key))
}

func compareKeys[K countable](a, b K) int {
	switch x := any(a).(type) {
	case netip.Addr:
		return x.Compare(any(b).(netip.Addr))
	case uint16:
		return cmp.Compare(x, any(b).(uint16))
	}
	return 0
}
