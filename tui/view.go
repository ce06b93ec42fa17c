// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
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
	remark := t.clean(m.panel().remark())
	if remark != "" {
		remark = " " + remark + " "
	}
	if cells(remark) > r.left-2 {
		remark = t.cut(remark, max(r.left-2, 0))
	}
	return r.until(t.dim, t.marks.rule, cells(remark)+1).text(t.bold, remark).until(t.dim, t.marks.rule, 0).String()
}
