// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"sync/atomic"

	"cygnet/internal/neigh"
)

// member is what stays of a server from one table to the next, also when its
// MAC or its address changes: its number among all, by which flows name it, what
// is learned of it, and its counters.
type member struct {
	id uint32 // from 1

	// Learned: the writer holds the engine's mu, workers read.
	level   atomic.Uint32
	pending atomic.Bool // since the start, until the first word about it: see waits
	health  atomic.Pointer[Health]

	counts []*counts // by worker, which owns them

	// Under the engine's mu.
	here      uint64 // the generation of the last table that has it
	emptyTold bool   // that its last flow is over was reported, since it drains
	retried   retries
}

// The levels of a server, by what its checks say.
const (
	levelUp   uint32 = iota // or it has none
	levelSoft               // down, but it answers ARP: better than nobody
	levelDown
	levelNew // not checked yet, and added to a running engine
)

// open returns how many flows the server has. What workers count for each other
// may be a batch old, so that it may be off by a little.
func (m *member) open() (n int64) {
	for _, c := range m.counts {
		n += c.open.Load()
	}
	return max(n, 0)
}

func (m *member) opened() (n uint64) {
	for _, c := range m.counts {
		n += c.opened.Load()
	}
	return n
}

func (m *member) retriedSYNs() (n uint64) {
	for _, c := range m.counts {
		n += c.retried.Load()
	}
	return n
}

// ready says whether the server can take a frame: checks find it up, and its MAC
// is known. Of a server that is pending it says so, too: see waits.
func (m *member) ready(n *neigh.Neighbour) bool {
	return m.pending.Load() || m.level.Load() == levelUp && n.Known()
}

// waits says that nothing is known of the server yet, because the engine has
// just started. Its flows are its own all the same, but their frames are dropped
// until there is word: sent to another server, those of connections from before
// a restart would end them, and a client sends again what was dropped.
func (m *member) waits() bool { return m.pending.Load() }
