// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/events"
	"cygnet/internal/holds"
)

// shelf is a book whose records a test writes itself, at times of its choice.
type shelf struct {
	*Engine
	now        time.Time
	read, seen uint64 // of hits, of events
}

func newShelf(t *testing.T, cfg Config) *shelf {
	s := &shelf{Engine: newTestEngine(t, cfg), now: time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)}
	s.enterAt(0)
	s.read, s.seen = s.hits.End(), s.Engine.events.End()
	return s
}

// catch notes what a worker would.
func (s *shelf) catch(kind holds.Kind, from uint16) {
	*s.workers[0].catches.next(true) = holds.Record{
		Source: netip.MustParseAddr("192.0.2.9").As16(), Captured: netip.MustParseAddr("10.77.0.66").As16(),
		SourcePort: from, Port: 22, Kind: kind, Held: -1, Proven: kind != holds.SYN && kind != holds.Backscatter,
	}
	s.workers[0].catches.commit()
}

// enterAt enters after so long.
func (s *shelf) enterAt(later time.Duration) {
	s.now = s.now.Add(later)
	s.Engine.now = s.now
	s.book.enter()
}

// told returns the hits and the events since it was called last.
func (s *shelf) told() (hits, changes []events.Event) {
	hits, s.read, _ = s.hits.Since(s.read)
	changes, s.seen, _ = s.Engine.events.Since(s.seen)
	return hits, changes
}

func TestTheBookTellsOfAClientOnce(t *testing.T) {
	s := newShelf(t, testConfig())
	for _, kind := range []holds.Kind{holds.SYN, holds.SYN, holds.Handshake, holds.Data, holds.Probe} {
		s.catch(kind, 4711)
	}
	s.enterAt(time.Second)
	s.catch(holds.Escaped, 4711)
	s.enterAt(time.Minute)
	one := events.Event{
		Kind: events.TarpitHit, Time: s.now.Add(-time.Minute), Addr: netip.MustParseAddr("10.77.0.66"), Source: netip.MustParseAddr("192.0.2.9"), From: 4711, Port: 22,
	}
	want := []events.Event{one, one, one, one}
	want[2].Kind = events.TarpitVerified
	want[3].Kind, want[3].Time, want[3].Held = events.TarpitEscaped, s.now, time.Minute
	hits, changes := s.told()
	if diff := cmp.Diff(want, hits, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" || len(changes) > 0 {
		t.Errorf("(-want +got):\n%s\nand %v", diff, changes)
	}
	s.publish()
	if h := s.Snapshot().Tarpit.Holds; h.Verified != 1 || h.Escaped != 1 || h.Total != time.Minute {
		t.Errorf("the snapshot has %+v", h)
	}
}

func TestWhatIsLimitedIsToldNowAndThen(t *testing.T) {
	s := newShelf(t, testConfig())
	s.refuse(3)
	s.enterAt(time.Second)
	s.refuse(4)
	s.enterAt(limitedEvery - 1)
	s.enterAt(1)
	s.enterAt(time.Hour)
	_, changes := s.told()
	want := []string{
		"TCP segments not answered: 3, so far: more than `tarpit_limit` allows",
		"TCP segments not answered: 4, in 10s: more than `tarpit_limit` allows",
	}
	if len(changes) != 2 || changes[0].Text != want[0] || changes[1].Text != want[1] || changes[0].Kind != events.TarpitLimited || changes[1].Time != s.now.Add(-time.Hour) {
		t.Errorf("%+v\nwant %q", changes, want)
	}
	words := limited{segments: 1, replies: 2, questions: 3}.since(limited{})
	if want := "TCP segments not answered: 1, ARP and ND questions not answered: 2, addresses not asked for yet: 3, so far"; !strings.HasPrefix(words, want) {
		t.Errorf("%q, want %q", words, want)
	}
}

// refuse counts segments over a limit.
func (s *shelf) refuse(n int) {
	w := s.workers[0]
	w.count.add(&w.count.reasons[CapturedLimited], uint64(n), uint64(60*n))
	w.count.publish()
}

func TestBackscatterIsToldNowAndThen(t *testing.T) {
	s := newShelf(t, testConfig())
	s.catch(holds.Backscatter, 80)
	s.enterAt(time.Second)
	for range 5 {
		s.catch(holds.Backscatter, 80)
	}
	s.enterAt(backscatterEvery - 1)
	s.enterAt(1)
	s.enterAt(time.Hour)
	hits, changes := s.told()
	if len(hits) != 0 || len(changes) != 2 || !strings.Contains(changes[0].Text, ": 1,") || !strings.Contains(changes[1].Text, ": 5,") {
		t.Fatalf("%+v, %+v; want two events of backscatter", hits, changes)
	}
	if c := changes[1]; c.Kind != events.TarpitBackscatter || c.Time != s.now.Add(-time.Hour) || c.Source != netip.MustParseAddr("192.0.2.9") || c.Addr != netip.MustParseAddr("10.77.0.66") {
		t.Errorf("%+v", c)
	}
}

// places is a Geo.
type places string

func (p places) Country(netip.Addr) string { return string(p) }

func TestTheNewestTablesGeoIsAsked(t *testing.T) {
	cfg := testConfig()
	s := newShelf(t, cfg)
	country := func() string {
		s.catch(holds.SYN, 1)
		s.enterAt(time.Hour)
		s.publish()
		return s.Snapshot().Tarpit.Holds.Sources[0].Country
	}
	if got := country(); got != "" {
		t.Errorf("without a database: %q", got)
	}
	cfg.Tarpit.Geo = places("SE")
	s.Apply(cfg)
	if got := country(); got != "SE" {
		t.Errorf("with a database: %q, want SE", got)
	}
	cfg.Tarpit.Geo = nil
	s.Apply(cfg)
	if got := country(); got != "SE" {
		t.Errorf("with no database any more: %q, want what was known", got)
	}
}
