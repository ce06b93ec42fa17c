// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"cygnet/internal/events"
	"cygnet/internal/holds"
)

// detail shows all that is known of what is selected, as it changes.
func (p *tarpitPanel) detail(m *model) {
	s := m.see()
	if s.snap == nil {
		return
	}
	if p.view == viewTargets {
		target := p.targets.selected
		show(m, "captured address "+addrText(m.theme, target), func(s *scene) string { return targetDetails(m.theme, s, target) })
		return
	}
	r := p.row()
	switch source, ok := p.source(m); {
	case p.view == viewHits && !ok: // an address became ours: nobody came
		if e, ok := s.catches.hit(p.hits.selected); ok {
			show(m, "captured address "+addrText(m.theme, e.Addr), func(s *scene) string { return targetDetails(m.theme, s, e.Addr) })
		}
	case p.view == viewHits, p.view == viewSources:
		show(m, "source "+addrText(m.theme, source), func(s *scene) string { return sourceDetails(m.theme, s, source) })
	case r == nil:
	case p.view == viewLongest:
		key := r.key
		show(m, "hold of "+r.name(m.theme), func(s *scene) string { return holdDetails(m.theme, s, key) })
	default:
		view, key := p.view, r.key
		title := map[tarpitView]string{viewNetworks: "network ", viewPorts: "port ", viewCountries: "country "}[view]
		show(m, title+r.name(m.theme), func(s *scene) string { return rowDetails(m.theme, s, view, key) })
	}
}

// show shows a text that is made anew whenever there is something new to see.
func show(m *model, title string, text func(s *scene) string) {
	m.pager = livePager(m, title, func(m *model) (string, bool) { return text(m.see()), true })
}

func sourceDetails(t *Theme, s *scene, source netip.Addr) string {
	var d details
	d.tally(t, s, viewSources, func(k heldKey) bool { return k.addr == source })
	d.stream(s, s.catches.sources[source])
	d.holds(t, s, func(h *holds.Hold) bool { return h.Source.Addr() == source })
	d.news(t, s, func(e *events.Event) bool { return e.Source == source })
	return d.String()
}

func targetDetails(t *Theme, s *scene, target netip.Addr) string {
	var d details
	d.stream(s, s.catches.targets[target])
	d.holds(t, s, func(h *holds.Hold) bool { return h.Captured.Addr() == target })
	d.news(t, s, func(e *events.Event) bool { return e.Addr == target })
	return d.String()
}

func holdDetails(t *Theme, s *scene, key heldKey) string {
	var d details
	source, captured := key.source, key.captured
	d.row("source", "%s", source)
	d.row("captured", "%s %s", captured, events.PortName(captured.Port()))
	all := longestOf(s.book())
	i := slices.IndexFunc(all, func(h holds.Hold) bool { return h.Source == source && h.Captured == captured })
	if i < 0 {
		d.row("held", "no more among the longest")
	} else {
		h := &all[i]
		d.row("held", "%s, %s", span(h.Held), map[bool]string{true: "and it goes on", false: "and it is over"}[h.Open])
		d.row("last", "%s, %s ago", h.Last.Local().Format(time.DateTime), ago(s, h.Last))
		d.row("country", "%s", dash(h.Country != "", h.Country))
	}
	d.WriteString("\nits source, " + source.Addr().String() + ":\n")
	d.tally(t, s, viewSources, func(k heldKey) bool { return k.addr == source.Addr() })
	d.news(t, s, func(e *events.Event) bool { return e.Source == source.Addr() })
	return d.String()
}

// rowDetails are those of a network, a port or a country.
func rowDetails(t *Theme, s *scene, view tarpitView, key heldKey) string {
	var d details
	d.tally(t, s, view, func(k heldKey) bool { return k == key })
	if view == viewPorts {
		d.holds(t, s, func(h *holds.Hold) bool { return h.Captured.Port() == key.port })
		d.news(t, s, func(e *events.Event) bool { return e.Kind != events.TarpitCaptured && e.Port == key.port })
		return d.String()
	}
	d.WriteString("\nits sources, of those that were caught most:\n")
	for _, r := range rowsOf(viewSources, s.book()) {
		if view == viewCountries && r.country == key.country || view == viewNetworks && networkOf(r.key.addr) == key.network {
			d.row("", "%s  %d SYNs, %d verified, %d held now, held %s", r.name(t), r.SYNs, r.Verified, r.Now, span(r.Held))
		}
	}
	if view == viewNetworks {
		d.news(t, s, func(e *events.Event) bool { return e.Source.IsValid() && networkOf(e.Source) == key.network })
	}
	return d.String()
}

// tally tells of a row of the book.
func (d *details) tally(t *Theme, s *scene, view tarpitView, its func(heldKey) bool) {
	rows := rowsOf(view, s.book())
	i := slices.IndexFunc(rows, func(r heldRow) bool { return its(r.key) })
	if i < 0 {
		d.row("book", "not among the %d that were caught most", holds.Rows)
		return
	}
	r := &rows[i]
	d.row("SYNs", "%d", r.SYNs)
	d.row("verified", "%d connections that it completed, so it is not forged", r.Verified)
	d.row("held", "%d now; %s all together", r.Now, span(r.Held))
	d.row("first", "%s, %s ago", r.First.Local().Format(time.DateTime), ago(s, r.First))
	d.row("last", "%s, %s ago", r.Last.Local().Format(time.DateTime), ago(s, r.Last))
	if r.country != "" {
		d.row("country", "%s", t.clean(r.country))
	}
}

// stream tells what this dashboard has counted itself.
func (d *details) stream(s *scene, k caught) {
	if k.count == 0 {
		d.row("seen here", "not counted: it came before, or was forgotten because too many others came")
		return
	}
	d.row("seen here", "%d hits, first %s, last %s, %s different ports", k.count, when(s, k.first), when(s, k.last), portsText(k.different))
}

// holds tells of connections among the longest.
func (d *details) holds(t *Theme, s *scene, its func(*holds.Hold) bool) {
	title := "\nits connections, of the longest:\n"
	for _, h := range longestOf(s.book()) {
		if its(&h) {
			fmt.Fprintf(d, "%s%-21s to %-21s %7s %s\n", title, t.clean(h.Source.String()), t.clean(h.Captured.String()), span(h.Held), openWord(h.Open))
			title = ""
		}
	}
}

// news are the newest events of the stream.
func (d *details) news(t *Theme, s *scene, its func(*events.Event) bool) {
	const most = 200
	d.WriteString("\nits newest hits, of those that are kept:\n")
	n, all := 0, s.catches.newest()
	for i := len(all) - 1; i >= 0 && n < most; i-- {
		if e := &all[i]; its(e) {
			d.WriteString(e.Time.Local().Format(time.DateTime) + "  " + newsWords(t, e) + "\n")
			n++
		}
	}
}

// newsWords are what an event tells.
func newsWords(t *Theme, e *events.Event) string {
	if e.Kind == events.TarpitCaptured {
		return addrText(t, e.Addr) + " captured: nobody holds it"
	}
	words := fmt.Sprintf("%-15s to %-15s %5d %s", addrText(t, e.Source), addrText(t, e.Addr), e.Port, events.PortName(e.Port))
	if what := whatWord(e.Kind); what != "" {
		words += " " + what
	}
	if held := heldFor(e); held != "" {
		words += ", held " + held
	}
	return words
}
