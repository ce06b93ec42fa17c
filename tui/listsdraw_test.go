// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/muesli/termenv"

	"cygnet/acl"
	"cygnet/engine"
)

// TestListsExact draws the tab at all widths, over hostile names and uses.
func TestListsExact(t *testing.T) {
	for _, glyphs := range []Glyphs{UTF8, Console, ASCII} {
		f := newFake()
		f.set(func(s *Sight) {
			long := acl.Rule{Action: acl.Permit, Prefix: rule(acl.Permit, "2001:db8:1111:2222:3333:4444:5555:6660/124").Prefix}
			s.Snapshot.Lists = append(s.Snapshot.Lists,
				engine.ListSnapshot{Name: "bad\x1b[2J\u202e名", Uses: []string{"client_acl of \x1b]0;x\a", strings.Repeat("long ", 60)}, Rules: []acl.Rule{long, {Country: "\x1b["}}, Hits: nil, Dead: []int{1}},
				engine.ListSnapshot{Name: strings.Repeat("x", 63)})
		})
		m := newModel(f.options(), NewTheme(glyphs, termenv.Ascii, false).Blank(), noon) // so that every escape is hostile
		d := &driven{t, m, f, 1}
		for w := leastWidth; w <= 240; w++ {
			for _, h := range []int{leastHeight, 24, 67} {
				d.m.w, d.m.h, d.m.changed = w, h, true
				d.press("3", "g", "right")
				exact(t, m.View(), w, h)
				if strings.ContainsAny(m.View(), "\x1b\a\u202e") {
					t.Fatalf("hostile text is drawn at %dx%d: %q", w, h, m.View())
				}
				if m.panel().(*listsPanel).list == strings.Repeat("x", 63) {
					d.press("[", "[", "[", "[")
				}
				d.press("enter")
				exact(t, m.View(), w, h)
				d.press("esc")
			}
		}
	}
}

// manyRows is a list of as many rules as are given.
func manyRows(rules []acl.Rule) func([]engine.ListSnapshot) []engine.ListSnapshot {
	return func([]engine.ListSnapshot) []engine.ListSnapshot {
		return []engine.ListSnapshot{{Name: "1", Rules: rules, Hits: make([]uint64, len(rules))}}
	}
}

// TestListsDrawOnlyWhatIsSeen: drawing and looking cost the same for 10 000
// rules as for few.
func TestListsDrawOnlyWhatIsSeen(t *testing.T) {
	cost := func(n int) float64 {
		rules := manyRules()[:n]
		d := atLists(t, "", manyRows(rules))
		at, snaps := noon, []*engine.Snapshot{}
		for i := range 8 {
			s := sample(noon.Add(time.Duration(i+1)*time.Second), uint64(i+1))
			s.Lists = manyRows(rules)(nil)
			snaps = append(snaps, s)
		}
		i := 0
		return testing.AllocsPerRun(6, func() {
			at = at.Add(time.Second)
			d.f.set(func(s *Sight) { s.Snapshot = snaps[i] })
			i++
			d.m.refresh()
			d.m.Update(tickMsg(at))
			d.m.View()
		})
	}
	if few, many := cost(100), cost(10_000); many > few+50 {
		t.Errorf("%v allocations with 100 rules, %v with 10 000", few, many)
	}
}

// BenchmarkLists is one look at lists and the screen drawn, by how many rules.
func BenchmarkLists(b *testing.B) {
	for _, n := range []int{10, 10_000} {
		for _, how := range []string{"", "filter", "sort"} {
			b.Run(fmt.Sprintf("%d %s", n, how), func(b *testing.B) {
				f := newFake()
				m := newModel(f.options(), NewTheme(UTF8, termenv.ANSI, false), noon)
				m.w, m.h, m.at = 240, 67, 2
				rules, at, k := manyRules()[:n], noon, uint64(1)
				switch how {
				case "filter":
					m.panel().setFilter(m, newFilter("11.3"))
				case "sort":
					m.panel().(*listsPanel).byHits = true
				}
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					at, k = at.Add(time.Second/2), k+1
					s := sample(at, k)
					s.Lists = manyRows(rules)(nil)
					f.set(func(sight *Sight) { sight.Snapshot = s })
					b.StartTimer()
					m.Update(tickMsg(at))
					m.View()
				}
			})
		}
	}
}
