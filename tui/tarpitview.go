// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"cygnet/internal/events"
)

// render draws the list that is chosen, and beside it, where there is room, the
// top of two others.
func (p *tarpitPanel) render(m *model, w, h int) []string {
	t, s := m.theme, m.see()
	lines := p.head(t, s, w)
	h -= len(lines)
	p.list().y = len(lines) + 1
	if w < wideWidth {
		return append(lines, p.table(t, s, w, h)...)[:max(len(lines)+h, 0)]
	}
	right := max(w*3/10, 38)
	return append(lines, t.beside(p.table(t, s, w-right-1, h), p.sidebar(t, s, right, h))...)[:max(len(lines)+h, 0)]
}

// head is how the tarpit is, what can be listed, and what is not complete.
func (p *tarpitPanel) head(t *Theme, s *scene, w int) []string {
	title := "Tarpit: " + p.view.String()
	lines := []string{t.section(w, title, fitting(w-cells(title)-5, tarpitWords(t, s))), p.views(t, w)}
	var notes []string
	if missed := s.catches.lost + p.missed(s); missed > 0 {
		notes = append(notes, fmt.Sprintf("counted %s, seen %s: the rest came too fast", short(float64(s.catches.total+missed)), short(float64(s.catches.total))))
	}
	if s.catches.shed {
		notes = append(notes, "(lower bounds)")
	}
	if len(notes) > 0 {
		lines = append(lines, t.row(w).gap(1).text(t.warn, strings.Join(notes, "  ")).String())
	}
	return lines
}

// tarpitWords say how the tarpit is, what matters most first.
func tarpitWords(t *Theme, s *scene) []string {
	if s.snap.Tarpit.List == "" {
		return []string{"off"}
	}
	return []string{
		"list " + t.clean(s.snap.Tarpit.List), short(s.hits) + "/s", short(float64(s.snap.TarpitHits())) + " hits",
		short(float64(s.snap.Tarpit.Addresses)) + " captured",
		"held now -", // no version tells yet how long a connection is held
	}
}

// fitting joins as many words as have room in w cells.
func fitting(w int, words []string) string {
	all := ""
	for _, word := range words {
		if more := strings.TrimPrefix(all+"  "+word, "  "); cells(more) <= w {
			all = more
		}
	}
	return all
}

// missed is how many hits never became events since the dashboard looks.
func (p *tarpitPanel) missed(s *scene) uint64 {
	return s.snap.Tarpit.HitsLost - min(p.base.missed, s.snap.Tarpit.HitsLost) + s.sight.LostHits
}

// views names what can be listed.
func (p *tarpitPanel) views(t *Theme, w int) string {
	r := t.row(w).gap(1)
	for v := range tarpitViews {
		if v == p.view {
			r.text(t.tabOn, "["+v.String()+"]").gap(1)
		} else {
			r.gap(1).text(t.tab, v.String()).gap(2)
		}
	}
	return r.String()
}

// The columns of all lists; each has its own choice of them.
const (
	caughtTime = iota
	caughtSource
	caughtTarget
	caughtPort
	caughtPortName
	caughtHits
	caughtPorts
	caughtLastPort
	caughtLast
	caughtFirst
	caughtBar
	tarpitColumns
)

var tarpitShows = [tarpitViews][]int{
	viewHits:    {caughtTime, caughtSource, caughtTarget, caughtPort, caughtPortName},
	viewSources: {caughtSource, caughtHits, caughtPorts, caughtLastPort, caughtLast, caughtFirst, caughtPortName},
	viewPorts:   {caughtPort, caughtPortName, caughtHits, caughtLast, caughtBar},
	viewTargets: {caughtTarget, caughtHits, caughtLastPort, caughtLast, caughtPortName},
}

func (p *tarpitPanel) columns() []column {
	grow := 0
	if p.long {
		grow = 24
	}
	all := [tarpitColumns]column{
		caughtTime: {title: "TIME", width: 8}, caughtSource: {title: "SOURCE", width: 15, grow: grow}, caughtTarget: {title: "CAPTURED", width: 15, grow: grow},
		caughtPort: {title: "PORT", width: 5, right: true}, caughtPortName: {title: "USUALLY", width: 10, grow: 6, rank: 3},
		caughtHits: {title: "HITS", width: 5, right: true}, caughtPorts: {title: "PORTS", width: 5, right: true},
		caughtLastPort: {title: "LAST PORT", width: 9, right: true}, caughtLast: {title: "LAST SEEN", width: 10, right: true},
		caughtFirst: {title: "FIRST", width: 8, right: true, rank: 2}, caughtBar: {width: 8, grow: 42, rank: 4},
	}
	var chosen []column
	for _, c := range tarpitShows[p.view] {
		chosen = append(chosen, all[c])
	}
	return chosen
}

// order is the column that the list is sorted by.
func (p *tarpitPanel) order() order {
	by := caughtHits
	if p.recent {
		by = caughtLast
	}
	for i, c := range tarpitShows[p.view] {
		if c == by {
			return order{column: i}
		}
	}
	return order{column: -1}
}

func (p *tarpitPanel) table(t *Theme, s *scene, w, h int) []string {
	if p.list().rows == 0 {
		return t.pad([]string{t.row(w).String(), t.row(w).gap(3).text(t.dim, p.emptyText(t, s)).String()}, w, h)
	}
	shown := tarpitShows[p.view]
	_, widths := fit(p.columns(), w-3)
	bar := widths[len(widths)-1] // where there is one, it is the last
	return t.table(w, h, p.columns(), p.list(), p.order(), true, func(i, c int) (string, paint) { return p.cell(t, s, i, shown[c], bar) })
}

func (p *tarpitPanel) emptyText(t *Theme, s *scene) string {
	switch {
	case p.filter.on() && s.catches.total > 0:
		return t.clean("nothing matches /" + p.filter.text + "; esc shows all")
	case s.snap.Tarpit.List == "":
		return "the tarpit is off: it captures what a list permits, see  :help tarpit_acl"
	}
	return "no hits yet"
}

// cell is one cell of the list that is chosen. bar is how many of the screen a
// bar may take.
func (p *tarpitPanel) cell(t *Theme, s *scene, i, c, bar int) (string, paint) {
	switch p.view {
	case viewSources:
		k := p.sources.ranks[i]
		return caughtCell(t, s, c, k.key, k.caught)
	case viewPorts:
		k := p.ports.ranks[i]
		if c == caughtBar {
			return t.bar(float64(k.count)/float64(p.ports.most), bar), t.graph
		}
		k.port = k.key
		return caughtCell(t, s, c, netip.Addr{}, k.caught)
	case viewTargets:
		k := p.targets.ranks[i]
		return caughtCell(t, s, c, k.key, k.caught)
	}
	e, _ := s.catches.hit(p.hits.keys[i])
	if c == caughtTime {
		return timeOf(e.Time), t.dim
	}
	return caughtCell(t, s, c, e.Source, caught{target: e.Addr, port: e.Port})
}

// caughtCell is what is known of one that came, in a column.
func caughtCell(t *Theme, s *scene, c int, source netip.Addr, k caught) (string, paint) {
	switch c {
	case caughtSource:
		return addrText(t, source), t.plain
	case caughtTarget:
		return addrText(t, k.target), t.plain
	case caughtPort, caughtLastPort:
		return strconv.Itoa(int(k.port)), t.plain
	case caughtPortName:
		return events.PortName(k.port), t.dim
	case caughtHits:
		return short(float64(k.count)), t.plain
	case caughtPorts:
		return portsText(k.different), t.plain
	case caughtLast:
		return when(s, k.last), t.plain
	case caughtFirst:
		return when(s, k.first), t.dim
	}
	return "", t.plain
}

// portsText is how many different ports there were.
func portsText(different uint8) string {
	if different < portsTold {
		return strconv.Itoa(int(different))
	}
	return strconv.Itoa(portsTold) + "+"
}

// when is when something was: the time of this day, or an earlier day. It is
// not how long ago, which would have to be drawn anew when nothing comes.
func when(s *scene, at time.Time) string {
	if now := s.snap.Time.Local(); now.YearDay() != at.Local().YearDay() || now.Year() != at.Local().Year() {
		return at.Local().Format("Jan _2")
	}
	return timeOf(at)
}

// ago is how long ago something was, by the balancer's clock.
func ago(s *scene, when time.Time) string { return span(s.snap.Time.Sub(when)) }
