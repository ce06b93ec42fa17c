// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"

	"cygnet/internal/capture"
	"cygnet/internal/events"
	"cygnet/internal/holds"
)

// The worker and the housekeeper meet in the ring without a lock; the race
// detector looks on.
func TestCatchesArriveInOrder(t *testing.T) {
	const hits = 3 * catchRoom
	c, next, lost := new(catches), 0, 0
	check := func(hit *holds.Record) {
		got := int(hit.Source[0])<<16 | int(hit.Source[1])<<8 | int(hit.Source[2])
		if got < next {
			t.Fatalf("hit %d after %d", got, next-1)
		}
		lost += got - next
		next = got + 1
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range hits {
			if r := c.next(true); r != nil {
				r.Source = [16]byte{byte(i >> 16), byte(i >> 8), byte(i)}
				c.commit()
			}
		}
	})
	for c.written.Load() < catchRoom {
		c.drain(check)
	}
	wg.Wait()
	c.drain(check)
	lost += hits - next
	if got := int(c.lost.Load()); got != lost {
		t.Errorf("%d hits lost, counted are %d", lost, got)
	}
}

func TestHitsThatNobodyDrainsAreLost(t *testing.T) {
	e := newTestEngine(t, testConfig())
	w := e.workers[0]
	syn := frame(t, fromClient+"tcp 10.77.0.9:1234 > 10.77.0.66:22 S")
	for range catchRoom/2 + 3 {
		w.set(syn)
		_ = w.step()
	}
	if allocs := testing.AllocsPerRun(6, func() { w.set(syn); _ = w.step() }); allocs != 0 {
		t.Errorf("%v allocations a lost hit, want 0", allocs)
	}
	e.publish()
	s := e.Snapshot()
	want := TarpitSnapshot{Policy: capture.Immediate, List: "tarpit", Addresses: 64 + 256, HitsLost: 10, Capture: s.Tarpit.Capture, Holds: s.Tarpit.Holds}
	if s.Tarpit != want || s.TarpitHits() != catchRoom/2+10 {
		t.Errorf("%+v, %d hits; want %+v, %d hits", s.Tarpit, s.TarpitHits(), want, catchRoom/2+10)
	}
	if hits := s.Lists[0].Hits[0]; hits != catchRoom/2+10 {
		t.Errorf("the rule counts %d hits", hits)
	}
	e.book.enter()
	w.set(syn)
	_ = w.step()
	e.publish()
	if lost := e.Snapshot().Tarpit.HitsLost; lost != 10 {
		t.Errorf("%d lost after the ring was drained, want 10", lost)
	}
}

// Each SYN that is answered is an event and counts for the rule that captures
// its destination; what is not answered is and does neither.
func TestHitsAreEvents(t *testing.T) {
	cfg := testConfig()
	tarpit := newList("tarpit", "permit 10.77.0.66/32", "permit 10.77.0.64/26")
	cfg.Lists, cfg.Tarpit.List = []*List{tarpit}, tarpit
	e := newTestEngine(t, cfg)
	w := e.workers[0]
	for _, text := range []string{"66:22 S", "66:22 A", "67:80 S", "67:443 S"} {
		w.set(frame(t, fromClient+"tcp 10.77.0.9:1234 > 10.77.0."+text))
		_ = w.step()
	}
	e.book.enter()
	e.publish()
	hits, _, _ := e.hits.Since(0)
	want := []events.Event{
		{Kind: events.TarpitHit, Source: netip.MustParseAddr("10.77.0.9"), Addr: netip.MustParseAddr("10.77.0.66"), Port: 22, From: 1234},
		{Kind: events.TarpitHit, Source: netip.MustParseAddr("10.77.0.9"), Addr: netip.MustParseAddr("10.77.0.67"), Port: 80, From: 1234},
		{Kind: events.TarpitHit, Source: netip.MustParseAddr("10.77.0.9"), Addr: netip.MustParseAddr("10.77.0.67"), Port: 443, From: 1234},
	}
	if got := fmt.Sprint(hits); got != fmt.Sprint(want) {
		t.Errorf("hits %s, want %v", got, want)
	}
	if l := e.Snapshot().Lists[0]; fmt.Sprint(l.Hits, l.Misses) != "[1 2] 0" {
		t.Errorf("rules count %v, the default %d; want [1 2], 0", l.Hits, l.Misses)
	}
}

func TestCountOfAddresses(t *testing.T) {
	for prefixes, want := range map[string]uint64{
		"":                          0,
		"10.0.0.0/8 192.0.2.1/32":   1<<24 + 1,
		"0.0.0.0/0":                 1 << 32,
		"fd77::/65 fd78::/65":       1<<64 - 1,
		"fd77::/64":                 1<<64 - 1,
		"fd77::/66 10.77.0.64/26":   1<<62 + 64,
		"::/0 10.77.0.64/26":        1<<64 - 1,
		"fd77::/65 fd77:0:0:1::/65": 1<<64 - 1,
	} {
		if got := count(parsePrefixes(prefixes)); got != want {
			t.Errorf("%s: %d addresses, want %d", prefixes, got, want)
		}
	}
}

func parsePrefixes(s string) (ps []netip.Prefix) {
	for f := range strings.FieldsSeq(s) {
		ps = append(ps, netip.MustParsePrefix(f))
	}
	return ps
}
