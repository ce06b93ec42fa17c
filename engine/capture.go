// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"sync/atomic"

	"cygnet/internal/events"
)

// captureRoom is by how many captures a worker can be ahead of the housekeeper,
// who comes every 100 ms: 40,000 a second. It is a power of two.
const captureRoom = 4096

// capture is a SYN that the tarpit answered: IPv4, as all that it answers.
type capture struct {
	source, captured [4]byte
	port             uint16 // the destination's
}

// captures carries them from one worker to whoever drains it, one at a time,
// without a lock. What finds it full is counted and lost.
type captures struct {
	ring [captureRoom]capture
	_    [cacheLines]byte

	// The worker's.
	written atomic.Uint64
	lost    atomic.Uint64
	_       [cacheLines - 16]byte

	// The reader's.
	read atomic.Uint64
	_    [cacheLines - 8]byte
}

func (c *captures) add(hit capture) {
	n := c.written.Load()
	if n-c.read.Load() == captureRoom {
		c.lost.Add(1)
		return
	}
	c.ring[n%captureRoom] = hit
	c.written.Store(n + 1)
}

// drain hands those that are there now to each.
func (c *captures) drain(each func(capture)) {
	written := c.written.Load()
	for n := c.read.Load(); n != written; n++ {
		each(c.ring[n%captureRoom])
		c.read.Store(n + 1)
	}
}

// drainCaptures makes events of what the workers captured. Only the housekeeper
// calls it and, once that has ended, Run.
func (e *Engine) drainCaptures() {
	e.mu.Lock()
	now := e.now
	e.mu.Unlock()
	for _, w := range e.workers {
		w.captures.drain(func(hit capture) {
			e.hits.Add(events.Event{
				Kind: events.TarpitHit, Time: now, Port: hit.port,
				Addr: netip.AddrFrom4(hit.captured), Source: netip.AddrFrom4(hit.source),
			})
		})
	}
}
