// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
)

// pager shows a text that is longer than a line, in place of the panel.
type pager struct {
	title  string
	text   []string // clean
	lines  []string // the same, broken to the width
	of     []int    // which of the text each of them is a part of
	width  int      // that they are broken to
	top    int
	height int // when it was drawn last

	// now gives the text anew, whenever there is something new to see, and false
	// where that is gone: then the last one stays. nil where it never changes.
	now func(m *model) (text string, ok bool)
}

func newPager(t *Theme, title, text string) *pager {
	p := &pager{title: t.clean(title)}
	p.set(t, text)
	return p
}

// livePager shows a text that changes with what there is to see.
func livePager(m *model, title string, now func(m *model) (text string, ok bool)) *pager {
	text, _ := now(m)
	p := newPager(m.theme, title, text)
	p.now = now
	return p
}

func (p *pager) renew(m *model) {
	if p.now == nil {
		return
	}
	if text, ok := p.now(m); ok {
		p.set(m.theme, text)
	}
}

func (p *pager) set(t *Theme, text string) {
	p.text, p.width = nil, 0
	for line := range strings.Lines(text) {
		p.text = append(p.text, t.clean(strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    ")))
	}
}

// breakTo breaks the lines to a width.
func (p *pager) breakTo(w int) {
	if w == p.width {
		return
	}
	p.width, p.lines, p.of = w, nil, nil
	for i, l := range p.text {
		in := len(l) - len(strings.TrimLeft(l, " ")) // what is indented stays so
		if in > w/2 {
			in = 0
		}
		for part := range strings.SplitSeq(ansi.Wrap(l[in:], max(w-in, 1), ""), "\n") {
			p.lines, p.of = append(p.lines, spaces(in)+part), append(p.of, i)
		}
	}
}

func (p *pager) scroll(by int) {
	p.top = max(min(p.top+by, len(p.lines)-p.height), 0)
}

func (p *pager) bindings() []binding {
	by := func(n func() int) func(*model) tea.Cmd { return then(func(*model) { p.scroll(n()) }) }
	return []binding{
		bind("k", "up: one row, as the arrow does", by(func() int { return -1 }), "up", "k").brief(),
		bind("j", "down: one row, as the arrow does", by(func() int { return 1 }), "down", "j").brief(),
		bind("pgup", "one page up", by(func() int { return 1 - p.height }), "pgup", "ctrl+b"),
		bind("pgdown", "one page down", by(func() int { return p.height - 1 }), "pgdown", " ", "ctrl+f"),
		bind("g", "first row", by(func() int { return -len(p.lines) }), "g", "home"),
		bind("G", "last row", by(func() int { return len(p.lines) }), "G", "end"),
		bind("esc", "close", then(func(m *model) { m.pager = nil }), "esc", "enter", "q", "?").brief(),
	}
}

// page gives a key to the pager.
func (m *model) page(k tea.KeyMsg) tea.Cmd {
	if cmd, ok := press(m, k, m.pager.bindings()); ok {
		return cmd
	}
	// `:` and `/` and what leaves work everywhere.
	cmd, _ := press(m, k, m.everywhere())
	return cmd
}

func (p *pager) render(t *Theme, w, h int) []string {
	p.height = max(h-1, 1)
	p.breakTo(w - 2)
	p.scroll(0)
	where := ""
	if len(p.lines) > p.height {
		where = percent(float64(p.top+p.height) / float64(len(p.lines)))
		if p.top+p.height < len(p.lines) {
			where += ", more below"
		}
	}
	lines := []string{t.section(w, p.title, where)}
	for i := p.top; i < min(p.top+p.height, len(p.lines)); i++ {
		lines = append(lines, t.row(w).gap(1).text(p.paint(t, p.text[p.of[i]]), p.lines[i]).String())
	}
	return t.pad(lines, w, h)
}

// paint shows the lines of a difference by what they do.
func (p *pager) paint(t *Theme, line string) paint {
	switch {
	case strings.HasPrefix(line, "+"):
		return t.good
	case strings.HasPrefix(line, "-"):
		return t.bad
	case strings.HasPrefix(line, "error:"), strings.HasPrefix(line, "warning:"), notable(line):
		return t.warn
	}
	return t.plain
}
