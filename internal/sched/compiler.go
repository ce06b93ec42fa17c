// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import (
	"cmp"
	"encoding/binary"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Compiler makes plans. It remembers the slot tables it built, so that services
// with equal sets of servers share one, and a change of one service does not
// build the others' again. It is not safe for concurrent use; its plans are.
type Compiler struct {
	key    Key
	tables map[string]*cached
	empty  []*cached // of tables, that are to be filled
	filled int       // how many were, ever: what tests of changes count
}

type cached struct {
	slots slots
	seats []seat // until it is filled
	used  bool   // by a plan compiled since the last Sweep
}

// NewCompiler returns a compiler whose plans choose by key.
func NewCompiler(key Key) *Compiler {
	return &Compiler{key: key, tables: make(map[string]*cached)}
}

// Compile returns the plan for servers, which may be none. It keeps no
// reference to the slice. Servers are ranked by address; of two with one
// address, the heavier, then the earlier one ranks first. Servers of a group
// beyond the first 65536 get no slots.
func (c *Compiler) Compile(mode Mode, servers []Server) *Plan {
	plan := c.Later(mode, servers)
	c.fill()
	return plan
}

// Later is Compile for who has many plans to make: they are good only after the next
// Sweep, which fills their tables on all cores.
func (c *Compiler) Later(mode Mode, servers []Server) *Plan {
	ranked := make([]int, len(servers))
	for i := range ranked {
		ranked[i] = i
	}
	slices.SortStableFunc(ranked, func(i, j int) int {
		a, b := servers[i], servers[j]
		return cmp.Or(a.Addr.Compare(b.Addr), cmp.Compare(b.weight(), a.weight()))
	})
	if mode != Prio {
		if len(ranked) == 0 {
			return &Plan{}
		}
		return &Plan{groups: []group{c.group(servers, ranked)}}
	}
	slices.SortStableFunc(ranked, func(i, j int) int {
		return cmp.Compare(servers[i].Prio, servers[j].Prio)
	})
	plan := &Plan{}
	for len(ranked) > 0 {
		prio := servers[ranked[0]].Prio
		n := slices.IndexFunc(ranked, func(i int) bool { return servers[i].Prio != prio })
		if n < 0 {
			n = len(ranked)
		}
		plan.groups = append(plan.groups, c.group(servers, ranked[:n:n]))
		ranked = ranked[n:]
	}
	return plan
}

// group returns the group of the servers whose indices are given, at least one,
// ranked.
func (c *Compiler) group(servers []Server, ranked []int) group {
	return group{members: ranked, slots: c.slots(servers, ranked[:min(len(ranked), maxRanked)])}
}

// slots returns the slot table of the ranked servers, an earlier one if it was
// built from the same addresses and weights.
func (c *Compiler) slots(servers []Server, ranked []int) *slots {
	name := make([]byte, 0, 24*len(ranked))
	for _, i := range ranked {
		addr := servers[i].Addr.As16()
		name = append(name, addr[:]...)
		name = binary.BigEndian.AppendUint64(name, uint64(servers[i].weight()))
	}
	t := c.tables[string(name)]
	if t == nil {
		t = &cached{}
		if len(ranked) > 1 {
			t.seats = c.seats(servers, ranked)
			c.empty = append(c.empty, t)
		}
		c.tables[string(name)] = t
	}
	t.used = true
	return &t.slots
}

func (c *Compiler) seats(servers []Server, ranked []int) []seat {
	seats := make([]seat, len(ranked))
	for i, s := range ranked {
		server := servers[s]
		offset := c.key.server(server.Addr, tagOffset) % Slots
		skip := c.key.server(server.Addr, tagSkip)%(Slots-1) + 1
		seats[i] = seat{cubes(uint32(offset), uint32(skip)), server.weight()}
	}
	return seats
}

// fill fills the tables that are to be.
func (c *Compiler) fill() {
	var next atomic.Int64
	work := func() {
		var f filler
		for i := next.Add(1) - 1; i < int64(len(c.empty)); i = next.Add(1) - 1 {
			t := c.empty[i]
			t.slots = pack(f.table(t.seats, Slots), len(t.seats))
			t.seats = nil
		}
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(c.empty)) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	c.filled += len(c.empty)
	c.empty = nil
}

// Sweep forgets the tables that no plan compiled since the last Sweep uses, and fills
// those of Later: call it after compiling every plan of a configuration. Plans keep
// their tables.
func (c *Compiler) Sweep() {
	c.fill()
	for name, t := range c.tables {
		if !t.used {
			delete(c.tables, name)
		}
		t.used = false
	}
}

// Filled returns how many tables were filled so far: what a change costs.
func (c *Compiler) Filled() int { return c.filled }
