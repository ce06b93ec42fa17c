// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"

	"cygnet/engine"
	"cygnet/internal/capture"
	"cygnet/internal/events"
	"cygnet/internal/holds"
)

// TestTarpitScreens draws every view; the first is among TestScreens.
func TestTarpitScreens(t *testing.T) {
	for view := viewSources; view < tarpitViews; view++ {
		for _, size := range [][2]int{{80, 24}, {120, 40}} {
			for _, glyphs := range []Glyphs{UTF8, Console, ASCII} {
				for _, profile := range []termenv.Profile{termenv.Ascii, termenv.ANSI} {
					if profile == termenv.ANSI && size[0] != 80 {
						continue // the same as without
					}
					word := map[termenv.Profile]string{termenv.Ascii: "mono", termenv.ANSI: "colour"}[profile]
					t.Run(fmt.Sprintf("%v/%dx%d/%v/%s", view, size[0], size[1], glyphs, word), func(t *testing.T) {
						t.Parallel()
						m := looked(newFake(), NewTheme(glyphs, profile, glyphs == Console), size[0], size[1])
						m.Update(keyOf("4"))
						for range view {
							m.Update(keyOf("v"))
						}
						got := m.View()
						exact(t, got, size[0], size[1])
						golden.RequireEqual(t, []byte(got))
					})
				}
			}
		}
	}
}

// TestTarpitStates are the tab, and the overview, in states that are not every
// day's.
func TestTarpitStates(t *testing.T) {
	quiet := func(s *engine.Snapshot) {
		s.Reasons[engine.CapturedSYN] = engine.Traffic{}
		s.Tarpit.Holds, s.Tarpit.Capture.Captures = &holds.Stats{}, 0
	}
	for _, c := range []struct {
		name   string
		keys   []string
		change func(s *engine.Snapshot, n uint64)
		tell   []events.Event
		nobody bool // no hits
	}{
		{name: "off", keys: []string{"4"}, change: func(s *engine.Snapshot, _ uint64) { quiet(s); s.Tarpit.List = "" }, nobody: true},
		{name: "no hits yet", keys: []string{"4"}, change: func(s *engine.Snapshot, _ uint64) { quiet(s) }, nobody: true},
		{name: "nobody caught yet", keys: []string{"4", "v"}, change: func(s *engine.Snapshot, _ uint64) { quiet(s) }, nobody: true},
		{name: "standby", keys: []string{"4"}, change: func(s *engine.Snapshot, _ uint64) { s.Standby, s.Tarpit.Addresses = true, 0 }},
		{name: "observe", keys: []string{"4"}, change: func(s *engine.Snapshot, n uint64) {
			quiet(s)
			s.Tarpit.Policy = capture.Observe
			s.Reasons[engine.CapturedObserved] = engine.Traffic{Frames: 8 * n}
		}},
		{name: "observe, overview", keys: []string{"1"}, change: func(s *engine.Snapshot, n uint64) {
			quiet(s)
			s.Tarpit.Policy = capture.Observe
			s.Reasons[engine.CapturedObserved] = engine.Traffic{Frames: 8 * n}
		}},
		{name: "limited", keys: []string{"4", "v"}, change: func(s *engine.Snapshot, n uint64) {
			s.Reasons[engine.CapturedLimited] = engine.Traffic{Frames: 20 * n}
			s.Tarpit.Capture.RepliesLimited, s.Tarpit.Capture.VerifyLimited = 3*n, n
		}},
		{name: "conflict and suspended", keys: []string{"4"}, change: func(s *engine.Snapshot, n uint64) {
			s.Tarpit.Capture.Conflicts, s.Tarpit.Capture.Suspended = 1+n/300, 2
		}},
		{name: "passive", keys: []string{"4"}, change: func(s *engine.Snapshot, _ uint64) { s.Tarpit.Capture.Passive = true }},
		{name: "journal", keys: []string{"6"}, tell: []events.Event{
			{Kind: events.TarpitReleased, Time: noon, Addr: busyTarget, MAC: mac(9), Text: "we had answered for it; those who asked are told who has it"},
			{Kind: events.TarpitLimited, Time: noon, Text: "340 segments of 198.51.100.0/24 in 60 s"},
			{Kind: events.TarpitBackscatter, Time: noon, Text: "12 answers in 60 s"},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			m := newModel(f.options(), NewTheme(ASCII, termenv.Ascii, false), noon)
			if !c.nobody {
				busy(f)
			}
			m.w, m.h = 80, 24
			for _, e := range c.tell {
				f.changes.Add(e)
			}
			for n := range uint64(20) {
				at := m.now.Add(time.Second)
				f.set(func(s *Sight) {
					s.Snapshot, s.Heard = sample(at, 100+10*n), at
					if c.change != nil {
						c.change(s.Snapshot, 100+10*n)
					}
				})
				m.Update(tickMsg(at))
			}
			for _, k := range c.keys {
				m.Update(keyOf(k))
			}
			view := m.View()
			exact(t, view, 80, 24)
			golden.RequireEqual(t, []byte(view))
		})
	}
}
