// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"
	"pgregory.net/rapid"

	"cygnet/internal/events"
)

// someHit draws a hit of one of so many sources.
func someHit(t *rapid.T, sources int, at time.Time) events.Event {
	n := rapid.IntRange(0, sources-1).Draw(t, "source")
	return events.Event{
		Kind: events.TarpitHit, Time: at, Source: netip.AddrFrom4([4]byte{192, 0, byte(n >> 8), byte(n)}),
		Addr: netip.AddrFrom4([4]byte{10, 0, 0, rapid.Byte().Draw(t, "target")}), Port: rapid.Uint16().Draw(t, "port"),
	}
}

// TestCatchesCount compares with all hits, kept and counted anew.
func TestCatchesCount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ring, c, at := events.NewRing[events.Event](8192), newCatches(), noon
		var all []events.Event
		for range rapid.IntRange(1, 6).Draw(t, "looks") {
			for range rapid.IntRange(0, 60).Draw(t, "hits") {
				at = at.Add(time.Millisecond)
				e := someHit(t, 20, at)
				if rapid.IntRange(0, 3).Draw(t, "follows") == 0 {
					e.Kind = events.TarpitVerified
				}
				all = append(all, e)
				ring.Add(e)
			}
			c.drain(ring)
		}
		if c.total != uint64(len(all)) || c.lost != 0 || c.shed || !slices.Equal(c.newest(), all) {
			t.Fatalf("%d hits, %d kept, %d lost, want %d", c.total, len(c.newest()), c.lost, len(all))
		}
		for source, got := range c.sources {
			var want caught
			different := map[uint16]bool{}
			for _, e := range all {
				if e.Source == source && e.Kind == events.TarpitHit {
					if want.count++; want.count == 1 {
						want.first = e.Time
					}
					want.last, want.port, want.target = e.Time, e.Port, e.Addr
					different[e.Port] = true
				}
			}
			ports := portsText(got.different)
			got.ports, got.different = [portsTold]uint16{}, 0
			told := strconv.Itoa(len(different))
			if len(different) >= portsTold {
				told = "8+"
			}
			if got != want || ports != told {
				t.Fatalf("%v: %+v, want %+v", source, got, want)
			}
		}
		ranked := ranks(c.sources)
		for i, k := range ranked {
			if c.sources[k.key].count != k.count || i > 0 && ranked[i-1].count < k.count {
				t.Fatalf("rank %d is %v", i, k)
			}
		}
	})
}

// TestCatchesStayBounded has more sources come than there is room for.
func TestCatchesStayBounded(t *testing.T) {
	ring, c := events.NewRing[events.Event](8192), newCatches()
	often := netip.MustParseAddr("203.0.113.1")
	real := map[netip.Addr]uint64{}
	for look := range 40 {
		for i := range 2500 {
			n := look*2500 + i
			e := events.Event{Kind: events.TarpitHit, Time: noon, Source: netip.AddrFrom4([4]byte{11, byte(n >> 16), byte(n >> 8), byte(n)}), Addr: often, Port: uint16(n)}
			if i%50 == 0 {
				e.Source = often
			}
			real[e.Source]++
			ring.Add(e)
		}
		c.drain(ring)
		if len(c.sources) > topKept || len(c.hits) > 2*hitsKept+2500 || len(c.newest()) != hitsKept {
			t.Fatalf("%d sources, %d hits are kept", len(c.sources), len(c.hits))
		}
	}
	if !c.shed || c.total != 100_000 {
		t.Errorf("shed %v, %d hits", c.shed, c.total)
	}
	if got := ranks(c.sources)[0]; got.key != often || got.count != real[often] {
		t.Errorf("most often came %v, %d times, want %v, %d times", got.key, got.count, often, real[often])
	}
	for k, s := range c.sources {
		if s.count > real[k] {
			t.Errorf("%v came %d times, but %d were counted", k, real[k], s.count)
		}
	}
}

// flood adds 2500 hits, of sources that never came before.
func flood(f *fake, at time.Time, n uint64) {
	for i := range uint64(2500) {
		k := n*2500 + i
		f.hits.Add(events.Event{
			Kind: events.TarpitHit, Time: at, Source: netip.AddrFrom4([4]byte{11, byte(k >> 16), byte(k >> 8), byte(k)}),
			Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(k)}), Port: uint16(k * 7),
		})
	}
}

// BenchmarkDrain takes in half a second of 5000 hits a second, each from
// another source.
func BenchmarkDrain(b *testing.B) {
	f, c, n := newFake(), newCatches(), uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		n++
		flood(f, noon, n)
		b.StartTimer()
		c.drain(f.hits)
	}
}

// BenchmarkTarpit is one look at such a flood, and the tab drawn anew.
func BenchmarkTarpit(b *testing.B) {
	for view := range tarpitViews {
		for _, c := range []struct {
			filter string
			w, h   int
		}{{"", 80, 24}, {"", 240, 67}, {"http", 240, 67}} {
			b.Run(fmt.Sprintf("%s/%dx%d/%s", view, c.w, c.h, c.filter), func(b *testing.B) {
				f := newFake()
				m := newModel(f.options(), NewTheme(UTF8, termenv.ANSI, false), noon)
				m.Update(tea.WindowSizeMsg{Width: c.w, Height: c.h})
				m.Update(keyOf("4"))
				p := m.panel().(*tarpitPanel)
				p.view, p.filter = view, newFilter(c.filter)
				at, n := noon, uint64(1)
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					at, n = at.Add(time.Second/2), n+1
					flood(f, at, n)
					f.set(func(s *Sight) { s.Snapshot, s.Heard = sample(at, n), at })
					b.StartTimer()
					m.Update(tickMsg(at))
					m.View()
				}
			})
		}
	}
}

// BenchmarkLog is one look at 500 new lines, with the log drawn anew.
func BenchmarkLog(b *testing.B) {
	f := newFake()
	m := newModel(f.options(), NewTheme(UTF8, termenv.ANSI, false), noon)
	m.Update(tea.WindowSizeMsg{Width: 240, Height: 67})
	m.Update(keyOf("6"))
	at, n := noon, uint64(1)
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		at, n = at.Add(time.Second/2), n+1
		for range 500 {
			f.lines.Add(`time=2026-11-25T12:04:29.000Z level=WARN msg="something else" service=default server=web-04 addr=10.0.0.24`)
		}
		f.set(func(s *Sight) { s.Snapshot, s.Heard = sample(at, n), at })
		b.StartTimer()
		m.Update(tickMsg(at))
		m.View()
	}
}
