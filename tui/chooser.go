// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"net/netip"
	"slices"
)

// chooser is a long list in which a thing is selected, not a row: rows come and
// go under it all the time. It knows things by their keys.
type chooser[K comparable] struct {
	grid
	keys     []K // shown, in their order
	selected K
}

// lead is the row that a cursor stays in, whatever comes to stand there: where
// the newest is, an operator who has not moved away wants to see the newest.
type lead uint8

const (
	nothingLeads lead = iota
	firstLeads
	lastLeads
)

// take shows other keys. The cursor stays on what is selected, in the same row
// of the screen; at tells where that is now, or what is nearest to it, and below
// 0 that it is gone: then what stands in its row is selected.
func (c *chooser[K]) take(keys []K, by lead, at func() int) {
	was, rows := c.cursor, c.rows
	c.keys = keys
	c.resize(len(keys))
	switch {
	case by == firstLeads && was == 0:
	case by == lastLeads && was >= rows-1:
		c.moveTo(len(keys) - 1)
	default:
		if i := at(); i >= 0 {
			c.moveTo(i)
			c.top += c.cursor - was
		}
	}
	c.choose()
}

// choose selects what is under the cursor.
func (c *chooser[K]) choose() {
	if c.cursor < len(c.keys) {
		c.selected = c.keys[c.cursor]
	}
}

// there says whether anything is selected.
func (c *chooser[K]) there() bool { return len(c.keys) > 0 }

// click moves the cursor to the row at y, or as far as the wheel was turned.
func (g *grid) click(y int, wheel int8) {
	switch row := g.top + y - g.y; {
	case wheel != 0:
		g.moveTo(g.cursor + 3*int(wheel))
	case y >= g.y && y < g.y+g.height && row < g.rows:
		g.moveTo(row)
	}
}

// ranking is a chooser of what came most, or last.
type ranking struct {
	chooser[netip.Addr]
	ranks []ranked
}

// refresh takes in what was caught. Those that pass are shown, in the order in
// which they came last if recent is set, else by how often.
func (r *ranking) refresh(caught map[netip.Addr]caught, recent bool, passes func(k ranked) bool) {
	r.ranks = slices.DeleteFunc(ranks(caught), func(k ranked) bool { return !passes(k) })
	by := nothingLeads
	if recent {
		by = firstLeads
		slices.SortStableFunc(r.ranks, func(a, b ranked) int { return b.last.Compare(a.last) })
	}
	keys := make([]netip.Addr, len(r.ranks))
	for i := range r.ranks {
		keys[i] = r.ranks[i].key
	}
	r.take(keys, by, func() int { return slices.Index(keys, r.selected) })
}

// numbers is a chooser of things that are counted as they come.
type numbers struct{ chooser[int] }

// refresh takes numbers in ascending order, or in descending order.
func (n *numbers) refresh(all []int, newestFirst bool) {
	by, direction := lastLeads, 1
	if newestFirst {
		by, direction = firstLeads, -1
	}
	n.take(all, by, func() int {
		i, _ := slices.BinarySearchFunc(all, n.selected, func(a, b int) int { return direction * cmp.Compare(a, b) })
		return i
	})
}
