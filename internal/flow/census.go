// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"cmp"
	"slices"
)

// FlowRow is a flow as a Census has it.
type FlowRow struct {
	Key     Key
	State   State
	Server  uint32
	Started Moment
	Seen    Moment
	Frames  uint64
	Bytes   uint64
	Recent  uint64 // bytes since the pass before
}

// ClientRow is a known client of one service.
type ClientRow struct {
	Client  [16]byte
	Service uint32
	Server  uint32 // of its newest flow
	Open    uint32 // flows
	Opened  uint32 // flows that were Established, since it is known
	Started Moment
	Seen    Moment
	Bytes   uint64
	Recent  uint64 // bytes since the pass before
}

// Census is the busiest flows and clients, and the clients that were heard
// last, as one whole pass of Age found them.
type Census struct {
	Flows   []FlowRow   // by Recent, then Bytes, the busiest first
	Clients []ClientRow // likewise
	Latest  []ClientRow // by Seen, the latest first
	At      Moment      // when the pass ended
}

// NewCensus returns one with room for that many rows of each kind.
func NewCensus(rows int) *Census {
	rows = max(0, rows)
	return &Census{
		Flows:   make([]FlowRow, 0, rows),
		Clients: make([]ClientRow, 0, rows),
		Latest:  make([]ClientRow, 0, rows),
	}
}

// Take asks for a census, which the table fills in its next whole pass and must
// not be touched before Taken returns it. It is for one goroutine at a time,
// which need not be the table's; asking again replaces one that was not begun.
func (t *Table) Take(c *Census) { t.asked.Store(c) }

// Taken returns the census that was filled since the last call; nil if none was.
// It is for whoever called Take. It sorts, so that the table's goroutine need not.
func (t *Table) Taken() *Census {
	c := t.taken.Swap(nil)
	if c != nil {
		slices.SortFunc(c.Flows, func(a, b FlowRow) int { return busierFlow(&a, &b) })
		slices.SortFunc(c.Clients, func(a, b ClientRow) int { return busierClient(&a, &b) })
		slices.SortFunc(c.Latest, func(a, b ClientRow) int { return laterClient(&a, &b) })
	}
	return c
}

// beginCensus begins one that was asked for.
func (t *Table) beginCensus() {
	if t.census != nil || t.asked.Load() == nil {
		return
	}
	t.census = t.asked.Swap(nil)
	t.census.Flows = t.census.Flows[:0]
	t.census.Clients = t.census.Clients[:0]
	t.census.Latest = t.census.Latest[:0]
}

// endCensus hands over the one that was filled.
func (t *Table) endCensus(now Moment) {
	if t.census == nil {
		return
	}
	t.census.At = now
	t.taken.Store(t.census)
	t.census = nil
}

// noteFlow notes a flow, if it is among the busiest so far.
func (c *Census) noteFlow(f *Flow, recent uint32) {
	if n := len(c.Flows); n > 0 && n == cap(c.Flows) && uint64(recent) < c.Flows[0].Recent {
		return // as most do
	}
	row := FlowRow{
		Key: f.key(), State: f.state, Server: f.server, Started: f.started, Seen: f.seen,
		Frames: uint64(f.frames), Bytes: f.bytes, Recent: uint64(recent),
	}
	c.Flows = keep(c.Flows, &row, busierFlow)
}

// noteClient notes a client, if it is among the busiest or latest so far.
func (c *Census) noteClient(e *client, recent uint64) {
	row := ClientRow{
		Client: e.addr, Service: e.service, Server: e.server, Open: e.open, Opened: e.opened,
		Started: e.started, Seen: e.seen, Bytes: e.bytes, Recent: recent,
	}
	c.Clients = keep(c.Clients, &row, busierClient)
	c.Latest = keep(c.Latest, &row, laterClient)
}

// busierFlow compares rows by what is told first: below 0 is a before b.
func busierFlow(a, b *FlowRow) int {
	return cmp.Or(cmp.Compare(b.Recent, a.Recent), cmp.Compare(b.Bytes, a.Bytes))
}

// busierClient compares as busierFlow does.
func busierClient(a, b *ClientRow) int {
	return cmp.Or(cmp.Compare(b.Recent, a.Recent), cmp.Compare(b.Bytes, a.Bytes))
}

// laterClient compares rows by when they were heard. Age keeps them near enough.
func laterClient(a, b *ClientRow) int { return int(int32(b.Seen - a.Seen)) }

// keep adds a row to those that are kept, as many as there is capacity for: it
// is kept if it compares before the last of them. They are a heap, the last on
// top.
func keep[R any](rows []R, row *R, compare func(a, b *R) int) []R {
	switch {
	case len(rows) < cap(rows):
		rows = append(rows, *row)
		for i := len(rows) - 1; i > 0; {
			up := (i - 1) / 2
			if compare(&rows[i], &rows[up]) <= 0 {
				break
			}
			rows[i], rows[up] = rows[up], rows[i]
			i = up
		}
	case len(rows) > 0 && compare(row, &rows[0]) < 0:
		rows[0] = *row
		sink(rows, compare)
	}
	return rows
}

// sink moves the top of a heap down to its place.
func sink[R any](rows []R, compare func(a, b *R) int) {
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(rows) {
			return
		}
		if right := down + 1; right < len(rows) && compare(&rows[right], &rows[down]) > 0 {
			down = right
		}
		if compare(&rows[down], &rows[i]) <= 0 {
			return
		}
		rows[i], rows[down] = rows[down], rows[i]
		i = down
	}
}
