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
	"cygnet/internal/holds"
)

// tarpitPanel is the tab of the tarpit: what comes to it as it comes, and whom it
// holds and for how long. What it lists comes from the scene that is to be seen,
// so a paused view stays as it is while counting goes on beside it.
type tarpitPanel struct {
	view   tarpitView
	recent bool // sorted by what came last, not by what came most
	filter filter

	hits    numbers                       // counted from the first that was seen, the newest first
	targets ranking                       // captured addresses
	chosen  [tarpitViews]chooser[heldKey] // of the views that show the balancer's book
	held    []heldRow                     // by row, of the view that is chosen
	most    uint64                        // SYNs of one of them

	taken tarpitTaken // what the lists were made of
	long  bool        // some addresses are of IPv6, so they want room
	base  hitsBase
}

// tarpitView is what the panel lists.
type tarpitView int

const (
	viewHits tarpitView = iota
	viewSources
	viewNetworks
	viewPorts
	viewCountries
	viewLongest
	viewTargets
	tarpitViews
)

func (v tarpitView) String() string {
	return [tarpitViews]string{"hits", "sources", "networks", "ports", "countries", "longest", "addresses"}[v]
}

// tarpitTaken says what a list was made of: as long as that is the same, so is
// the list, and 4096 addresses need not be sorted anew.
type tarpitTaken struct {
	catches *catches
	total   uint64
	book    *holds.Stats
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
	now := tarpitTaken{s.catches, s.catches.total, nil, p.view, p.recent, p.filter.text}
	if s.snap != nil {
		now.book = s.snap.Tarpit.Holds
	}
	if m.panel() != p || p.taken == now {
		return
	}
	p.taken = now
	switch c := s.catches; p.view {
	case viewHits:
		p.long = slices.ContainsFunc(c.newest(), func(e events.Event) bool { return isLong(e.Source) || isLong(e.Addr) })
		p.hits.refresh(p.hitsOf(m.theme, c), true)
	case viewTargets:
		p.long = anyLong(c.targets)
		p.targets.refresh(c.targets, p.recent, p.passesAddr(m.theme))
	default:
		p.takeBook(m.theme, s.book())
	}
}

// hitsOf returns the numbers of the events that pass the filter, the newest first.
func (p *tarpitPanel) hitsOf(t *Theme, c *catches) []int {
	all := c.newest()
	numbers := make([]int, 0, len(all))
	for i, e := range slices.Backward(all) {
		if !p.filter.on() || p.filter.passes(addrText(t, e.Source)+" "+addrText(t, e.Addr)+" "+portWords(e.Port)+" "+whatWord(e.Kind)) {
			numbers = append(numbers, c.first()+i)
		}
	}
	return numbers
}

// passesAddr is the filter for a captured address: itself, or the port that it was
// asked for last.
func (p *tarpitPanel) passesAddr(t *Theme) func(ranked) bool {
	return func(k ranked) bool {
		return !p.filter.on() || p.filter.passes(addrText(t, k.key)+" "+portWords(k.port))
	}
}

// first is the number of the oldest event that is kept.
func (c *catches) first() int { return int(c.total) - len(c.newest()) }

// hit returns the event of that number; false when it is no longer kept.
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
	case viewHits:
		return &p.hits.grid
	case viewTargets:
		return &p.targets.grid
	}
	return &p.chosen[p.view].grid
}

// choose selects what is under the cursor.
func (p *tarpitPanel) choose() {
	switch p.view {
	case viewHits:
		p.hits.choose()
	case viewTargets:
		p.targets.choose()
	default:
		p.chosen[p.view].choose()
	}
}

func (p *tarpitPanel) click(_ *model, _, y int, wheel int8) {
	p.list().click(y, wheel)
	p.choose()
}

// turn lists something else, of what there is.
func (p *tarpitPanel) turn(m *model, by tarpitView) {
	for {
		p.view = (p.view + tarpitViews + by) % tarpitViews
		if p.offers(m.see(), p.view) {
			break
		}
	}
	p.refresh(m)
}

// offers says whether a view is to be chosen: countries are not, where none is
// known; the view that is shown stays so.
func (p *tarpitPanel) offers(s *scene, v tarpitView) bool {
	return v != viewCountries || slices.ContainsFunc(atMost(s.book().Countries), func(c holds.Country) bool { return c.Code != "" })
}

// anyLong says whether any address may be longer than one of IPv4.
func anyLong(m map[netip.Addr]caught) bool {
	for a := range m {
		if isLong(a) {
			return true
		}
	}
	return false
}

func isLong(a netip.Addr) bool { return a.IsValid() && !a.Is4() }

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

// whatWord is what an event of the stream tells beside a SYN that was answered.
func whatWord(k events.Kind) string {
	switch k {
	case events.TarpitVerified:
		return "verified"
	case events.TarpitEscaped:
		return "escaped"
	case events.TarpitCaptured:
		return "captured"
	}
	return ""
}
