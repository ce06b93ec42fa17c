// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// record is one of the nth source, from another of its ports each.
func record(kind Kind, source uint32, from uint16) Record {
	r := Record{Captured: netip.MustParseAddr("10.0.0.77").As16(), SourcePort: from, Port: 22, Kind: kind, Held: -1, Proven: kind != SYN && kind != Backscatter}
	r.Source[10], r.Source[11] = 0xff, 0xff
	binary.BigEndian.PutUint32(r.Source[12:], source)
	return r
}

func TestAHoldThatBeganBeforeTheBookCountsOn(t *testing.T) {
	l := New()
	l.Tick(noon)
	probe := record(Probe, 1, 1)
	probe.Held = 3_600_000
	if news, held := l.Note(probe, noon.Add(time.Minute)); !news || held != time.Hour {
		t.Errorf("the first record: %v, %v; want news of an hour", news, held)
	}
	probe.Held = 5 // now we know better than a client
	if news, held := l.Note(probe, noon.Add(2*time.Minute)); news || held != time.Hour+time.Minute {
		t.Errorf("the second record: %v, %v; want no news of an hour and a minute", news, held)
	}
	late := record(Probe, 2, 1)
	late.Held = 3_600_000
	if news, held := l.Note(late, noon.Add(time.Hour)); !news || held != 0 {
		t.Errorf("somebody of whom nothing was heard since the book began: %v, %v; want news of nothing", news, held)
	}
}

// TestSecondsNeverFall, or Prometheus takes it for a restart.
func TestSecondsNeverFall(t *testing.T) {
	l := New()
	l.Note(record(Handshake, 1, 1), noon)
	l.Note(record(Handshake, 2, 1), noon)
	l.Note(record(Probe, 1, 1), noon.Add(100*time.Second))
	before := l.Stats(noon.Add(200 * time.Second))
	if before.Total != 400*time.Second || before.Seconds != 100 {
		t.Errorf("held for %v, %d s; want 400 s, and 100 of them for sure", before.Total, before.Seconds)
	}
	l.Tick(noon.Add(10 * time.Minute)) // both gave up silently
	after := l.Stats(noon.Add(10 * time.Minute))
	if after.Now != 0 || after.Total != 100*time.Second || after.Seconds != 100 {
		t.Errorf("%d held, for %v, %d s; want nobody, 100 s", after.Now, after.Total, after.Seconds)
	}
}

func TestHeldTimesHaveNoOverflow(t *testing.T) {
	l := New()
	for i := range uint16(1000) {
		r := record(Probe, 1, i)
		r.Held = 24 * 24 * 3_600_000
		l.Note(r, noon)
	}
	s := l.Stats(noon)
	if s.Total != 576000*time.Hour || s.Seconds != 576000*3600 {
		t.Errorf("1000 held for 24 days: %v, %d s", s.Total, s.Seconds)
	}
	if got := span(math.MaxInt64 / 2); got < 292*365*24*time.Hour {
		t.Errorf("more than a Duration holds is %v", got)
	}
}

func TestSourcesAreByCatches(t *testing.T) {
	l := New()
	for n := range uint32(Rows + 5) {
		for range n {
			l.Note(record(SYN, n, 1), noon)
		}
	}
	l.Note(record(Handshake, 1, 1), noon)
	s := l.Stats(noon)
	if len(s.Sources) != Rows || s.Sources[0].Addr != netip.MustParseAddr("0.0.0.1") || s.Sources[1].SYNs != Rows+4 || s.Sources[2].SYNs != Rows+3 {
		t.Errorf("%d sources: %+v, want the verified one, then the one with most SYNs", len(s.Sources), s.Sources)
	}
}

// TestForgedSourcesPushOutNobodyCaught, and take no more memory than is theirs.
func TestForgedSourcesPushOutNobodyCaught(t *testing.T) {
	l := New()
	asked := 0
	l.SetCountry(func(a netip.Addr) string { asked++; return "SE" })
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for n := range uint32(100) {
		l.Note(record(Handshake, 0xc0000200+n, 7), noon)
	}
	l.Note(record(Escaped, 0xc0000200, 7), noon) // caught, but not held any more
	for n := range uint32(1_000_000) {
		forged := record(SYN, n*2654435761, uint16(n))
		forged.Port = uint16(n)
		l.Note(forged, noon.Add(time.Duration(n)*time.Microsecond))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc - before.HeapAlloc); grown > 16<<20 {
		t.Errorf("a million forged sources took %d MB", grown>>20)
	}
	if len(l.sources.of) != sourceRoom || len(l.networks.of) != networkRoom || len(l.countries.of) != 1 {
		t.Errorf("%d sources, %d networks, %d countries", len(l.sources.of), len(l.networks.of), len(l.countries.of))
	}
	for n := range uint32(100) {
		if e := l.sources.of[record(SYN, 0xc0000200+n, 0).Source]; e == nil || e.verified != 1 {
			t.Fatalf("who was caught was forgotten: number %d is %+v", n, e)
		}
	}
	if s := l.Stats(noon.Add(time.Second)); s.Now != 99 || s.Verified != 100 || s.Unverified != 999_900 || len(l.connections) != 99 {
		t.Errorf("%d held, %d verified, %d unverified", s.Now, s.Verified, s.Unverified)
	}
	if asked > 1_000_100 {
		t.Errorf("asked %d times for a country", asked)
	}
}

// TestCaughtOnesMakeRoomForCaughtOnes, those that are held last.
func TestCaughtOnesMakeRoomForCaughtOnes(t *testing.T) {
	l := New()
	for n := range uint32(sourceRoom) {
		l.Note(record(Handshake, n, 1), noon)
	}
	l.Note(record(Escaped, 5, 1), noon)
	for n := range uint32(10) {
		l.Note(record(SYN, 1e6+n, 1), noon)
	}
	if len(l.sources.of) != sourceRoom || l.sources.of[record(SYN, 5, 1).Source] == nil || l.sources.of[record(SYN, 1e6, 1).Source] != nil {
		t.Error("a SYN pushed out somebody who was caught")
	}
	l.Note(record(Handshake, 2e6, 1), noon)
	if l.sources.of[record(SYN, 5, 1).Source] != nil || l.sources.of[record(SYN, 0, 1).Source] == nil {
		t.Error("the first to go is not the one that is held no more")
	}
	l.Note(record(Handshake, 3e6, 1), noon)
	if l.sources.of[record(SYN, 0, 1).Source] != nil {
		t.Error("somebody who is held does not make room for another one")
	}
	if news, _ := l.Note(record(Escaped, 0, 1), noon.Add(time.Second)); !news || l.Stats(noon).Now != sourceRoom {
		t.Error("a connection whose source was forgotten does not end")
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	l := New()
	for n := range uint32(Connections + 10) {
		l.Note(record(Handshake, n, 1), noon.Add(time.Duration(n)*time.Millisecond))
	}
	s := l.Stats(noon.Add(time.Hour))
	if s.Now != Connections || len(l.connections) != Connections || l.byAge.n != Connections || s.Verified != Connections+10 {
		t.Errorf("%d held, %d verified; want %d and %d", s.Now, s.Verified, Connections, Connections+10)
	}
	if news, _ := l.Note(record(Probe, 9, 1), noon.Add(time.Hour)); !news {
		t.Error("the ones that were not heard of for longest were not forgotten")
	}
}

func TestACountryIsAskedForOnceASource(t *testing.T) {
	l := New()
	asked := 0
	said := ""
	of := func(netip.Addr) string { asked++; return said }
	l.Note(record(SYN, 1, 1), noon)
	l.SetCountry(of)
	for range 3 {
		l.Note(record(SYN, 1, 1), noon)
	}
	if asked != 1 {
		t.Errorf("asked %d times, want once", asked)
	}
	said = "SE"
	l.SetCountry(of) // another database
	for range 3 {
		l.Note(record(SYN, 1, 1), noon)
	}
	l.SetCountry(of)
	l.Note(record(SYN, 1, 1), noon)
	if asked != 2 {
		t.Errorf("asked %d times, want once more, as it was not known", asked)
	}
	if s := l.Stats(noon); s.Sources[0].Country != "SE" || s.Sources[0].SYNs != 8 || len(s.Countries) != 2 || s.Countries[0].Code != "SE" && s.Countries[0].SYNs != 4 {
		t.Errorf("%+v, %+v", s.Sources, s.Countries)
	}
}

func TestStatsAreKept(t *testing.T) {
	l := New()
	l.Note(record(SYN, 1, 1), noon)
	first := l.Stats(noon)
	if l.Stats(noon.Add(time.Hour)) != first {
		t.Error("made anew without any change")
	}
	l.Note(record(Handshake, 1, 1), noon.Add(time.Hour))
	if s := l.Stats(noon.Add(time.Hour)); s.Now != 1 || s.Sources[0].Verified != 1 {
		t.Errorf("an hour later: %+v", s)
	}
	l.Note(record(Handshake, 2, 1), noon.Add(time.Hour))
	soon := noon.Add(time.Hour + 999*time.Millisecond)
	if s := l.Stats(soon); s.Now != 2 || len(s.Sources) != 1 || s.Total != 2*999*time.Millisecond {
		t.Errorf("within a second: %+v, want new numbers and old lists", s)
	}
	if s := l.Stats(soon.Add(time.Millisecond)); len(s.Sources) != 2 || s.Longest[0].Held != time.Second {
		t.Errorf("after a second: %+v, want new lists", s)
	}
	l.Note(record(Handshake, 3, 1), soon)
	l.Refresh()
	if s := l.Stats(soon); len(s.Sources) != 3 {
		t.Errorf("refreshed: %+v, want new lists", s)
	}
	if s := l.Stats(soon.Add(time.Minute)); s.Total < 3*time.Minute || s.Sources[0].Held < time.Minute {
		t.Errorf("a minute without a record: held for %v, %+v; want it to go on", s.Total, s.Sources[0])
	}
}

// TestTheBookBeforeTheFirstTick: the engine knows no time then.
func TestTheBookBeforeTheFirstTick(t *testing.T) {
	l := New()
	if s := l.Stats(time.Time{}); s.Now != 0 || s.Longest != nil {
		t.Errorf("empty: %+v", s)
	}
	r := record(Handshake, 1, 1)
	r.Held = 5
	if news, held := l.Note(r, time.Time{}); !news || held != 5*time.Millisecond {
		t.Errorf("%v, %v", news, held)
	}
	l.Tick(time.Time{})
	if s := l.Stats(noon.Add(time.Second)); s.Now != 1 || s.Total != 5*time.Millisecond {
		t.Errorf("%+v", s)
	}
}

func TestStatsReadBack(t *testing.T) {
	l := New()
	l.SetCountry(func(netip.Addr) string { return "SE" })
	l.Note(record(Handshake, 1, 1), noon)
	want := l.Stats(noon.Add(time.Second))
	line, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	got := new(Stats)
	if err := json.Unmarshal(line, got); err != nil {
		t.Fatal(err)
	}
	same := []cmp.Option{
		cmp.Comparer(func(a, b netip.Addr) bool { return a == b }), cmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
		cmp.Comparer(func(a, b netip.AddrPort) bool { return a == b }),
	}
	if diff := cmp.Diff(want, got, same...); diff != "" {
		t.Errorf("%s\n(-want +got):\n%s", line, diff)
	}
}

// TestNoteAllocatesNothing for what is known: records come by tens of thousands a
// second.
func TestNoteAllocatesNothing(t *testing.T) {
	l := New()
	l.SetCountry(country)
	for _, kind := range []Kind{SYN, Handshake} {
		l.Note(record(kind, 1, 1), noon)
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, kind := range []Kind{SYN, Data, Probe, Backscatter} {
			l.Note(record(kind, 1, 1), noon)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

// full returns a book that is as full as it gets.
func full() *Ledger {
	l := New()
	l.SetCountry(country)
	order := make([]uint32, Connections)
	for n := range order {
		order[n] = uint32(n) * 2654435761
	}
	slices.Sort(order[:Connections/2])
	for n, source := range order {
		r := record(SYN, source, uint16(n))
		r.Port = uint16(n)
		l.Note(r, noon)
		r.Kind, r.Held = Handshake, int32(source>>8)
		l.Note(r, noon.Add(time.Duration(n)*time.Microsecond))
	}
	return l
}

func BenchmarkStats(b *testing.B) {
	l := full()
	now := noon.Add(time.Second)
	for b.Loop() {
		now = now.Add(time.Second)
		l.Stats(now)
	}
}

func BenchmarkNote(b *testing.B) {
	l := full()
	n := uint32(0)
	for b.Loop() {
		n++
		l.Note(record(Probe, (n%Connections)*2654435761, uint16(n)), noon)
	}
}

func BenchmarkForged(b *testing.B) {
	l := full()
	n := uint32(0)
	for b.Loop() {
		n++
		l.Note(record(SYN, n, uint16(n)), noon)
	}
}
