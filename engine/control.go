// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"cygnet/internal/wire"
)

const (
	// tick is how coarse the workers' clock is while they get frames, and how late
	// a question may be put. The control queue's Recv waits no longer then.
	tick = 20 * time.Millisecond

	// firstTick is what the clock shows at the first tick: later than the zero
	// that means "never".
	firstTick = int64(time.Second)

	controlRoom = maxEmit + wire.VnetLen // bytes a slot of what is sent

	// askedRoom is how many frames may wait that others asked to send: a thousand
	// servers' checks do not come at once.
	askedRoom = 1024

	// maxEmit is the longest frame that is sent for others: 1500 octets, the MTU of
	// Ethernet (RFC 894), behind its header.
	maxEmit = 1514
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
	heard func(frame []byte)

	asked chan untagged // frames to send for others

	servers serversHeard

	received uint64 // frames that workers have got
	busy     int64  // when that last grew
}

func newControl(e *Engine, q Queue, heard func([]byte)) *control {
	return &control{
		e: e, q: q, heard: heard, asked: make(chan untagged, askedRoom),
		servers: newServersHeard(),
		in:      wire.NewBatch(wire.BatchSize, wire.SlotRoom),
		out:     wire.NewBatch(wire.BatchSize, controlRoom),
	}
}

// Run works until ctx ends, or its queue is closed.
func (c *control) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		c.in.Reset()
		if err := c.q.Recv(c.in); err != nil {
			return fmt.Errorf("control: receive: %w", err)
		}
		c.e.mu.Lock()
		c.e.setTime(time.Now()) //nolint:forbidigo // this is what the coarse clock goes by
		c.learn()
		now := c.e.clock.Load()
		c.e.neighbours.tick(now, c.emitTo)
		c.suspect(now)
		c.e.capturer.Tick(now, c.emit)
		patience := c.patience()
		c.e.mu.Unlock()
		c.wait(patience)
		c.sendAsked()
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
	now := int64(t.Sub(e.started)) + firstTick
	e.epoch.Store(t.UnixMilli() - now/int64(time.Millisecond)) // anew, for the host's clock may be set
	e.clock.Store(now)
}

// learn takes what the batch at hand says about the segment.
func (c *control) learn() {
	for i := range c.in.N {
		s := &c.in.Slots[i]
		if s.Truncated || c.frame.Parse(s.Frame()) != wire.DefectNone {
			continue
		}
		if c.forSource(s) {
			c.heard(s.Frame())
			continue
		}
		if s.Type <= wire.PacketMulticast {
			c.e.neighbours.learn(&c.frame, c.e.clock.Load())
			if c.frame.Tagged != 0 {
				continue // capture, and who must not be captured, are of the untagged network
			}
			c.e.capturer.Learn(&c.frame, c.e.clock.Load(), c.emit)
			c.hearServers(s, c.e.clock.Load())
		}
	}
}

// suspect takes from the workers which captured addresses IP frames came from.
func (c *control) suspect(now int64) {
	for _, w := range c.e.workers {
		w.suspects.drain(func(a netip.Addr) { c.e.capturer.Suspect(a, now) })
	}
}

// forSource says whether the frame at hand is for whoever speaks from our source
// addresses.
func (c *control) forSource(s *wire.Slot) bool {
	if c.heard == nil || s.Type != wire.PacketHost || c.frame.Kind != wire.KindIPv4 && c.frame.Kind != wire.KindIPv6 ||
		c.frame.IsNeighbourSolicitation() || c.frame.IsNeighbourAdvertisement() {
		return false
	}
	net := c.e.table.Load().on(c.frame.Tagged)
	if net == nil {
		return false
	}
	_, ours := net.sources[c.frame.Dst]
	return ours
}

// sendAsked sends what others asked to be sent.
func (c *control) sendAsked() {
	for {
		select {
		case one := <-c.asked:
			c.emitTo(one.vlan, one.frame)
		default:
			return
		}
	}
}

// untagged is a frame without a tag, and the VLAN that it is for; 0 is none.
type untagged struct {
	vlan  uint16
	frame []byte
}

// emit sends a frame on the untagged network with the next flush.
func (c *control) emit(frame []byte) { c.emitTo(0, frame) }

// emitTo sends a frame, which has no tag, on that VLAN with the next flush.
func (c *control) emitTo(vlan uint16, frame []byte) {
	if c.out.N == len(c.out.Slots) {
		c.flush()
	}
	s := &c.out.Slots[c.out.N]
	if s.Set(frame) {
		if vlan != 0 {
			s.Tag(wire.EtherTypeVLAN, vlan)
		}
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
