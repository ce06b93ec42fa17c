// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"net/netip"
	"strconv"

	"cygnet/internal/events"
)

// tarpitSide is the top of what is listed beside the hits, worked out once for
// what was caught.
type tarpitSide struct {
	catches *catches
	total   uint64
	view    tarpitView
	rows    int
	sources []ranked[netip.Addr]
	ports   []ranked[uint16]
	targets []ranked[netip.Addr]
}

// top works out the two that tell most beside the list that is chosen.
func (p *tarpitPanel) top(c *catches, rows int) *tarpitSide {
	d := &p.side
	if d.catches == c && d.total == c.total && d.view == p.view && d.rows == rows {
		return d
	}
	*d = tarpitSide{catches: c, total: c.total, view: p.view, rows: rows}
	if p.view == viewSources || p.view == viewPorts {
		d.targets = top(c.targets, rows)
	}
	if p.view != viewSources {
		d.sources = top(c.sources, rows)
	}
	if p.view != viewPorts {
		d.ports = top(c.ports, rows)
	}
	return d
}

// sidebar is the top of two other lists, in h rows.
func (p *tarpitPanel) sidebar(t *Theme, s *scene, w, h int) []string {
	half := h / 2
	if half < 2 {
		return t.pad(nil, w, h)
	}
	d := p.top(s.catches, h-half-1)
	upper, lower := addrSection(t, "Top sources", d.sources, w, half), topPorts(t, d.ports, w, h-half)
	switch p.view {
	case viewSources:
		upper = addrSection(t, "Top captured addresses", d.targets, w, half)
	case viewPorts:
		lower = addrSection(t, "Top captured addresses", d.targets, w, h-half)
	}
	return append(upper, lower...)
}

// addrSection is the addresses that came most, in h rows.
func addrSection(t *Theme, title string, ranking []ranked[netip.Addr], w, h int) []string {
	lines := []string{t.section(w, title, "")}
	for _, a := range ranking[:min(len(ranking), h-1)] {
		r := t.row(w).gap(1).cell(t.plain, addrText(t, a.key), max(w-18, 15)).gap(1).number(t.plain, short(float64(a.count)), 5).gap(1)
		lines = append(lines, r.text(t.graph, t.bar(float64(a.count)/float64(ranking[0].count), max(r.left-1, 0))).String())
	}
	return t.pad(lines, w, h)
}

// topPorts is the ports that came most, in h rows.
func topPorts(t *Theme, ranking []ranked[uint16], w, h int) []string {
	lines := []string{t.section(w, "Top ports", "")}
	for _, p := range ranking[:min(len(ranking), h-1)] {
		r := t.row(w).gap(1).number(t.plain, strconv.Itoa(int(p.key)), 5).gap(1).cell(t.dim, events.PortName(p.key), 12)
		r.number(t.plain, short(float64(p.count)), 6).gap(1)
		lines = append(lines, r.text(t.graph, t.bar(float64(p.count)/float64(ranking[0].count), max(r.left-1, 0))).String())
	}
	return t.pad(lines, w, h)
}
