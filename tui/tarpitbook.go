// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"net/netip"
	"slices"

	"cygnet/internal/holds"
)

// heldRow is a row of the balancer's book: a source, a network, a port, a country
// or a hold. Of a hold, only Held and Last are known.
type heldRow struct {
	key     heldKey
	country string // not clean; empty is not known
	open    bool   // a hold that goes on
	holds.Tally
}

// heldKey is what stays the same about a row; of its parts, those that its view
// has.
type heldKey struct {
	view             tarpitView
	addr             netip.Addr
	network          netip.Prefix
	port             uint16
	country          string
	source, captured netip.AddrPort
}

// rowsOf are the rows of the book for a view, at most holds.Rows: what came over a
// socket may have any number.
func rowsOf(v tarpitView, b *holds.Stats) []heldRow {
	switch v {
	case viewSources:
		return rowsFrom(b.Sources, func(s *holds.Source) heldRow {
			return heldRow{key: heldKey{view: v, addr: s.Addr}, country: s.Country, Tally: s.Tally}
		})
	case viewNetworks:
		return rowsFrom(b.Networks, func(n *holds.Network) heldRow {
			return heldRow{key: heldKey{view: v, network: n.Prefix}, Tally: n.Tally}
		})
	case viewPorts:
		return rowsFrom(b.Ports, func(p *holds.Port) heldRow {
			return heldRow{key: heldKey{view: v, port: p.Port}, Tally: p.Tally}
		})
	case viewCountries:
		return rowsFrom(b.Countries, func(c *holds.Country) heldRow {
			return heldRow{key: heldKey{view: v, country: c.Code}, country: c.Code, Tally: c.Tally}
		})
	case viewLongest:
		return rowsFrom(b.Longest, func(h *holds.Hold) heldRow {
			return heldRow{
				key: heldKey{view: v, source: h.Source, captured: h.Captured}, country: h.Country, open: h.Open,
				Tally: holds.Tally{Held: h.Held, Last: h.Last},
			}
		})
	}
	return nil
}

// longestOf are the longest holds, as many as there should be at most.
func longestOf(b *holds.Stats) []holds.Hold { return atMost(b.Longest) }

func atMost[T any](all []T) []T { return all[:min(len(all), holds.Rows)] }

func rowsFrom[T any](all []T, row func(*T) heldRow) []heldRow {
	all = atMost(all)
	rows := make([]heldRow, len(all))
	for i := range all {
		rows[i] = row(&all[i])
	}
	return rows
}

// takeBook lists those rows of the book that pass the filter.
func (p *tarpitPanel) takeBook(t *Theme, b *holds.Stats) {
	p.held = slices.DeleteFunc(rowsOf(p.view, b), func(r heldRow) bool { return p.filter.on() && !p.filter.passes(r.haystack(t)) })
	by := nothingLeads
	if p.recent {
		by = firstLeads
	}
	slices.SortStableFunc(p.held, func(a, b heldRow) int { return compareHeld(&a, &b, p.sortedBy()) })
	p.long, p.most = false, 0
	keys := make([]heldKey, len(p.held))
	for i := range p.held {
		k := &p.held[i].key
		p.long = p.long || isLong(k.addr) || isLong(k.network.Addr()) || isLong(k.source.Addr())
		p.most = max(p.most, p.held[i].SYNs)
		keys[i] = *k
	}
	chosen := &p.chosen[p.view]
	chosen.take(keys, by, func() int { return slices.Index(keys, chosen.selected) })
}

// compareHeld puts the most first.
func compareHeld(a, b *heldRow, column int) int {
	switch column {
	case caughtLast:
		return b.Last.Compare(a.Last)
	case caughtHeld:
		return cmp.Compare(b.Held, a.Held)
	case caughtSYNs:
		return cmp.Compare(b.SYNs, a.SYNs)
	}
	return cmp.Or(cmp.Compare(b.Verified, a.Verified), cmp.Compare(b.SYNs, a.SYNs))
}

// row is the row of the book that is selected; nil where there is none.
func (p *tarpitPanel) row() *heldRow {
	if i := p.chosen[p.view].cursor; i < len(p.held) && p.view != viewHits && p.view != viewTargets {
		return &p.held[i]
	}
	return nil
}

// haystack is the text that a filter is tried on.
func (r *heldRow) haystack(t *Theme) string {
	text := r.name(t) + " " + t.clean(r.country)
	switch {
	case r.key.view == viewLongest:
		text += " " + t.clean(r.key.captured.String()) + " " + portWords(r.key.captured.Port()) + " " + openWord(r.open)
	case r.Now > 0:
		text += " held"
	}
	return text
}

// name is what the row is about, in words.
func (r *heldRow) name(t *Theme) string {
	switch k := &r.key; k.view {
	case viewSources:
		return addrText(t, k.addr)
	case viewNetworks:
		return k.network.String()
	case viewCountries:
		return dash(k.country != "", t.clean(k.country))
	case viewLongest:
		return t.clean(k.source.String())
	}
	return portWords(r.key.port)
}

// openWord says whether a hold goes on.
func openWord(open bool) string {
	if open {
		return "open"
	}
	return "over"
}
