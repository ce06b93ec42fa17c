// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"io"

	"github.com/charmbracelet/lipgloss"
	"github.com/muesli/termenv"
)

// Theme is every style and character there is, by meaning. Colours are of the
// terminal's own sixteen: its user has chosen those to be read, on light and
// on dark. No meaning is carried by colour alone: a word or a mark says it, too.
type Theme struct {
	glyphs Glyphs

	plain, bold, dim   paint
	title, tab, tabOn  paint // of sections and tabs
	selected           paint // over a row
	good, bad          paint // up, down
	drain, maint, none paint // what an operator took out; what nobody knows
	warn               paint
	graph              paint
	key                paint // in the help

	marks marks
}

// marks are the characters that are not text.
type marks struct {
	rule     string   // a horizontal line
	wall     string   // a vertical one
	more     string   // something was cut off
	up, down string   // the order of a sorted column
	bar      string   // a full cell of a bar
	levels   []string // of a sparkline, from nothing to full
	point    string   // the row that is selected
	cursor   string
}

func marksOf(g Glyphs) marks {
	switch g {
	case UTF8:
		return marks{
			"─", "│", "…", "▲", "▼", "█",
			[]string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}, ">", "█",
		}
	case Console: // see facts: all of these are in every font of the console
		return marks{"─", "│", "~", "▲", "▼", "█", []string{" ", "░", "▒", "█"}, ">", "█"}
	}
	return marks{"-", "|", "~", "^", "v", "#", []string{" ", ".", ":", "#"}, ">", "_"}
}

// bright says which shade of the sixteen colours is used: the Linux console's
// dark ones are hard to read on its black, everybody else's bright ones are on
// white.
type bright bool

func (b bright) color(c string) lipgloss.TerminalColor {
	if b {
		return lipgloss.Color(map[string]string{"1": "9", "2": "10", "3": "11", "6": "14"}[c])
	}
	return lipgloss.Color(c)
}

// NewTheme returns the theme for a set of glyphs and a colour profile; console
// is for the Linux console. Under the profile Ascii there are no colours, but
// bold, underlined and reverse text.
func NewTheme(g Glyphs, profile termenv.Profile, console bool) *Theme {
	r := lipgloss.NewRenderer(io.Discard)
	r.SetColorProfile(profile)
	r.SetHasDarkBackground(true) // or it would ask
	st, b := r.NewStyle, bright(console)
	t := &Theme{
		glyphs: g, marks: marksOf(g),
		bold: newPaint(st().Bold(true)), dim: newPaint(st().Foreground(lipgloss.Color("8"))),
		title: newPaint(st().Bold(true)), tab: newPaint(st()), tabOn: newPaint(st().Bold(true).Reverse(true)),
		selected: newPaint(st().Reverse(true)),
		good:     newPaint(st().Foreground(b.color("2"))),
		bad:      newPaint(st().Bold(true).Foreground(b.color("1"))), drain: newPaint(st().Foreground(b.color("6"))),
		maint: newPaint(st().Foreground(lipgloss.Color("3"))), none: newPaint(st().Foreground(lipgloss.Color("8"))),
		warn: newPaint(st().Bold(true).Foreground(b.color("3"))), graph: newPaint(st().Foreground(b.color("2"))),
		key: newPaint(st().Bold(true)),
	}
	if profile == termenv.Ascii {
		t.mono()
	}
	return t
}

// mono replaces colours by what a terminal without any has. Under the profile
// Ascii lipgloss leaves out every attribute, which is right for a file and wrong
// for a terminal: no-color.org is about colours alone.
func (t *Theme) mono() {
	const reset = "\x1b[0m"
	bold, underline, reverse := paint{"\x1b[1m", reset}, paint{"\x1b[4m", reset}, paint{"\x1b[7m", reset}
	t.bold, t.title, t.key, t.warn = bold, bold, bold, bold
	t.tabOn, t.selected, t.bad, t.drain = reverse, reverse, reverse, underline
}

// faint is the theme for what is too old: nothing stands out but the selection.
func (t *Theme) faint() *Theme {
	f := t.Blank()
	for _, p := range []*paint{
		&f.plain, &f.bold, &f.dim, &f.title, &f.tab, &f.tabOn, &f.good, &f.bad, &f.drain, &f.maint, &f.none, &f.warn, &f.graph, &f.key,
	} {
		*p = t.dim
	}
	f.selected = t.selected
	return f
}

// Blank is the same for a terminal that has no attributes at all, as TERM=dumb.
func (t *Theme) Blank() *Theme {
	return &Theme{glyphs: t.glyphs, marks: t.marks}
}
