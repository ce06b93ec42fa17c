// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

// The smallest screen that the dashboard fits on, in cells.
const (
	leastWidth  = 60
	leastHeight = 16
)

// The largest: no terminal is, but a size may be nonsense.
const (
	mostWidth  = 1000
	mostHeight = 500
)

// From this size on Overview has two columns.
const (
	wideWidth  = 110
	wideHeight = 30
)

// layout says which row of the screen is what, counted from 0.
type layout struct {
	header     int // rows of it, from 0
	alert      int // the row of what is wrong; -1 where there is none
	tabs       int
	body       int
	bodyHeight int
}

// layout works out the rows of the screen as it is.
func (m *model) layout() layout {
	l := layout{header: 3, alert: -1}
	if m.h < 20 {
		l.header = 2 // the sparkline goes first
	}
	next := l.header
	if len(m.alerts()) > 0 {
		l.alert = next
		next++
	}
	l.tabs, l.body = next, next+1
	l.bodyHeight = max(m.h-len(m.footer())-l.body, 0)
	return l
}
