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

	busyFlows, busyClients, lateClients top
}

// NewCensus returns one with room for that many rows of each kind.
func NewCensus(rows int) *Census {
	rows = max(0, rows)
	return &Census{
		Flows:   make([]FlowRow, 0, rows),
		Clients: make([]ClientRow, 0, rows),
		Latest:  make([]ClientRow, 0, rows),

		busyFlows: newTop(rows), busyClients: newTop(rows), lateClients: newTop(rows),
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
		slices.SortFunc(c.Flows, func(a, b FlowRow) int {
			return cmp.Or(cmp.Compare(b.Recent, a.Recent), cmp.Compare(b.Bytes, a.Bytes))
		})
		slices.SortFunc(c.Clients, func(a, b ClientRow) int {
			return cmp.Or(cmp.Compare(b.Recent, a.Recent), cmp.Compare(b.Bytes, a.Bytes))
		})
		slices.SortFunc(c.Latest, func(a, b ClientRow) int {
			return int(int32(b.Seen - a.Seen)) // Age keeps them near enough
		})
	}
	return c
}

// beginCensus begins one that was asked for.
func (t *Table) beginCensus() {
	if t.census != nil || t.asked.Load() == nil {
		return
	}
	t.census = t.asked.Swap(nil)
	t.census.clear()
}

// clear takes the rows of another pass out.
func (c *Census) clear() {
	c.Flows, c.Clients, c.Latest = c.Flows[:0], c.Clients[:0], c.Latest[:0]
	for _, t := range []*top{&c.busyFlows, &c.busyClients, &c.lateClients} {
		t.kept = t.kept[:0]
	}
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
	i, ok := c.busyFlows.admit(uint64(recent), f.bytes)
	if !ok {
		return
	}
	c.Flows = c.Flows[:max(len(c.Flows), i+1)]
	c.Flows[i] = FlowRow{
		Key: f.key(), State: f.state, Server: f.server, Started: f.started, Seen: f.seen,
		Frames: uint64(f.frames), Bytes: f.bytes, Recent: uint64(recent),
	}
}

// noteClient notes a client, if it is among the busiest or the latest so far.
func (c *Census) noteClient(e *client, recent uint64, now Moment) {
	if i, ok := c.busyClients.admit(recent, e.bytes); ok {
		c.Clients = c.Clients[:max(len(c.Clients), i+1)]
		c.Clients[i] = e.report(recent)
	}
	if i, ok := c.lateClients.admit(^uint64(now.Since(e.seen)), 0); ok {
		c.Latest = c.Latest[:max(len(c.Latest), i+1)]
		c.Latest[i] = e.report(recent)
	}
}

// report returns the client as a row.
func (e *client) report(recent uint64) ClientRow {
	return ClientRow{
		Client: e.addr, Service: e.service, Server: e.server, Open: e.open, Opened: e.opened,
		Started: e.started, Seen: e.seen, Bytes: e.bytes, Recent: recent,
	}
}
