// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"context"
	"fmt"
	"time"

	"cygnet/internal/wire"
)

const (
	// tick is how coarse the workers' clock is, and how late a question may be
	// put. The control queue's Recv waits no longer.
	tick = 20 * time.Millisecond

	// firstTick is what the clock shows at the first tick: later than the zero
	// that means "never".
	firstTick = int64(time.Second)

	controlRoom = 256 // bytes a slot of what we make ourselves; the longest is 100
)

// control is the goroutine that learns who is on the segment and sends the
// frames that answer no frame. It alone drives the neighbour table and the
// workers' clock.
type control struct {
	e     *Engine
	q     Queue
	in    *wire.Batch
	out   *wire.Batch
	frame wire.Frame
}

func newControl(e *Engine, q Queue) *control {
	return &control{
		e: e, q: q,
		in:  wire.NewBatch(wire.BatchSize, wire.SlotRoom),
		out: wire.NewBatch(wire.BatchSize, controlRoom),
	}
}

// Run works until ctx ends, or its queue is closed.
func (c *control) Run(ctx context.Context) error {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for ctx.Err() == nil {
		c.in.Reset()
		if err := c.q.Recv(c.in); err != nil {
			return fmt.Errorf("control: receive: %w", err)
		}
		c.e.mu.Lock()
		select {
		case t := <-ticker.C:
			c.e.setTime(t)
		default:
		}
		c.learn()
		if now := c.e.clock.Load(); now != 0 {
			c.e.neighbours.Tick(now, c.emit)
		}
		c.e.mu.Unlock()
		c.flush()
	}
	return nil
}

// setTime advances the clock.
func (e *Engine) setTime(t time.Time) {
	if e.started.IsZero() {
		e.started = t
	}
	e.now = t
	e.clock.Store(int64(t.Sub(e.started)) + firstTick)
}

// learn takes what the batch at hand says about the segment.
func (c *control) learn() {
	for i := range c.in.N {
		s := &c.in.Slots[i]
		if s.Truncated || s.VLAN != 0 || c.frame.Parse(s.Frame()) != wire.DefectNone || c.frame.Tagged != 0 {
			continue
		}
		if s.Type <= wire.PacketMulticast {
			c.e.neighbours.Learn(&c.frame, c.e.clock.Load())
		}
	}
}

// emit sends a frame with the next flush.
func (c *control) emit(frame []byte) {
	if c.out.N == len(c.out.Slots) {
		c.flush()
	}
	s := &c.out.Slots[c.out.N]
	if s.Set(frame) {
		s.Send = true
		c.out.N++
	}
}

// flush sends what was emitted. A queue that is closed says so to Recv.
func (c *control) flush() {
	if c.out.N > 0 {
		_ = c.q.Send(c.out)
		c.out.Reset()
	}
}
