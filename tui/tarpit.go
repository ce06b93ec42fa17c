// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"

	"cygnet/internal/events"
)

// tarpitPanel is the tab of the tarpit: hits as they come, or who and what
// came most. What it lists comes from the catches that are to be seen, so a
// paused view stays as it is while counting goes on beside it.
type tarpitPanel struct {
	view   tarpitView
	recent bool // sorted by what came last, not by what came most
	filter filter

	hits    numbers // counted from the first that was seen, the newest first
	sources ranking[netip.Addr]
	ports   ranking[uint16]
	targets ranking[netip.Addr]

	taken tarpitTaken // what the lists were made of
	long  bool        // some addresses are of IPv6, so they want room
	side  tarpitSide
	base  hitsBase
}

// tarpitView is what the panel lists.
type tarpitView int

const (
	viewHits tarpitView = iota
	viewSources
	viewPorts
	viewTargets
	tarpitViews
)

func (v tarpitView) String() string {
	return [tarpitViews]string{"hits", "sources", "ports", "addresses"}[v]
}

// tarpitTaken says what a list was made of: as long as that is the same, so is
// the list, and 4096 sources need not be sorted anew.
type tarpitTaken struct {
	catches *catches
	total   uint64
	view    tarpitView
	recent  bool
	filter  string
}

// hitsBase is how many hits had been missed when the dashboard began to look.
type hitsBase struct {
	started time.Time // the balancer that it is of
	missed  uint64
}

func newTarpitPanel() panel { return &tarpitPanel{} }

func (p *tarpitPanel) name() string { return "Tarpit" }

// refresh takes in what there is to see, while anybody sees it.
func (p *tarpitPanel) refresh(m *model) {
	s := m.see()
	if snap := s.snap; snap != nil && !snap.Started.Equal(p.base.started) {
		was := p.base.started
		if p.base = (hitsBase{started: snap.Started}); was.IsZero() {
			p.base.missed = snap.Tarpit.HitsLost
		}
	}
	now := tarpitTaken{s.catches, s.catches.total, p.view, p.recent, p.filter.text}
	if m.panel() != p || p.taken == now {
		return
	}
	p.taken = now
	switch c := s.catches; p.view {
	case viewHits:
		p.long = slices.ContainsFunc(c.newest(), func(e events.Event) bool { return !e.Source.Is4() || !e.Addr.Is4() })
		p.hits.refresh(p.hitsOf(m.theme, c), true)
	case viewSources:
		p.long = anyLong(c.sources)
		p.sources.refresh(c.sources, p.recent, p.passesAddr(m.theme))
	case viewPorts:
		p.ports.refresh(c.ports, p.recent, func(k ranked[uint16]) bool {
			return !p.filter.on() || p.filter.passes(portWords(k.key))
		})
	case viewTargets:
		p.long = anyLong(c.targets)
		p.targets.refresh(c.targets, p.recent, p.passesAddr(m.theme))
	}
}

// hitsOf returns the numbers of the hits that pass the filter, the newest first.
func (p *tarpitPanel) hitsOf(t *Theme, c *catches) []int {
	all := c.newest()
	numbers := make([]int, 0, len(all))
	for i, e := range slices.Backward(all) {
		if !p.filter.on() || p.filter.passes(addrText(t, e.Source)+" "+addrText(t, e.Addr)+" "+portWords(e.Port)) {
			numbers = append(numbers, c.first()+i)
		}
	}
	return numbers
}

// passesAddr is the filter for a source or a captured address: itself, or what
// it had to do with last.
func (p *tarpitPanel) passesAddr(t *Theme) func(ranked[netip.Addr]) bool {
	return func(k ranked[netip.Addr]) bool {
		return !p.filter.on() || p.filter.passes(addrText(t, k.key)+" "+addrText(t, k.target)+" "+portWords(k.port))
	}
}

// first is the number of the oldest hit that is kept.
func (c *catches) first() int { return int(c.total) - len(c.newest()) }

// hit returns the hit of that number; false when it is no longer kept.
func (c *catches) hit(number int) (events.Event, bool) {
	all, i := c.newest(), number-c.first()
	if i < 0 || i >= len(all) {
		return events.Event{}, false
	}
	return all[i], true
}

func (p *tarpitPanel) setFilter(m *model, f filter) {
	p.filter = f
	p.refresh(m)
}

func (p *tarpitPanel) remark() string {
	remark := ""
	if p.filter.on() {
		remark = fmt.Sprintf("%d /%s", p.list().rows, p.filter.text)
	}
	if p.recent && p.view != viewHits {
		remark += " sort:LAST SEEN"
	}
	return remark
}

// list is where the operator is in what is listed.
func (p *tarpitPanel) list() *grid {
	switch p.view {
	case viewSources:
		return &p.sources.grid
	case viewPorts:
		return &p.ports.grid
	case viewTargets:
		return &p.targets.grid
	}
	return &p.hits.grid
}

// choose selects what is under the cursor.
func (p *tarpitPanel) choose() {
	switch p.view {
	case viewHits:
		p.hits.choose()
	case viewSources:
		p.sources.choose()
	case viewPorts:
		p.ports.choose()
	case viewTargets:
		p.targets.choose()
	}
}

func (p *tarpitPanel) click(m *model, _, y int, wheel int8) {
	p.list().click(y, wheel)
	p.choose()
}

// turn lists something else.
func (p *tarpitPanel) turn(m *model, by tarpitView) {
	p.view = (p.view + tarpitViews + by) % tarpitViews
	p.refresh(m)
}

// anyLong says whether any address may be longer than one of IPv4.
func anyLong(m map[netip.Addr]caught) bool {
	for a := range m {
		if !a.Is4() {
			return true
		}
	}
	return false
}

// addrText is an address as it may be drawn: a zone can be any text.
func addrText(t *Theme, a netip.Addr) string {
	if !a.IsValid() {
		return "-"
	}
	return t.clean(a.String())
}

// portWords is a port, and what it is usually for.
func portWords(port uint16) string {
	if name := events.PortName(port); name != "" {
		return strconv.Itoa(int(port)) + " " + name
	}
	return strconv.Itoa(int(port))
}
