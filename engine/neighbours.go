// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"maps"
	"math"
	"slices"

	"cygnet/internal/neigh"
	"cygnet/internal/wire"
)

// neighbours has a neighbour table for each network on the link. Its methods are
// for who holds the engine's mu. State: learned; what a neigh.Table lets others
// read, workers read.
type neighbours struct {
	report func(vlan uint16, c neigh.Change)
	tables map[uint16]*neigh.Table // by VID; there always is one of 0, the untagged network
	order  []uint16                // the VIDs of tables, so that things are done in one order
	down   bool                    // the link carries no frames
}

func newNeighbours(report func(vlan uint16, c neigh.Change)) *neighbours {
	n := &neighbours{report: report, tables: map[uint16]*neigh.Table{}}
	n.add(0, 0)
	return n
}

// table returns the table of that VLAN, or of the untagged network; nil where
// nothing of ours is.
func (n *neighbours) table(vlan uint16) *neigh.Table { return n.tables[vlan] }

func (n *neighbours) add(vlan uint16, now int64) {
	t := neigh.New(func(c neigh.Change) { n.report(vlan, c) })
	t.SetLink(!n.down, now)
	n.tables[vlan] = t
	n.order = slices.Sorted(maps.Keys(n.tables))
}

// configure says which networks there are, and whom of them we need. A table
// that nobody wants any more forgets all first: who points into it sees that.
func (n *neighbours) configure(cfg *Config, now int64) {
	wanted := cfg.networks()
	for _, vlan := range wanted {
		if n.tables[vlan] == nil {
			n.add(vlan, now)
		}
		n.tables[vlan].Configure(cfg.host(vlan), cfg.servers(vlan), cfg.vips(vlan, false), cfg.vips(vlan, true))
	}
	for vlan, t := range n.tables {
		if !slices.Contains(wanted, vlan) {
			t.Configure(neigh.Host{MAC: cfg.MAC}, nil, nil, nil)
			delete(n.tables, vlan)
		}
	}
	n.order = slices.Sorted(maps.Keys(n.tables))
}

// tick does what is due at now, and emits frames without a tag, with the VLAN
// that each is for.
func (n *neighbours) tick(now int64, emit func(vlan uint16, frame []byte)) {
	for _, vlan := range n.order {
		n.tables[vlan].Tick(now, func(frame []byte) { emit(vlan, frame) })
	}
}

// due returns when tick has something to do next, as neigh.Table.Due does.
func (n *neighbours) due() int64 {
	next := int64(math.MaxInt64)
	for _, vlan := range n.order {
		next = min(next, n.tables[vlan].Due())
	}
	return next
}

// learn takes a frame from the segment. It tells something of its own network.
func (n *neighbours) learn(f *wire.Frame, now int64) {
	if t := n.tables[f.Tagged]; t != nil {
		t.Learn(f, now)
	}
}

func (n *neighbours) setLink(up bool, now int64) {
	n.down = !up
	for _, vlan := range n.order {
		n.tables[vlan].SetLink(up, now)
	}
}
