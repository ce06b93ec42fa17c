// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strconv"
	"strings"
	"time"

	"cygnet/internal/events"
)

// overviewPanel is the first tab: servers, with the focus, and of everything
// else the most important.
type overviewPanel struct{ serverActions }

func (p *overviewPanel) name() string { return "Overview" }

func (p *overviewPanel) refresh(m *model) {
	if m.panel() == p { // the table is also that of Servers
		p.serverTable.refresh(m.see().reading)
	}
}

func (p *overviewPanel) setFilter(m *model, f filter) {
	p.filter = f
	p.refresh(m)
}

func (p *overviewPanel) render(m *model, w, h int) []string {
	if w >= wideWidth && m.h >= wideHeight {
		return p.wide(m, w, h)
	}
	return p.narrow(m, w, h)
}

// narrow puts everything below one another: servers take what they need, the
// tarpit and the events share what is left, but have at least a few rows.
func (p *overviewPanel) narrow(m *model, w, h int) []string {
	t, s := m.theme, m.see()
	least := 3 // a title and two rows
	if h < 14 {
		least = 2
	}
	servers := max(min(len(p.rows)+1, h-2*least), 3)
	rest := h - servers
	tarpit := rest / 2
	p.y, p.across = 1, w
	lines := p.serverTable.render(t, s, w, servers)
	lines = append(lines, tarpitSection(t, s, w, tarpit)...)
	return t.pad(append(lines, eventsSection(t, s, w, rest-tarpit)...), w, h)
}

// wide has two columns: to the right of what comes and goes, how much and why.
func (p *overviewPanel) wide(m *model, w, h int) []string {
	t, s := m.theme, m.see()
	right := max(w*3/10, 38)
	left := w - right - 1
	servers := max(min(len(p.rows)+1, h*2/5), 5)
	graph := max(min(h/5, 10), 4)
	rest := h - servers - graph
	tarpit := rest / 2
	p.y, p.across = 1, left
	lines := p.serverTable.render(t, s, left, servers)
	lines = append(lines, graphSection(t, s, left, graph)...)
	lines = append(lines, tarpitSection(t, s, left, tarpit)...)
	lines = append(lines, eventsSection(t, s, left, rest-tarpit)...)
	return t.beside(t.pad(lines, left, h), p.sidebar(m, right, h))
}

// sidebar is the right column of wide.
func (p *overviewPanel) sidebar(m *model, w, h int) []string {
	t, s := m.theme, m.see()
	lines := trafficSection(t, s, w)
	lines = append(lines, servicesSection(t, s, w)...)
	lines = append(lines, cpuSection(t, s, w)...)
	lines = append(lines, dropsSection(t, s, w)...)
	lines = append(lines, alertsSection(t, m.alerts(), w)...)
	lines = append(lines, listsSection(t, s, w)...)
	if rows := h - len(lines); rows > 1 {
		lines = append(lines, topPorts(t, s.book(), w, rows)...)
	}
	return t.pad(lines, w, h)
}

// tarpitSection is the tarpit in h rows: the sources that came last.
func tarpitSection(t *Theme, s *scene, w, h int) []string {
	const title = "Tarpit"
	lines := []string{t.section(w, title, fitting(w-cells(title)-5, pitWords(s)))}
	hits := s.catches.newest()
	for i := len(hits) - 1; i >= 0 && len(lines) < h; i-- {
		lines = append(lines, hitRow(t, &hits[i], w))
	}
	return t.pad(lines, w, h)
}

// pitWords say how the tarpit is, what matters most first.
func pitWords(s *scene) []string {
	switch {
	case s.snap.Tarpit.List == "":
		return []string{"off"}
	case s.observing():
		return []string{"observes", short(float64(s.snap.Tarpit.Addresses)) + " would be captured", sourcesWord(s.catches)}
	}
	words := []string{
		short(float64(s.snap.Tarpit.Addresses)) + " addresses", short(s.hits) + "/s", plain(s.book().Now, "held now"), "total " + span(s.book().Total),
	}
	if ports := mostSYNs(rowsOf(viewPorts, s.book())); len(ports) > 0 {
		words = append(words, "top port "+strconv.Itoa(int(ports[0].key.port)))
	}
	return append(words, short(float64(s.snap.TarpitHits()))+" hits", sourcesWord(s.catches))
}

// sourcesWord says how many sources were seen, or at least how many.
func sourcesWord(c *catches) string {
	if c.shed {
		return strconv.Itoa(topKept) + "+ sources"
	}
	return plural(len(c.sources), "source")
}

// hitRow is an event of the tarpit in one row.
func hitRow(t *Theme, e *events.Event, w int) string {
	r := t.row(w).gap(1).text(t.dim, timeOf(e.Time)).gap(1)
	if e.Kind == events.TarpitCaptured {
		return r.cell(t.plain, addrText(t, e.Addr), 16).text(t.dim, "captured: nobody holds it").String()
	}
	r.cell(t.plain, addrText(t, e.Source), 16).text(t.dim, "to ").cell(t.plain, addrText(t, e.Addr), 16).gap(1).number(t.plain, strconv.Itoa(int(e.Port)), 5).gap(1)
	if what := whatWord(e.Kind); what != "" {
		return r.text(t.whatPaint(e.Kind), strings.TrimSpace(what+" "+heldFor(e))).String()
	}
	return r.text(t.dim, events.PortName(e.Port)).String()
}

// eventsSection is the newest changes in h rows, the newest first.
func eventsSection(t *Theme, s *scene, w, h int) []string {
	lines := []string{t.section(w, "Events", "")}
	all := s.journal.newest()
	for i := len(all) - 1; i >= 0 && len(lines) < h; i-- {
		if !all[i].log {
			lines = append(lines, entryRow(t, all[i], w))
		}
	}
	return t.pad(lines, w, h)
}

// entryRow is an entry of the journal in one row.
func entryRow(t *Theme, e entry, w int) string {
	r := t.row(w).gap(1)
	if !e.when.IsZero() {
		r.text(t.dim, timeOf(e.when)).gap(1)
	}
	switch e.severity {
	case events.Error:
		r.text(t.bad, "ERROR ")
	case events.Warning:
		r.text(t.warn, "WARN ")
	}
	if e.who != "" { // first: a change may be long
		r.text(t.bold, e.who+" ")
	}
	return r.text(t.plain, e.text).String()
}

func timeOf(t time.Time) string { return t.Local().Format("15:04:05") }
