// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import tea "github.com/charmbracelet/bubbletea"

// grid is where in a long list an operator is: the row with the cursor and the
// first one on the screen.
type grid struct {
	cursor, top int
	rows        int // that there are
	height      int // that were on the screen, when it was drawn last
	y           int // where the first of them was, in the panel
}

// resize says how many rows there are now.
func (g *grid) resize(rows int) {
	g.rows = rows
	g.moveTo(g.cursor)
}

// moveTo puts the cursor on a row, or as near as there is one.
func (g *grid) moveTo(row int) { g.cursor = max(min(row, g.rows-1), 0) }

// window scrolls so that the cursor is among h rows, and returns the first row
// to draw and the one behind the last.
func (g *grid) window(h int) (from, to int) {
	h = max(h, 1)
	g.height = h
	g.top = max(min(g.top, g.rows-h), 0)
	g.top = max(min(g.top, g.cursor), g.cursor-h+1)
	return g.top, min(g.top+h, g.rows)
}

// bindings move the cursor; moved, which may be nil, is called after that.
func (g *grid) bindings(moved func()) []binding {
	to := func(where func() int) func(*model) tea.Cmd {
		return then(func(*model) {
			g.moveTo(where())
			if moved != nil {
				moved()
			}
		})
	}
	return []binding{
		bind("up", "one row up", to(func() int { return g.cursor - 1 }), "up", "k"),
		bind("down", "one row down", to(func() int { return g.cursor + 1 }), "down", "j"),
		bind("pgup", "one page up", to(func() int { return g.cursor - max(g.height-1, 1) }), "pgup", "ctrl+b"),
		bind("pgdown", "one page down", to(func() int { return g.cursor + max(g.height-1, 1) }), "pgdown", "ctrl+f"),
		bind("g", "first row", to(func() int { return 0 }), "g", "home"),
		bind("G", "last row", to(func() int { return g.rows - 1 }), "G", "end"),
	}
}

// column is one column of a table.
type column struct {
	title string
	width int  // in cells
	right bool // numbers stand at the right
	grow  int  // how many more cells it may take where there is room
	rank  int  // where there is none, the highest goes first; 0 never goes
	off   bool // nothing to show here at the moment
}

// fit returns the columns that have room in w cells, as indices, and their
// widths; each but the first is one cell away from the one before.
func fit(columns []column, w int) (shown, widths []int) {
	total := -1
	for i, c := range columns {
		if !c.off {
			shown = append(shown, i)
			total += c.width + 1
		}
	}
	for total > w {
		least := -1
		for k, i := range shown {
			if columns[i].rank > 0 && (least < 0 || columns[i].rank >= columns[shown[least]].rank) {
				least = k
			}
		}
		if least < 0 {
			break // the rows cut what has no room
		}
		total -= columns[shown[least]].width + 1
		shown = append(shown[:least:least], shown[least+1:]...)
	}
	for _, i := range shown {
		more := max(min(columns[i].grow, w-total), 0)
		total += more
		widths = append(widths, columns[i].width+more)
	}
	return shown, widths
}

// order is the column that a table is sorted by; -1 is the order in which
// things are configured.
type order struct {
	column  int
	reverse bool
}

// table draws column titles and as many rows as have room in h, of w cells.
// cell gives the text of a row in a column, clean, and its paint. The row with
// the cursor is marked, and turned over if the table has the focus.
func (t *Theme) table(w, h int, columns []column, g *grid, by order, focus bool, cell func(i, column int) (string, paint)) []string {
	shown, widths := fit(columns, w-3)
	head := t.row(w).gap(3)
	for k, i := range shown {
		title := columns[i].title
		if by.column == i {
			title += map[bool]string{true: t.marks.up, false: t.marks.down}[by.reverse]
		}
		put(head, columns[i].right, t.dim, title, widths[k]).gap(1)
	}
	lines := []string{head.String()}
	from, to := g.window(h - 1)
	for i := from; i < to; i++ {
		r := t.row(w)
		mark := " "
		if i == g.cursor && focus {
			r.over, mark = t.selected, t.marks.point
		}
		r.gap(1).text(t.bold, mark).gap(1)
		for k, c := range shown {
			s, p := cell(i, c)
			put(r, columns[c].right, p, s, widths[k]).gap(1)
		}
		lines = append(lines, r.String())
	}
	return t.pad(lines, w, h)
}

func put(r *row, right bool, p paint, s string, w int) *row {
	if right {
		return r.number(p, s, w)
	}
	return r.cell(p, s, w)
}
