// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// View implements tea.Model. It is asked many times for every change.
func (m *model) View() string {
	if m.changed {
		m.drawn, m.changed = m.draw(), false
		if q := m.question; q != nil && q.drawn.IsZero() {
			q.drawn = time.Now()
		}
	}
	return m.drawn
}

// draw draws the whole screen.
func (m *model) draw() string {
	if m.w < leastWidth || m.h < leastHeight {
		return m.tooSmall()
	}
	l, t := m.layout(), m.theme
	lines := m.header(l)
	lines = append(lines, m.tabsLine())
	switch {
	case m.pager != nil:
		lines = append(lines, m.pager.render(t, m.w, l.bodyHeight)...)
	case m.see().snap == nil:
		lines = append(lines, t.pad([]string{spaces(m.w), t.row(m.w).gap(3).text(t.dim, m.waiting()).String()}, m.w, l.bodyHeight)...)
	default:
		lines = append(lines, m.body(l)...)
	}
	lines = append(lines, m.footer()...)
	return strings.Join(lines, "\n")
}

// body is the panel; faint where what it shows cannot be believed any more.
func (m *model) body(l layout) []string {
	if m.tooOld() {
		full := m.theme
		defer func() { m.theme = full }()
		m.theme = full.faint()
	}
	return m.panel().render(m, m.w, l.bodyHeight)
}

func (m *model) waiting() string {
	if away := m.live.sight.Away; away != "" {
		return m.theme.clean("no connection: " + away)
	}
	return "waiting for the first look at the balancer"
}

// tooSmall says what the dashboard needs, in whatever there is. Before the
// size is known it says nothing.
func (m *model) tooSmall() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	text := fmt.Sprintf("too small: %dx%d, need %dx%d", m.w, m.h, leastWidth, leastHeight)
	lines := []string{m.theme.row(m.w).text(m.theme.bold, text).String()}
	if m.h > 1 {
		lines = append(lines, m.theme.row(m.w).text(m.theme.dim, "the balancer goes on; q leaves").String())
	}
	if m.question != nil && m.h > 2 {
		lines = append(lines, m.theme.row(m.w).text(m.theme.warn, m.question.line()).String())
	}
	return strings.Join(lines, "\n")
}

// tabsLine names the tabs, and at its right what the panel shows of what there
// is.
func (m *model) tabsLine() string {
	t := m.theme
	r := t.row(m.w)
	m.tabSpans = m.tabSpans[:0]
	for i, p := range m.panels {
		name, paint := fmt.Sprintf("%d %s", i+1, p.name()), t.tab
		if i == m.at {
			name, paint = fmt.Sprintf("[%d]%s", i+1, p.name()), t.tabOn
		}
		at := m.w - r.left
		r.text(t.dim, t.marks.rule)
		r.text(paint, name)
		m.tabSpans = append(m.tabSpans, [2]int{at, m.w - r.left})
	}
	remark := m.panel().remark()
	if remark != "" {
		remark = " " + remark + " "
	}
	if cells(remark) > r.left-2 {
		remark = t.cut(remark, max(r.left-2, 0))
	}
	return r.until(t.dim, t.marks.rule, cells(remark)+1).text(t.bold, remark).until(t.dim, t.marks.rule, 0).String()
}

// footer is what is asked or told, and the keys that help most.
func (m *model) footer() []string {
	t := m.theme
	switch {
	case m.question != nil:
		return []string{t.row(m.w).gap(1).text(t.warn, m.question.line()).String(), m.keysLine(nil)}
	case m.prompt != nil:
		hint := t.row(m.w-1).gap(1).text(t.dim, m.prompt.hint)
		switch {
		case m.prompt.loud:
			hint = t.row(m.w-1).gap(1).text(t.warn, m.prompt.hint)
		case m.prompt.bad:
			hint = t.row(m.w-1).gap(1).text(t.bad, t.errorMark()).text(t.plain, m.prompt.hint)
		}
		return []string{m.prompt.render(t, m.w), hint.String()}
	case m.pager != nil:
		return []string{m.toastLine(), m.keysLine(m.pager.bindings())}
	}
	// Help comes first: who knows that key knows all.
	everywhere := m.everywhere()
	return []string{m.toastLine(), m.keysLine(slices.Concat(everywhere[:1], m.panel().bindings(m), everywhere[1:]))}
}

func (t *Theme) errorMark() string { return "error: " }

func (m *model) toastLine() string {
	t := m.theme
	r := t.row(m.w).gap(1)
	if m.toast.text == "" || !m.now.Before(m.toast.until) {
		return r.String()
	}
	undo := ""
	if m.undoable() && m.toast.how == done {
		undo = "(u undo)"
	}
	r.left -= cells(undo) + 1
	switch m.toast.how {
	case failed:
		r.text(t.bad, t.errorMark()).text(t.plain, m.toast.text)
	case done:
		r.text(t.good, m.toast.text)
	default:
		r.text(t.plain, m.toast.text)
	}
	r.gap(r.left)
	r.left += cells(undo) + 1
	return r.text(t.bold, undo).String()
}

// keysLine shows the keys that help most. The last cell of the screen stays
// empty: writing to it makes some terminals scroll.
func (m *model) keysLine(bindings []binding) string {
	t := m.theme
	r := t.row(m.w - 1).gap(1)
	for _, b := range bindings {
		if !b.short {
			continue
		}
		h := b.Help()
		does, _, _ := strings.Cut(h.Desc, ",")
		does, _, _ = strings.Cut(does, ":")
		does, _, _ = strings.Cut(does, ";")
		if cells(h.Key)+1+cells(does)+2 > r.left {
			continue
		}
		r.text(t.key, h.Key).gap(1).text(t.plain, does).gap(2)
	}
	return r.String()
}
