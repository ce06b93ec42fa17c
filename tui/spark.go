// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"slices"
	"strings"
)

// kept is how many values a series remembers: at two a second, enough for the
// widest screen there is (240 cells, see facts) and then some.
const kept = 512

// series is how a number went, oldest first. It remembers the newest values.
type series struct{ values []float64 }

func (s *series) add(v float64) {
	if len(s.values) == kept {
		s.values = append(s.values[:0], s.values[1:]...)
	}
	s.values = append(s.values, v)
}

// last returns the newest n values, oldest first.
func (s *series) last(n int) []float64 { return s.values[max(len(s.values)-max(n, 0), 0):] }

// now is the newest value.
func (s *series) now() float64 {
	if len(s.values) == 0 {
		return 0
	}
	return s.values[len(s.values)-1]
}

// peak is the largest value there is; mean that of the newest n.
func (s *series) peak() float64 {
	if len(s.values) == 0 {
		return 0
	}
	return slices.Max(s.values)
}

func (s *series) mean(n int) (sum float64) {
	of := s.last(n)
	for _, v := range of {
		sum += v
	}
	return sum / float64(max(len(of), 1))
}

// spark draws values in one row of w cells, the newest at the right; top is
// full height.
func (t *Theme) spark(values []float64, w int, top float64) string {
	w = max(w, 0)
	values = values[max(len(values)-w, 0):]
	var b strings.Builder
	b.WriteString(spaces(w - len(values)))
	for _, v := range values {
		b.WriteString(t.marks.levels[t.level(v, top)])
	}
	return b.String()
}

// level is which of the levels v is, where top is the highest. What is not
// nothing shows.
func (t *Theme) level(v, top float64) int {
	highest := len(t.marks.levels) - 1
	if v <= 0 || top <= 0 {
		return 0
	}
	return min(max(int(v/top*float64(highest)+0.5), 1), highest)
}

// plot draws values in h rows of w cells, the newest at the right.
func (t *Theme) plot(values []float64, w, h int, top float64) []string {
	w, h = max(w, 0), max(h, 0)
	values = values[max(len(values)-w, 0):]
	highest := len(t.marks.levels) - 1
	lines := make([]string, h)
	for y := range h {
		var b strings.Builder
		b.WriteString(t.graph.on)
		b.WriteString(spaces(w - len(values)))
		under := float64(h - 1 - y) // rows below this one
		for _, v := range values {
			part := 0.0 // of this row
			if top > 0 {
				part = v/top*float64(h) - under
			}
			switch n := int(part*float64(highest) + 0.5); {
			case v > 0 && under == 0:
				b.WriteString(t.marks.levels[min(max(n, 1), highest)])
			default:
				b.WriteString(t.marks.levels[min(max(n, 0), highest)])
			}
		}
		b.WriteString(t.graph.off)
		lines[y] = b.String()
	}
	return lines
}

// bar draws a share of 1 in at most w cells.
func (t *Theme) bar(share float64, w int) string {
	n := min(max(int(share*float64(w)+0.5), 0), w)
	return strings.Repeat(t.marks.bar, n)
}
