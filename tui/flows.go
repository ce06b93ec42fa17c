// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"fmt"
	"slices"
)

// flowsPanel is the tab of flows and clients. The engine keeps none yet, so it
// says that, and what can be said without: who is on which server, as shares.
// The flow table brings its own lists here, and these rows go below them.
type flowsPanel struct {
	grid
	filter filter
	rows   []flowRow
}

// flowRow is a service, or a server below it.
type flowRow struct {
	service *serviceReading
	server  *serverReading // nil for the service itself
}

func (p *flowsPanel) name() string { return "Flows" }

func (p *flowsPanel) refresh(m *model) {
	if m.panel() != p {
		return
	}
	now := m.see().reading
	p.rows = p.rows[:0]
	servers := now.servers
	for i := range now.services {
		svc := &now.services[i]
		var shown []flowRow
		for j := range servers[:len(svc.Servers)] {
			if srv := &servers[j]; !p.filter.on() || p.filter.passes(srv.haystack()) {
				shown = append(shown, flowRow{svc, srv})
			}
		}
		servers = servers[len(svc.Servers):]
		if len(shown) == 0 && p.filter.on() {
			continue
		}
		slices.SortStableFunc(shown, func(a, b flowRow) int { return cmp.Compare(b.server.rate.frames, a.server.rate.frames) })
		p.rows = append(append(p.rows, flowRow{service: svc}), shown...)
	}
	p.resize(len(p.rows))
}

func (p *flowsPanel) bindings(*model) []binding { return p.grid.bindings(nil) }

func (p *flowsPanel) setFilter(m *model, f filter) {
	p.filter = f
	p.refresh(m)
}

func (p *flowsPanel) remark() string {
	if p.filter.on() {
		return "/" + p.filter.text
	}
	return ""
}

func (p *flowsPanel) click(_ *model, _, y int, wheel int8) { p.grid.click(y, wheel) }

// noFlows says why there are none, in rows that the smallest screen has room
// for.
var noFlows = [...]string{
	"This version keeps no flows: each frame finds its server by a keyed",
	"hash of its client. The table of flows comes with a later version.",
}

func (p *flowsPanel) render(m *model, w, h int) []string {
	t := m.theme
	lines := []string{t.section(w, "Flows and clients", "none are kept")}
	for _, text := range noFlows {
		lines = append(lines, t.row(w).gap(1).text(t.dim, text).String())
	}
	lines = append(lines, t.section(w, "Who is on which server", "the busiest first, shares of the last seconds"))
	p.y = len(lines)
	if len(p.rows) == 0 {
		lines = append(lines, t.row(w).gap(3).text(t.dim, t.clean(p.emptyText())).String())
	}
	from, to := p.window(h - len(lines))
	for i := from; i < to; i++ {
		lines = append(lines, p.row(t, w, i))
	}
	return t.pad(lines, w, h)
}

func (p *flowsPanel) emptyText() string {
	if p.filter.on() {
		return "nothing matches /" + p.filter.text + "; esc shows all"
	}
	return "no services: add one with  :listen ADDR:PORT"
}

func (p *flowsPanel) row(t *Theme, w, i int) string {
	r, mark := t.row(w), " "
	if i == p.cursor {
		r.over, mark = t.selected, t.marks.point
	}
	r.gap(1).text(t.bold, mark).gap(1)
	svc, srv := p.rows[i].service, p.rows[i].server
	if srv == nil {
		busy := fmt.Sprintf("%s/s", short(svc.rate.frames))
		where := fmt.Sprintf("%s  %s:%s/%s  %s", svc.Name, svc.VIP, svc.PortWord(), svc.ProtoWord(), svc.Mode)
		return r.cell(t.bold, t.clean(where), w-15).gap(1).number(t.plain, busy, 8).String()
	}
	r.gap(2).cell(t.plain, t.clean(label(srv.ServerSnapshot)), 16).gap(1).cell(srv.state.paint(t), srv.state.words(), 6).gap(1)
	r.number(t.plain, short(srv.rate.frames)+"/s", 8).gap(1).number(t.plain, dash(srv.share >= 0, percent(srv.share)), 5).gap(1)
	return r.text(t.graph, t.bar(max(srv.share, 0), min(max(r.left-1, 0), 60))).String()
}
