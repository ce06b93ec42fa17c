// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"fmt"
	"slices"
)

// serverRows is who is on which server: services, and below each its servers, the
// one with the most flows first.
type serverRows struct {
	grid
	rows []serverRow
}

// serverRow is a service, or a server below it.
type serverRow struct {
	service *serviceReading
	server  *serverReading // nil for the service itself
}

func (p *serverRows) refresh(now *reading, f filter) {
	p.rows = p.rows[:0]
	servers := now.servers
	for i := range now.services {
		svc := &now.services[i]
		var shown []serverRow
		for len(servers) > 0 && servers[0].service == svc {
			if srv := &servers[0]; !f.on() || f.passes(srv.haystack()) {
				shown = append(shown, serverRow{svc, srv})
			}
			servers = servers[1:]
		}
		if len(shown) == 0 && f.on() {
			continue
		}
		slices.SortStableFunc(shown, func(a, b serverRow) int {
			return cmp.Or(cmp.Compare(b.server.Flows, a.server.Flows), cmp.Compare(b.server.rate.frames, a.server.rate.frames))
		})
		p.rows = append(append(p.rows, serverRow{service: svc}), shown...)
	}
	p.resize(len(p.rows))
}

func (p *serverRows) render(t *Theme, w, h int) []string {
	var lines []string
	from, to := p.window(h)
	for i := from; i < to; i++ {
		lines = append(lines, p.row(t, w, i))
	}
	return t.pad(lines, w, h)
}

func (p *serverRows) row(t *Theme, w, i int) string {
	r, mark := t.row(w), " "
	if i == p.cursor {
		r.over, mark = t.selected, t.marks.point
	}
	r.gap(1).text(t.bold, mark).gap(1)
	svc, srv := p.rows[i].service, p.rows[i].server
	if srv == nil {
		busy := fmt.Sprintf("%s  %s  %s/s", svc.upWords(), flowsWords(svc.Flows), short(svc.rate.frames))
		where := fmt.Sprintf("%s  %s:%s/%s%s  %s", svc.Name, svc.VIP, svc.PortWord(), svc.ProtoWord(), svc.VLANWord(), svc.Mode)
		return r.cell(t.bold, t.clean(where), r.left-cells(busy)-2).gap(1).text(t.plain, busy).String()
	}
	r.gap(2).cell(t.plain, t.clean(srv.label()), 16).gap(1).cell(srv.state.paint(t), srv.state.words(), 8).gap(1)
	share := 0.0
	if svc.Flows > 0 {
		share = float64(srv.Flows) / float64(svc.Flows)
	}
	r.number(t.plain, flowsWords(srv.Flows), 11).gap(1).number(t.plain, percent(share), 5).gap(1)
	r.number(t.plain, short(srv.rate.frames)+"/s", 8).gap(1)
	return r.text(t.graph, t.bar(share, min(max(r.left-1, 0), 60))).String()
}
