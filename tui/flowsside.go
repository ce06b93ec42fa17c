// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"slices"
)

// sidebar is which servers have the most flows, and which clients keep them busy,
// in h rows.
func (p *flowsPanel) sidebar(t *Theme, s *scene, w, h int) []string {
	half := h / 2
	if half < 2 {
		return t.pad(nil, w, h)
	}
	lower := busiestClients(t, s, w, h-half)
	if p.view == viewClients {
		lower = busiestFlows(t, s, w, h-half)
	}
	return append(fullestServers(t, s, w, half), lower...)
}

func fullestServers(t *Theme, s *scene, w, h int) []string {
	lines := []string{t.section(w, "Open flows by server", "")}
	var all []*serverReading
	for i := range s.servers {
		if srv := &s.servers[i]; srv.Flows > 0 {
			all = append(all, srv)
		}
	}
	slices.SortStableFunc(all, func(a, b *serverReading) int { return cmp.Compare(b.Flows, a.Flows) })
	for _, srv := range all[:min(len(all), h-1)] {
		lines = append(lines, sideRow(t, w, srv.label(), short(float64(srv.Flows)), float64(srv.Flows)/float64(all[0].Flows)))
	}
	return t.pad(lines, w, h)
}

func busiestClients(t *Theme, s *scene, w, h int) []string {
	lines := []string{t.section(w, "Busiest clients", "bit/s")}
	all := s.snap.TopClients
	for i := range all[:min(len(all), h-1)] {
		lines = append(lines, sideRow(t, w, all[i].Addr.String(), short(8*float64(all[i].Rate)), float64(all[i].Rate)/float64(max(all[0].Rate, 1))))
	}
	return t.pad(lines, w, h)
}

func busiestFlows(t *Theme, s *scene, w, h int) []string {
	lines := []string{t.section(w, "Busiest flows", "bit/s")}
	all := s.snap.TopFlows
	for i := range all[:min(len(all), h-1)] {
		lines = append(lines, sideRow(t, w, all[i].Client.String(), short(8*float64(all[i].Rate)), float64(all[i].Rate)/float64(max(all[0].Rate, 1))))
	}
	return t.pad(lines, w, h)
}

// sideRow is a name, a number and a bar of it.
func sideRow(t *Theme, w int, name, number string, share float64) string {
	r := t.row(w).gap(1).cell(t.plain, t.clean(name), max(w-20, 15)).gap(1).number(t.plain, number, 5).gap(1)
	return r.text(t.graph, t.bar(share, max(r.left-1, 0))).String()
}
