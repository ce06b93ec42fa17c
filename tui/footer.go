// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// mostRows is how many rows a remark, a question or a hint may take: the second
// half of an error is the useful one.
const mostRows = 4

// footer is what is asked or told, and the keys that help most: the rows at the
// bottom, two or more. The last cell of the screen stays empty: writing to it
// makes some terminals scroll.
func (m *model) footer() []string {
	t := m.theme
	switch {
	case m.question != nil:
		return append(m.note(t.warn, m.question.line()), m.keysLine(nil))
	case m.prompt != nil:
		return append([]string{m.prompt.render(t, m.w)}, m.hint()...)
	case m.pager != nil:
		return append(m.toastLines(), m.keysLine(m.pager.bindings()))
	}
	// Help comes first: who knows that key knows all.
	everywhere := m.everywhere()
	return append(m.toastLines(), m.keysLine(slices.Concat(everywhere[:1], m.panel().bindings(m), everywhere[1:])))
}

// note is a text in as many rows as it takes.
func (m *model) note(p paint, text string) (rows []string) {
	for _, l := range m.theme.broken(text, m.w-2) {
		rows = append(rows, m.theme.row(m.w).gap(1).text(p, l).String())
	}
	return rows
}

// broken breaks a text into rows of w cells; what does not fit into mostRows is
// cut off.
func (t *Theme) broken(text string, w int) []string {
	w = max(w, 1)
	rows := strings.Split(ansi.Wrap(text, w, ""), "\n")
	if len(rows) > mostRows {
		rows = append(rows[:mostRows-1], t.cut(strings.Join(rows[mostRows-1:], " "), w))
	}
	return rows
}

// hint is what is said below the prompt. What may come next needs but one row.
func (m *model) hint() (rows []string) {
	t, p, text := m.theme, m.theme.dim, m.prompt.hint
	lines := []string{t.cut(text, m.w-3)}
	switch {
	case m.prompt.loud:
		p, lines = t.warn, t.broken(text, m.w-3)
	case m.prompt.bad:
		p, lines = t.plain, t.broken(errorMark+text, m.w-3)
	}
	for i, l := range lines {
		r := t.row(m.w).gap(1)
		if i == len(lines)-1 {
			r = t.row(m.w - 1).gap(1)
		}
		rows = append(rows, m.marked(r, p, l).String())
	}
	return rows
}

const errorMark = "error: "

// marked puts a text that may begin as an error does.
func (m *model) marked(r *row, p paint, text string) *row {
	if rest, bad := strings.CutPrefix(text, errorMark); bad {
		return r.text(m.theme.bad, errorMark).text(p, rest)
	}
	return r.text(p, text)
}

// toastLines are what is said for a while, or an empty row.
func (m *model) toastLines() (rows []string) {
	t := m.theme
	if m.toast.text == "" || !m.now.Before(m.toast.until) {
		return []string{spaces(m.w)}
	}
	p, text, undo := t.plain, m.toast.text, ""
	switch {
	case m.toast.how == failed:
		text = errorMark + text
	case m.toast.how == done:
		p = t.good
	}
	if m.toast.undo && m.undoable() {
		undo = "(u undo)"
	}
	for i, l := range t.broken(text, m.w-2-cells(undo)) {
		r := m.marked(t.row(m.w).gap(1), p, l)
		if i == 0 {
			r.gap(r.left-cells(undo)-1).text(t.bold, undo)
		}
		rows = append(rows, r.String())
	}
	return rows
}

// keysLine shows the keys that help most.
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
