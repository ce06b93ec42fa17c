// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"slices"
	"strconv"

	"cygnet/internal/events"
	"cygnet/internal/holds"
)

// sidebar is the top of two other lists, in h rows.
func (p *tarpitPanel) sidebar(t *Theme, s *scene, w, h int) []string {
	half := h / 2
	if half < 2 {
		return t.pad(nil, w, h)
	}
	upper, lower := topSources, topPorts
	switch p.view {
	case viewSources:
		upper = topHolds
	case viewPorts:
		lower = topHolds
	}
	return append(upper(t, s.book(), w, half), lower(t, s.book(), w, h-half)...)
}

// topSources is who sent the most SYNs, in h rows.
func topSources(t *Theme, b *holds.Stats, w, h int) []string {
	lines := []string{t.section(w, "Top sources", "SYNs")}
	rows := mostSYNs(rowsOf(viewSources, b))
	for i := range rows[:min(len(rows), h-1)] {
		lines = append(lines, sideRow(t, w, rows[i].name(t), short(float64(rows[i].SYNs)), shareOf(rows[i].SYNs, rows[0].SYNs)))
	}
	return t.pad(lines, w, h)
}

// topPorts is what was asked for most, in h rows.
func topPorts(t *Theme, b *holds.Stats, w, h int) []string {
	lines := []string{t.section(w, "Top ports", "SYNs")}
	rows := mostSYNs(rowsOf(viewPorts, b))
	for i := range rows[:min(len(rows), h-1)] {
		port := rows[i].key.port
		r := t.row(w).gap(1).number(t.plain, strconv.Itoa(int(port)), 5).gap(1).cell(t.dim, events.PortName(port), 12)
		r.number(t.plain, short(float64(rows[i].SYNs)), 6).gap(1)
		lines = append(lines, r.text(t.graph, t.bar(shareOf(rows[i].SYNs, rows[0].SYNs), max(r.left-1, 0))).String())
	}
	return t.pad(lines, w, h)
}

// topHolds is who was held longest, in h rows.
func topHolds(t *Theme, b *holds.Stats, w, h int) []string {
	lines := []string{t.section(w, "Longest holds", "")}
	rows := rowsOf(viewLongest, b)
	slices.SortStableFunc(rows, func(a, b heldRow) int { return compareHeld(&a, &b, caughtHeld) })
	for i := range rows[:min(len(rows), h-1)] {
		one := &rows[i]
		r := t.row(w).gap(1).cell(t.plain, one.name(t), max(w-15, 15)).gap(1).number(t.plain, span(one.Held), 6).gap(1)
		lines = append(lines, r.text(t.dim, openWord(one.open)).String())
	}
	return t.pad(lines, w, h)
}

func mostSYNs(rows []heldRow) []heldRow {
	slices.SortStableFunc(rows, func(a, b heldRow) int { return cmp.Compare(b.SYNs, a.SYNs) })
	return rows
}

func shareOf(n, most uint64) float64 { return float64(n) / float64(max(most, 1)) }
