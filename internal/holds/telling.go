// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

import (
	"bytes"
	"cmp"
	"iter"
	"net/netip"
	"slices"
	"sort"
	"strings"
	"time"
)

// listsEvery is how often the lists of Stats are made at most, in milliseconds:
// all that is known is looked through for them.
const listsEvery = 1000

// told is what was told last, and when.
type told struct {
	stats            *Stats
	at, listsAt      int64
	changes, listsOf uint64 // the changes that were known
}

// overHold is a connection that is over. When it was last heard of stands in
// milliseconds, as everywhere here.
type overHold struct {
	Hold
	last int64
}

// Refresh has the next Stats make its lists anew, however new they are.
func (l *Ledger) Refresh() { l.told = told{} }

// Stats returns the book as it is now, its lists at most a second older; the same
// value as long as nothing changed. Held times change while somebody is held.
func (l *Ledger) Stats(now time.Time) *Stats {
	l.setTime(now)
	t := &l.told
	if t.stats != nil && t.changes == l.changes && (t.listsOf == l.changes || l.at-t.listsAt < listsEvery) && (l.now == 0 || t.at == l.at) {
		return t.stats
	}
	s := &Stats{
		Now: uint64(l.now), Total: span(l.held(l.at)), Seconds: uint64(max(l.counts.ended+l.lasts-l.starts, 0)) / 1000,
		Verified: l.verified, Unverified: l.syns - min(l.syns, l.verified),
		Escaped: l.escaped, Backscatter: l.backscatter, Bytes: l.bytes,
	}
	switch due := l.at-t.listsAt >= listsEvery && (l.now > 0 || t.listsOf != l.changes); {
	case t.stats == nil || due:
		l.list(s, now)
		t.listsAt, t.listsOf = l.at, l.changes
	default:
		s.Sources, s.Networks, s.Ports, s.Countries, s.Longest = t.stats.Sources, t.stats.Networks, t.stats.Ports, t.stats.Countries, t.stats.Longest
	}
	t.stats, t.at, t.changes = s, l.at, l.changes
	return s
}

// list makes the lists of s.
func (l *Ledger) list(s *Stats, now time.Time) {
	for _, e := range top(l.sources.all, func(a, b *entry[[16]byte]) int {
		return cmp.Or(byCatches(&a.counts, &b.counts), bytes.Compare(a.key[:], b.key[:]))
	}) {
		one := Source{Addr: netip.AddrFrom16(e.key).Unmap(), Tally: e.tally(l.at, now)}
		if e.place != nil {
			one.Country = e.place.key
		}
		s.Sources = append(s.Sources, one)
	}
	for _, e := range top(l.networks.all, func(a, b *entry[[16]byte]) int {
		return cmp.Or(byCatches(&a.counts, &b.counts), bytes.Compare(a.key[:], b.key[:]))
	}) {
		s.Networks = append(s.Networks, Network{Prefix: prefixOf(e.key), Tally: e.tally(l.at, now)})
	}
	for _, e := range top(l.countries.all, func(a, b *entry[string]) int {
		return cmp.Or(byCatches(&a.counts, &b.counts), strings.Compare(a.key, b.key))
	}) {
		s.Countries = append(s.Countries, Country{Code: e.key, Tally: e.tally(l.at, now)})
	}
	for _, p := range top(l.ports.all, func(a, b portCounts) int {
		return cmp.Or(cmp.Compare(b.syns, a.syns), cmp.Compare(b.verified, a.verified), cmp.Compare(a.port, b.port))
	}) {
		s.Ports = append(s.Ports, Port{Port: p.port, Tally: p.tally(l.at, now)})
	}
	s.Longest = l.longest(now)
}

// byCatches has who was caught more come first.
func byCatches(a, b *counts) int {
	return cmp.Or(cmp.Compare(b.verified, a.verified), cmp.Compare(b.syns, a.syns))
}

// longest makes the list of the longest holds, over or not.
func (l *Ledger) longest(now time.Time) (holds []Hold) {
	for _, o := range l.over {
		o.Last = now.Add(span(o.last - l.at))
		holds = append(holds, o.Hold)
	}
	for _, c := range top(l.byAge.all, func(a, b *connection) int { return cmp.Compare(a.start, b.start) }) {
		one := c.hold(l.at)
		one.Open, one.Last = true, now.Add(span(c.last-l.at))
		holds = append(holds, one)
	}
	slices.SortStableFunc(holds, func(a, b Hold) int { return cmp.Compare(b.Held, a.Held) })
	return holds[:min(len(holds), Rows)]
}

// remember keeps a connection that is over, if few were held longer.
func (l *Ledger) remember(c *connection) {
	one := overHold{c.hold(c.last), c.last}
	at := sort.Search(len(l.over), func(i int) bool { return l.over[i].Held < one.Held })
	if at == Rows {
		return
	}
	if len(l.over) == Rows {
		l.over = l.over[:Rows-1]
	}
	l.over = slices.Insert(l.over, at, one)
}

// hold is what is told of a connection that was held until then.
func (c *connection) hold(until int64) Hold {
	h := Hold{
		Source:   netip.AddrPortFrom(netip.AddrFrom16(c.key.client).Unmap(), c.key.from),
		Captured: netip.AddrPortFrom(netip.AddrFrom16(c.key.captured).Unmap(), c.key.port),
		Held:     span(until - c.start),
	}
	if c.country != nil {
		h.Country = c.country.key
	}
	return h
}

// prefixOf is what network cut an address to.
func prefixOf(a [16]byte) netip.Prefix {
	addr := netip.AddrFrom16(a)
	if addr.Is4In6() {
		return netip.PrefixFrom(addr.Unmap(), 24)
	}
	return netip.PrefixFrom(addr, 48)
}

// top returns the Rows members of all that come first, in order.
func top[T any](all iter.Seq[T], order func(a, b T) int) (first []T) {
	for one := range all {
		if len(first) == Rows {
			if order(one, first[Rows-1]) >= 0 {
				continue
			}
			first = first[:Rows-1]
		}
		at, _ := slices.BinarySearchFunc(first, one, order)
		first = slices.Insert(first, at, one)
	}
	return first
}
