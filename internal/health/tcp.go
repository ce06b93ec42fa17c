// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"time"

	"cygnet/internal/wire"
)

// unanswered is what a check fails with that nobody answers, though the server
// answers ARP.
const unanswered = "no answer from VIP (is it on the server's lo?)"

// tcpChecker begins a connection to the VIP, and takes it back as soon as the
// server agrees: its service never hears of it.
type tcpChecker struct {
	seg   Segment
	ports *ports
	to    netip.AddrPort
}

// Check sends a SYN, and a second one where the first is not answered in half the
// time.
func (c tcpChecker) Check(ctx context.Context, way way) outcome {
	p := newProbe(c.ports, wire.ProtoTCP, way, c.to, acknowledged)
	if p == nil {
		return outcome{}
	}
	defer c.ports.release(p.port)
	p.sent.Store(rand.Uint32())
	c.send(p, wire.FlagSYN)
	again := time.NewTimer(half(ctx))
	defer again.Stop()
	for {
		select {
		case o := <-p.verdict:
			if o.verdict == passed {
				c.send(p, wire.FlagRST)
			}
			return o
		case <-again.C:
			c.send(p, wire.FlagSYN)
		case <-ctx.Done():
			return p.silence(unanswered)
		}
	}
}

// acknowledged takes a segment from the server. It counts only where it
// acknowledges our SYN (RFC 9293 section 3.10.7.3).
func acknowledged(p *probe, f *wire.Frame) {
	if !p.answered(f) {
		return
	}
	switch flags := f.TCP().Flags(); {
	case flags&wire.FlagRST != 0:
		p.settle(fail("connection refused by VIP"))
	case flags&wire.FlagSYN != 0:
		p.settle(pass("connected to VIP"))
	}
}

// send sends a segment of p's.
func (c tcpChecker) send(p *probe, flags uint8) {
	if frame := synFrame(c.seg.MAC(), p, flags); !c.seg.Emit(p.way.vlan, frame) {
		p.lost.Store(true)
	}
}

// half is half of the time that ctx leaves.
func half(ctx context.Context) time.Duration {
	deadline, _ := ctx.Deadline()
	return time.Until(deadline) / 2
}
