// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"sync/atomic"

	"cygnet/internal/holds"
)

// catchRoom is by how many records a worker can be ahead of the housekeeper,
// who comes every 100 ms: 40,000 a second, half as many of what proves nothing. It is a
// power of two.
const catchRoom = 4096

// catches carries what captured addresses were sent from one worker to whoever
// drains it, one at a time, without a lock. What finds it full is counted and lost.
type catches struct {
	ring [catchRoom]holds.Record
	_    [cacheLines]byte

	// The worker's.
	written atomic.Uint64
	lost    atomic.Uint64
	_       [cacheLines - 16]byte

	// The reader's.
	read atomic.Uint64
	_    [cacheLines - 8]byte
}

// next returns where the next record is to be written, for commit to hand over;
// nil where there is no room. What anybody can send, which proves nothing, has half
// of it, so that a flood of that hides no client.
func (c *catches) next(proven bool) *holds.Record {
	n := c.written.Load()
	if used := n - c.read.Load(); used == catchRoom || used >= catchRoom/2 && !proven {
		c.lost.Add(1)
		return nil
	}
	return &c.ring[n%catchRoom]
}

func (c *catches) commit() { c.written.Store(c.written.Load() + 1) }

// drain hands those that are there now to each.
func (c *catches) drain(each func(*holds.Record)) {
	written := c.written.Load()
	for n := c.read.Load(); n != written; n++ {
		each(&c.ring[n%catchRoom])
		c.read.Store(n + 1)
	}
}
