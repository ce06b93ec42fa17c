// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import "slices"

// render draws the list that is chosen, and beside it, where there is room, the
// top of two others.
func (p *tarpitPanel) render(m *model, w, h int) []string {
	t, s := m.theme, m.see()
	lines := p.head(t, s, w, h)
	h -= len(lines)
	p.list().y = len(lines) + 1
	if w < wideWidth {
		return append(lines, p.table(t, s, w, h)...)[:max(len(lines)+h, 0)]
	}
	right := max(w*3/10, 38)
	return append(lines, t.beside(p.table(t, s, w-right-1, h), p.sidebar(t, s, right, h))...)[:max(len(lines)+h, 0)]
}

// The columns of all lists; each has its own choice of them.
const (
	caughtTime = iota
	caughtSource
	caughtTarget
	caughtPort
	caughtWhat
	caughtHeldFor
	caughtPortName
	caughtNetwork
	caughtCountry
	caughtSYNs
	caughtVerified
	caughtNow
	caughtHeld
	caughtFrom
	caughtTo
	caughtState
	caughtHits
	caughtLastPort
	caughtLast
	caughtFirst
	caughtBar
	tarpitColumns
)

var tarpitShows = [tarpitViews][]int{
	viewHits:      {caughtTime, caughtSource, caughtTarget, caughtPort, caughtWhat, caughtHeldFor, caughtPortName},
	viewSources:   {caughtSource, caughtCountry, caughtSYNs, caughtVerified, caughtNow, caughtHeld, caughtLast, caughtFirst},
	viewNetworks:  {caughtNetwork, caughtSYNs, caughtVerified, caughtNow, caughtHeld, caughtLast, caughtFirst},
	viewPorts:     {caughtPort, caughtPortName, caughtSYNs, caughtVerified, caughtNow, caughtHeld, caughtLast, caughtBar},
	viewCountries: {caughtCountry, caughtSYNs, caughtVerified, caughtNow, caughtHeld, caughtLast, caughtFirst},
	viewLongest:   {caughtFrom, caughtCountry, caughtTo, caughtHeld, caughtState, caughtLast, caughtPortName},
	viewTargets:   {caughtTarget, caughtHits, caughtLastPort, caughtLast, caughtPortName},
}

func (p *tarpitPanel) columns() []column {
	grow := 0
	if p.long {
		grow = 24
	}
	all := [tarpitColumns]column{
		caughtTime: {title: "TIME", width: 8}, caughtSource: {title: "SOURCE", width: 15, grow: grow}, caughtTarget: {title: "CAPTURED", width: 15, grow: grow},
		caughtPort: {title: "PORT", width: 5, right: true}, caughtWhat: {title: "WHAT", width: 8}, caughtHeldFor: {title: "HELD", width: 6, right: true},
		caughtPortName: {title: "USUALLY", width: 10, grow: 6, rank: 3}, caughtNetwork: {title: "NETWORK", width: 18, grow: grow},
		caughtCountry: {title: "CC", width: 2, off: !p.located()}, caughtSYNs: {title: "SYNS", width: 5, right: true},
		caughtVerified: {title: "VERIFIED", width: 9, right: true}, caughtNow: {title: "HELD NOW", width: 8, right: true},
		caughtHeld: {title: "HELD", width: 7, right: true}, caughtFrom: {title: "SOURCE", width: 21, grow: grow},
		caughtTo: {title: "CAPTURED", width: 21, grow: grow}, caughtState: {title: "STATE", width: 5},
		caughtHits: {title: "HITS", width: 5, right: true}, caughtLastPort: {title: "LAST PORT", width: 9, right: true},
		caughtLast: {title: "LAST SEEN", width: 10, right: true}, caughtFirst: {title: "FIRST", width: 8, right: true, rank: 2},
		caughtBar: {width: 8, grow: 42, rank: 4},
	}
	var chosen []column
	for _, c := range tarpitShows[p.view] {
		chosen = append(chosen, all[c])
	}
	return chosen
}

// located says whether the country of any row is known.
func (p *tarpitPanel) located() bool {
	return slices.ContainsFunc(p.held, func(r heldRow) bool { return r.country != "" })
}

// sortedBy is the column that the list is sorted by.
func (p *tarpitPanel) sortedBy() int {
	switch {
	case p.view == viewHits:
		return caughtTime
	case p.recent:
		return caughtLast
	case p.view == viewPorts:
		return caughtSYNs
	case p.view == viewLongest:
		return caughtHeld
	case p.view == viewTargets:
		return caughtHits
	}
	return caughtVerified
}

// order is the same, among those that are shown; hits only ever come as they come.
func (p *tarpitPanel) order() order {
	if p.view == viewHits {
		return order{column: -1}
	}
	return order{column: slices.Index(tarpitShows[p.view], p.sortedBy())}
}

func (p *tarpitPanel) table(t *Theme, s *scene, w, h int) []string {
	if p.list().rows == 0 {
		return t.pad([]string{t.row(w).String(), t.row(w).gap(3).text(t.dim, t.clean(p.emptyText(s))).String()}, w, h)
	}
	shown := tarpitShows[p.view]
	_, widths := fit(p.columns(), w-3)
	bar := widths[len(widths)-1] // where there is one, it is the last
	return t.table(w, h, p.columns(), p.list(), p.order(), true, func(i, c int) (string, paint) { return p.cell(t, s, i, shown[c], bar) })
}

func (p *tarpitPanel) emptyText(s *scene) string {
	book := p.view != viewHits && p.view != viewTargets
	switch {
	case p.filter.on() && (s.catches.total > 0 || len(rowsOf(p.view, s.book())) > 0):
		return "nothing matches /" + p.filter.text + "; esc shows all"
	case s.snap.Tarpit.List == "":
		return "the tarpit is off: it captures what a list permits, see  :help tarpit_acl"
	case s.snap.Standby:
		return "on standby: the tarpit answers nobody"
	case s.observing() && book:
		return "observe: nobody is answered, so nobody is caught"
	case p.view == viewCountries:
		return "no source's country is known: geoip names a database, see  :help geoip"
	case p.view == viewLongest:
		return "nobody was held yet: whoever completes a connection is"
	case book:
		return "nobody was caught yet"
	}
	return "no hits yet"
}
