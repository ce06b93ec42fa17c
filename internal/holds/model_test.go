// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// model is the book as one would keep it who never forgets and sums up anew each
// time.
type model struct {
	began, now                  time.Time
	syns                        []caught
	conns                       []*caught
	escaped, backscatter, bytes uint64
}

// caught is a SYN, or a connection.
type caught struct {
	source, captured netip.AddrPort
	start            time.Time
	heard            []time.Time
	over             bool
}

func (c *caught) last() time.Time { return c.heard[len(c.heard)-1] }

func (c *caught) held(now time.Time) time.Duration {
	if c.over {
		now = c.last()
	}
	return now.Sub(c.start)
}

func (m *model) pass(now time.Time) {
	m.now = now
	for _, c := range m.conns {
		if now.Sub(c.last()) >= Idle {
			c.over = true
		}
	}
}

func (m *model) note(r Record) (news bool, held time.Duration) {
	one := caught{source: addrPort(r.Source, r.SourcePort), captured: addrPort(r.Captured, r.Port), start: m.now, heard: []time.Time{m.now}}
	switch r.Kind {
	case SYN:
		m.syns = append(m.syns, one)
		return false, 0
	case Backscatter:
		m.backscatter++
		return false, 0
	}
	i := slices.IndexFunc(m.conns, func(c *caught) bool { return !c.over && c.source == one.source && c.captured == one.captured })
	if i < 0 && !r.Proven {
		return false, 0
	}
	m.bytes += uint64(r.Bytes)
	if i < 0 {
		said := time.Duration(r.Held) * time.Millisecond
		if said >= 0 && said <= 24*24*time.Hour && (said <= Idle || m.now.Sub(m.began) <= Idle) {
			one.start = m.now.Add(-said)
		}
		m.conns = append(m.conns, &one)
		i, news = len(m.conns)-1, true
	} else {
		m.conns[i].heard = append(m.conns[i].heard, m.now)
	}
	c := m.conns[i]
	if r.Kind == Escaped {
		c.over, news = true, true
		m.escaped++
	}
	return news, c.held(m.now)
}

// tally sums up what those did of whom which is true.
func (m *model) tally(which func(*caught) bool) (t Tally) {
	var heard []time.Time
	for _, c := range m.syns {
		if which(&c) {
			t.SYNs++
			heard = append(heard, c.heard...)
		}
	}
	for _, c := range m.conns {
		if !which(c) {
			continue
		}
		t.Verified++
		t.Held += c.held(m.now)
		heard = append(heard, c.heard...)
		if !c.over {
			t.Now++
		}
	}
	t.First, t.Last = slices.MinFunc(heard, time.Time.Compare), slices.MaxFunc(heard, time.Time.Compare)
	return t
}

// by makes a list of tallies by a name.
func by[K comparable](m *model, name func(*caught) K) map[K]Tally {
	found := map[K]Tally{}
	add := func(c *caught) {
		k := name(c)
		found[k] = m.tally(func(other *caught) bool { return name(other) == k })
	}
	for _, c := range m.syns {
		add(&c)
	}
	for _, c := range m.conns {
		add(c)
	}
	return found
}

func (m *model) stats() *Stats {
	s := &Stats{Escaped: m.escaped, Backscatter: m.backscatter, Bytes: m.bytes, Verified: uint64(len(m.conns))}
	s.Unverified = uint64(max(len(m.syns)-len(m.conns), 0))
	var proven time.Duration
	for _, c := range m.conns {
		s.Total += c.held(m.now)
		proven += c.last().Sub(c.start)
		if !c.over {
			s.Now++
		}
		s.Longest = append(s.Longest, Hold{
			Source: c.source, Captured: c.captured, Country: country(c.source.Addr()), Held: c.held(m.now), Open: !c.over, Last: c.last(),
		})
	}
	s.Seconds = uint64(proven / time.Second)
	for a, t := range by(m, func(c *caught) netip.Addr { return c.source.Addr() }) {
		s.Sources = append(s.Sources, Source{a, country(a), t})
	}
	for p, t := range by(m, func(c *caught) netip.Prefix { return around(c.source.Addr()) }) {
		s.Networks = append(s.Networks, Network{p, t})
	}
	for p, t := range by(m, func(c *caught) uint16 { return c.captured.Port() }) {
		s.Ports = append(s.Ports, Port{p, t})
	}
	for code, t := range by(m, func(c *caught) string { return country(c.source.Addr()) }) {
		s.Countries = append(s.Countries, Country{code, t})
	}
	return s
}

func around(a netip.Addr) netip.Prefix {
	bits := 48
	if a.Is4() {
		bits = 24
	}
	p, _ := a.Prefix(bits)
	return p
}

// country is made up: what begins with 2 is in Sweden.
func country(a netip.Addr) string {
	if strings.HasPrefix(a.String(), "2") {
		return "SE"
	}
	return ""
}

func addrPort(a [16]byte, port uint16) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(a).Unmap(), port)
}

func TestTheBookAgreesWithAModel(t *testing.T) {
	sources := []string{"192.0.2.1", "192.0.2.2", "198.51.100.1", "2001:db8::1", "2001:db8:0:1::1", "2001:db8:1::1"}
	addr := func(s string) [16]byte { return netip.MustParseAddr(s).As16() }
	rapid.Check(t, func(t *rapid.T) {
		now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
		l, m := New(), &model{began: now}
		l.Tick(now)
		l.SetCountry(country)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now = now.Add(time.Duration(rapid.OneOf(rapid.IntRange(0, 5), rapid.IntRange(0, 150_000)).Draw(t, "ms")) * time.Millisecond)
			r := Record{
				Source: addr(rapid.SampledFrom(sources).Draw(t, "source")), Captured: addr("10.0.0.77"),
				SourcePort: rapid.SampledFrom([]uint16{4711, 4712}).Draw(t, "from"), Port: rapid.SampledFrom([]uint16{22, 80}).Draw(t, "port"),
				Kind: Kind(rapid.IntRange(0, int(kinds)-1).Draw(t, "kind")), Bytes: rapid.Uint32Range(0, 9).Draw(t, "bytes"),
				Held: rapid.OneOf(rapid.Int32(), rapid.Int32Range(0, 300_000)).Draw(t, "held"), Proven: rapid.IntRange(0, 3).Draw(t, "proven") > 0,
			}
			m.pass(now)
			l.Tick(now)
			wantNews, wantHeld := m.note(r)
			if news, held := l.Note(r, now); news != wantNews || held != wantHeld {
				t.Fatalf("%+v: Note returns %v, %v; want %v, %v", r, news, held, wantNews, wantHeld)
			}
			if rapid.Bool().Draw(t, "refresh") {
				l.Refresh()
				compare(t, l.Stats(now), m.stats())
			}
		}
	})
}

// compare compares all but the order of lists, which has its own test, and of the
// longest only how long they are where there are too many.
func compare(t *rapid.T, got, want *Stats) {
	slices.SortFunc(want.Longest, func(a, b Hold) int { return cmp.Compare(b.Held, a.Held) })
	for i, h := range got.Longest {
		if h.Held != want.Longest[i].Held || !slices.Contains(want.Longest, h) {
			t.Fatalf("longest hold %d is %+v, want one of %v", i, h, want.Longest)
		}
	}
	if len(got.Longest) != min(len(want.Longest), Rows) {
		t.Fatalf("%d longest holds of %d", len(got.Longest), len(want.Longest))
	}
	sorted := gocmp.Options{
		cmpopts.IgnoreFields(Stats{}, "Longest"),
		gocmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
		gocmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
		cmpopts.SortSlices(func(a, b Source) bool { return a.Addr.Less(b.Addr) }),
		cmpopts.SortSlices(func(a, b Network) bool { return a.Prefix.Addr().Less(b.Prefix.Addr()) }),
		cmpopts.SortSlices(func(a, b Port) bool { return a.Port < b.Port }),
		cmpopts.SortSlices(func(a, b Country) bool { return a.Code < b.Code }),
	}
	if diff := gocmp.Diff(want, got, sorted); diff != "" {
		t.Fatalf("(-model +book):\n%s", diff)
	}
}
