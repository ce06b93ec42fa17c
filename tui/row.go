// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// row builds one line of exactly so many cells. Every text it is given is
// clean and plain; only paints bring control sequences.
type row struct {
	b     strings.Builder
	left  int // cells that are not filled yet
	theme *Theme
	over  paint // on top of every cell, as of a selected row
}

func (t *Theme) row(w int) *row { return &row{left: max(w, 0), theme: t} }

// text puts s where there is room, and what of it has room.
func (r *row) text(p paint, s string) *row {
	if w := cells(s); w <= r.left {
		r.left -= w
	} else {
		s = r.theme.cut(s, r.left)
		r.left = 0
	}
	if s == "" {
		return r
	}
	p = p.over(r.over)
	r.b.WriteString(p.on)
	r.b.WriteString(s)
	r.b.WriteString(p.off)
	return r
}

// cell puts s into w cells, at their left.
func (r *row) cell(p paint, s string, w int) *row {
	w = min(w, r.left)
	s = r.theme.cut(s, w)
	return r.text(p, s+spaces(w-cells(s)))
}

// number puts s into w cells, at their right.
func (r *row) number(p paint, s string, w int) *row {
	w = min(w, r.left)
	s = r.theme.cut(s, w)
	return r.text(p, spaces(w-cells(s))+s)
}

// gap leaves n cells empty.
func (r *row) gap(n int) *row { return r.text(paint{}, spaces(min(n, r.left))) }

// until fills up with s, of one cell, so that n cells are left.
func (r *row) until(p paint, s string, n int) *row {
	if r.left > n {
		r.text(p, strings.Repeat(s, r.left-n))
	}
	return r
}

// String fills what is left and returns the line.
func (r *row) String() string {
	r.gap(r.left)
	return r.b.String()
}

// cells is how many cells s takes.
func cells(s string) int {
	for i := range len(s) {
		if s[i] >= 0x80 || s[i] < 0x20 {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// cut shortens s to w cells, with a mark where something is missing.
func (t *Theme) cut(s string, w int) string {
	switch {
	case w <= 0:
		return ""
	case cells(s) <= w:
		return s
	}
	return ansi.Truncate(s, w, t.marks.more)
}

const blank = "                                                                                                    "

func spaces(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blank):
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}

// pad makes lines exactly h rows of w cells.
func (t *Theme) pad(lines []string, w, h int) []string {
	for len(lines) < h {
		lines = append(lines, spaces(w))
	}
	return lines[:max(h, 0)]
}

// beside puts two blocks of the same height next to each other, with a wall
// between them.
func (t *Theme) beside(a, b []string) []string {
	both := make([]string, min(len(a), len(b)))
	for i := range both {
		both[i] = a[i] + t.dim.on + t.marks.wall + t.dim.off + b[i]
	}
	return both
}

// section is the line above a section: its title, and at its right a remark.
func (t *Theme) section(w int, title, remark string) string {
	r := t.row(w).text(t.dim, t.marks.rule).text(t.title, title)
	if remark == "" {
		return r.until(t.dim, t.marks.rule, 0).String()
	}
	remark = " " + t.cut(remark, r.left-3) + " "
	return r.until(t.dim, t.marks.rule, cells(remark)+1).text(t.plain, remark).until(t.dim, t.marks.rule, 0).String()
}
