// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"

	"github.com/charmbracelet/lipgloss"
)

// paint is a style made ready: what a terminal is sent before and after a text.
// A row has many cells, and lipgloss would work out each anew.
type paint struct{ on, off string }

// newPaint makes a style ready.
func newPaint(s lipgloss.Style) paint {
	const text = "x"
	on, off, _ := strings.Cut(s.Inline(true).Render(text), text)
	return paint{on, off}
}

// over is p with a further style on top, as of a row that is selected.
func (p paint) over(q paint) paint {
	if q.on == "" {
		return p
	}
	return paint{p.on + q.on, q.off}
}
