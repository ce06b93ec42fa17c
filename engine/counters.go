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
	Frames uint64
	Bytes  uint64
}

// Add returns the sum of both.
func (t Traffic) Add(o Traffic) Traffic {
	return Traffic{t.Frames + o.Frames, t.Bytes + o.Bytes}
}

// tally counts one worker's traffic of one thing. State: owned. The worker
// adds to now, plainly, and publishes it once a batch; anybody may load.
type tally struct {
	now    Traffic
	dirty  bool
	frames atomic.Uint64
	bytes  atomic.Uint64
	_      [cacheLines - 40]byte
}

func (t *tally) load() Traffic { return Traffic{t.frames.Load(), t.bytes.Load()} }

func (t *tally) publish() {
	t.frames.Store(t.now.Frames)
	t.bytes.Store(t.now.Bytes)
	t.dirty = false
}

// counters are one worker's. State: owned, published as a tally is.
type counters struct {
	in, out tally
	reasons [reasons]tally
	dirty   []*tally // what changed in this batch; never longer than its capacity
}

// A frame touches at most: in, out, its reason, its service, its server. A
// released fragment touches out, reason, service and server again.
const touchedPerFrame = 5

func newCounters(batch int) *counters {
	return &counters{dirty: make([]*tally, 0, (batch+heldFragments)*touchedPerFrame)}
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

// publish makes this batch's counts visible.
func (c *counters) publish() {
	for _, t := range c.dirty {
		t.publish()
	}
	c.dirty = c.dirty[:0]
}
