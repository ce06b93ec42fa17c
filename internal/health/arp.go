// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"net/netip"
	"time"

	"cygnet/internal/wire"
)

const (
	// askEvery is how often a Segment asks for the same address at most: an answer
	// that is no older is as good as a new one.
	askEvery = time.Second

	// Between two looks whether a server has answered: on a quiet segment it does
	// so within a millisecond. Of many servers those that are down must not cost more
	// than those that answer.
	firstLook   = 2 * time.Millisecond
	slowestLook = 100 * time.Millisecond
	slowestMany = time.Second
)

// arpChecker asks a server for its MAC, by ARP or neighbour discovery.
type arpChecker struct {
	m     *Monitor
	vlan  uint16
	addr  netip.Addr
	fresh time.Duration // an answer that is no older passes
}

// Check asks, unless an answer is fresh.
func (c arpChecker) Check(ctx context.Context, _ way) outcome {
	since := c.since()
	if c.await(ctx, func(mac wire.MAC, at time.Time) bool { return !mac.IsZero() && at.After(since) }) {
		return c.pass()
	}
	return fail("no answer to " + c.protocol())
}

// answered says whether an answer is fresh.
func (c arpChecker) answered() bool {
	mac, at := c.m.seg.Neighbour(c.vlan, c.addr)
	return !mac.IsZero() && at.After(c.since())
}

// since is after when an answer is fresh.
func (c arpChecker) since() time.Time { return time.Now().Add(-max(c.fresh, askEvery)) }

func (c arpChecker) pass() outcome { return pass("answers " + c.protocol()) }

// protocol is what finds the MAC of an address of c's family.
func (c arpChecker) protocol() string {
	if c.addr.Is6() {
		return "neighbour discovery"
	}
	return "ARP"
}

// mac returns the server's MAC, and asks for it first if it is not known.
func (c arpChecker) mac(ctx context.Context) (wire.MAC, bool) {
	ok := c.await(ctx, func(mac wire.MAC, _ time.Time) bool { return !mac.IsZero() })
	mac, _ := c.m.seg.Neighbour(c.vlan, c.addr)
	return mac, ok
}

// await asks once, and looks until what is known of the server will do.
func (c arpChecker) await(ctx context.Context, will func(wire.MAC, time.Time) bool) bool {
	if will(c.m.seg.Neighbour(c.vlan, c.addr)) {
		return true
	}
	c.m.seg.Ask(c.vlan, c.addr)
	look, slowest := firstLook, slowestLook
	if c.m.many.Load() {
		slowest = slowestMany
	}
	next := time.NewTimer(c.in(look))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return will(c.m.seg.Neighbour(c.vlan, c.addr))
		case <-next.C:
			if will(c.m.seg.Neighbour(c.vlan, c.addr)) {
				return true
			}
			look = min(2*look, slowest)
			next.Reset(c.in(look))
		}
	}
}

// in is how long to wait where it is to be so long or a little longer.
func (c arpChecker) in(wait time.Duration) time.Duration {
	return time.Until(c.m.moment(time.Now().Add(wait)))
}
