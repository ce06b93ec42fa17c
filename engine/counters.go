// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import "sync/atomic"

// cacheLines keeps what one worker writes off the lines of another: two lines
// of 64 bytes, because x86 fetches them in pairs.
const cacheLines = 128

// Traffic is a number of frames on the wire and their bytes from Ethernet
// header to payload, without FCS. A super-frame counts as the frames it was
// merged from.
type Traffic struct {
	Frames uint64 `json:"frames"`
	Bytes  uint64 `json:"bytes"`
}

// Add returns the sum of both.
func (t Traffic) Add(o Traffic) Traffic {
	return Traffic{t.Frames + o.Frames, t.Bytes + o.Bytes}
}

// tally counts one worker's traffic of one thing. State: owned. The worker
// adds to now, plainly, and publishes it once a batch; anybody may load. It lies
// among others of its worker only.
type tally struct {
	now    Traffic
	dirty  bool
	frames atomic.Uint64
	bytes  atomic.Uint64
}

func (t *tally) load() Traffic { return Traffic{t.frames.Load(), t.bytes.Load()} }

func (t *tally) publish() {
	t.frames.Store(t.now.Frames)
	t.bytes.Store(t.now.Bytes)
	t.dirty = false
}

// counters are one worker's. State: owned, published as a tally is.
type counters struct {
	_       [cacheLines]byte // keeps others' lines off
	in, out tally
	reasons [reasons]tally
	dirty   []*tally     // what changed in this batch; never longer than its capacity
	rules   []*ruleCount // the same; never longer than its capacity
	frame   uint32       // the number of the frame at hand, from 1
	_       [cacheLines]byte
}

// counts are what one worker counts of one server, or of one service, in one cache
// line. State: owned; the worker writes when a frame is forwarded, or a flow begins or
// ends, anybody may load.
type counts struct {
	tally
	open    atomic.Int64  // flows
	opened  atomic.Uint64 // flows
	retried atomic.Uint64 // SYNs that were sent again
}

// countsBlock is so many that its memory is aligned to cache lines, and all but its
// ends far from the lines of another worker.
type countsBlock [32]counts

// countsBlocks hands out one worker's counts.
type countsBlocks struct{ free []counts }

func (b *countsBlocks) next() *counts {
	if len(b.free) == 0 {
		b.free = new(countsBlock)[:]
	}
	c := &b.free[0]
	b.free = b.free[1:]
	return c
}

// A frame touches at most: in, out, its reason, its service, its server. A
// released fragment touches out, reason, service and server again.
const touchedPerFrame = 5

// rulesPerFrame is how many rules decide over a frame, as a rule: that of the
// service's list and one of a server's.
const rulesPerFrame = 2

func newCounters(batch int) *counters {
	return &counters{
		dirty: make([]*tally, 0, (batch+heldFragments)*touchedPerFrame),
		rules: make([]*ruleCount, 0, batch*rulesPerFrame),
		frame: 1,
	}
}

// add counts frames and bytes in t.
func (c *counters) add(t *tally, frames, bytes uint64) {
	t.now.Frames += frames
	t.now.Bytes += bytes
	if !t.dirty {
		t.dirty = true
		c.dirty = append(c.dirty, t)
	}
}

// rule counts the frame at hand in r, once: of a frame that many servers are
// tried for, one list may be asked many times. What is more than the rules of a
// usual batch becomes visible at once.
func (c *counters) rule(r *ruleCount) {
	if r.frame == c.frame {
		return
	}
	r.now++
	r.frame = c.frame
	switch {
	case r.dirty:
	case len(c.rules) == cap(c.rules):
		r.total.Store(r.now)
	default:
		r.dirty = true
		c.rules = append(c.rules, r)
	}
}

// publish makes this batch's counts visible.
func (c *counters) publish() {
	for _, r := range c.rules {
		r.publish()
	}
	c.rules = c.rules[:0]
	for _, t := range c.dirty {
		t.publish()
	}
	c.dirty = c.dirty[:0]
}
