// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"
	"github.com/muesli/termenv"
)

func TestMain(m *testing.M) {
	time.Local = time.UTC // times on the screen are the operator's
	os.Exit(m.Run())
}

// sizes are those of the issue: below what is needed, a console, and up to the
// Pi's at 1080p.
var sizes = [][2]int{{59, 15}, {80, 24}, {100, 30}, {120, 40}, {240, 67}}

// looked returns a model that has looked at a busy fake for a minute.
func looked(f *fake, theme *Theme, w, h int) *model {
	busy(f)
	m := newModel(f.options(), theme, noon)
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	var n uint64
	for i := range 120 {
		n += uint64(3 + (i*i)%17)
		passed(m, f, time.Second/2, n)
	}
	return m
}

// passed lets time pass and counters grow to n times what they were.
func passed(m *model, f *fake, d time.Duration, n uint64) {
	at := m.now.Add(d)
	f.set(func(s *Sight) {
		s.Snapshot, s.Heard = sample(at, n), at
		s.CPU = []time.Duration{s.CPU[0] + d*38/100}
	})
	m.Update(tickMsg(at))
}

func keyOf(s string) tea.KeyMsg {
	types := map[string]tea.KeyType{
		"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "pgdown": tea.KeyPgDown,
		"pgup": tea.KeyPgUp, "ctrl+c": tea.KeyCtrlC, "ctrl+z": tea.KeyCtrlZ, "ctrl+l": tea.KeyCtrlL, "backspace": tea.KeyBackspace,
		"space": tea.KeySpace, "shift+tab": tea.KeyShiftTab, "home": tea.KeyHome, "end": tea.KeyEnd, "left": tea.KeyLeft, "right": tea.KeyRight,
	}
	if t, ok := types[s]; ok {
		k := tea.KeyMsg{Type: t}
		if t == tea.KeySpace {
			k.Runes = []rune(" ")
		}
		return k
	}
	return tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(s)}
}

func TestScreens(t *testing.T) {
	for _, size := range sizes {
		for _, glyphs := range []Glyphs{UTF8, Console, ASCII} {
			for _, colour := range []bool{false, true} {
				for tab, name := range []string{"overview", "servers", "lists", "tarpit", "flows", "log"} {
					profile, word := termenv.Ascii, "mono"
					if colour {
						profile, word = termenv.ANSI, "colour"
					}
					if tab > 0 && (size[0] == 59 || colour && size[0] != 80) {
						continue // the same as on the first tab, or as without
					}
					t.Run(fmt.Sprintf("%s/%dx%d/%v/%s", name, size[0], size[1], glyphs, word), func(t *testing.T) {
						t.Parallel()
						m := looked(newFake(), NewTheme(glyphs, profile, glyphs == Console), size[0], size[1])
						m.Update(keyOf(fmt.Sprint(tab + 1)))
						view := m.View()
						exact(t, view, size[0], size[1])
						golden.RequireEqual(t, []byte(view))
					})
				}
			}
		}
	}
}

// exact fails unless a view has exactly so many rows of so many cells, the last
// of which is empty; below the least size, at most.
func exact(t *testing.T, view string, w, h int) {
	t.Helper()
	lines := strings.Split(view, "\n")
	if w < leastWidth || h < leastHeight {
		if len(lines) > h {
			t.Errorf("%d rows on a screen of %d", len(lines), h)
		}
		return
	}
	if len(lines) != h {
		t.Errorf("%d rows, want %d", len(lines), h)
	}
	for i, l := range lines {
		want := w
		if i == len(lines)-1 {
			want = w - 1
		}
		if got := ansi.StringWidth(l); got != want {
			t.Errorf("row %d has %d cells, want %d: %q", i, got, want, l)
		}
	}
}

// TestStates are screens in states that are not every day's, on a small one.
func TestStates(t *testing.T) {
	press := func(keys ...string) func(*model, *fake) {
		return func(m *model, _ *fake) {
			for _, k := range keys {
				m.Update(keyOf(k))
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(m *model, f *fake)
	}{
		{"question", press("down", "space")},
		{"last one up", func(m *model, f *fake) { press("G", "m")(m, f); press("k")(m, f) }},
		{"prompt", press(":", "service dns server ")},
		{"prompt with words", press(":", "acl 1 at 2 ")},
		{"help", press("?")},
		{"counters", press("i")},
		{"filter", press("/", "web", "enter", "s")},
		{"nothing matches", press("/", "nowhere", "enter")},
		{"paused", func(m *model, f *fake) {
			press("p")(m, f)
			f.hits.Add(hit(m.now, "192.0.2.7", "10.0.0.99", 22))
			passed(m, f, 12*time.Second, 5000)
		}},
		{"stale", func(m *model, f *fake) { m.Update(tickMsg(m.now.Add(4 * time.Second))) }},
		{"lost", func(m *model, f *fake) {
			f.set(func(s *Sight) { s.Away = "connect to /run/cygnet/eth0.sock: connection refused" })
			m.Update(tickMsg(m.now.Add(30 * time.Second)))
		}},
		{"standby", func(m *model, f *fake) {
			f.set(func(s *Sight) {
				snap := *s.Snapshot
				snap.Standby, snap.Time = true, snap.Time.Add(time.Second)
				s.Snapshot = &snap
			})
			m.Update(tickMsg(m.now.Add(time.Second)))
		}},
		{"link down", func(m *model, f *fake) {
			f.set(func(s *Sight) { s.LinkUp = false })
			m.Update(tickMsg(m.now.Add(time.Second)))
		}},
		{"another operator", func(m *model, f *fake) {
			f.changed("uid 1000 pid 77", "acl 1 deny 10.9.9.9", m.now)
			m.Update(tickMsg(m.now.Add(time.Second / 2)))
		}},
		{"read-only", press("R")},
		{"leaving", func(m *model, f *fake) {
			m.opt.Question, m.opt.Leave = "leave the dashboard?", []Choice{{"k", "keep forwarding", Left}, {"s", "stop", Stop}}
			press("q")(m, f)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := newFake()
			m := looked(f, NewTheme(UTF8, termenv.Ascii, false), 80, 24)
			c.change(m, f)
			view := m.View()
			exact(t, view, 80, 24)
			golden.RequireEqual(t, []byte(view))
		})
	}
}

// TestNothingYet is the screen before the first look has come.
func TestNothingYet(t *testing.T) {
	f := newFake()
	f.set(func(s *Sight) { *s = Sight{Away: "connect to /run/cygnet/eth0.sock: no such file or directory"} })
	m := newModel(f.options(), NewTheme(ASCII, termenv.Ascii, false), noon)
	m.Update(tea.WindowSizeMsg{Width: 80, Height: 24})
	for _, k := range []string{"2", "space", "y", "i", "p", "p", "w", "?", "esc", "3", "x", "a", "esc", "4", "x", "5", "6", "1"} {
		m.Update(keyOf(k))
	}
	m.Update(tickMsg(noon.Add(time.Second)))
	view := m.View()
	exact(t, view, 80, 24)
	golden.RequireEqual(t, []byte(view))
}
