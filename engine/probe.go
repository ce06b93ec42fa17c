// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"slices"
	"time"

	"cygnet/internal/wire"
)

// What package health asks of an engine. All may be called from any goroutine at
// any time.

// MAC returns the address that our frames come from.
func (e *Engine) MAC() wire.MAC { return e.table.Load().mac }

// Source returns the source address to check a VIP's servers from on that VLAN (0 is
// the untagged network): one that we hold there, of the VIP's family, and where there
// is a choice, in a subnet with it. There may be none.
func (e *Engine) Source(vlan uint16, vip netip.Addr) (source netip.Addr, ok bool) {
	t := e.table.Load()
	for _, s := range t.cfg.Sources {
		if s.VLAN != vlan || s.Addr.Is4() != vip.Is4() || !t.on(vlan).sources[s.Addr].Held() {
			continue
		}
		if !ok || t.sameSubnet(s.Addr, vip) && !t.sameSubnet(source, vip) {
			source, ok = s.Addr, true
		}
	}
	return source, ok
}

// sameSubnet says whether a and b are in one of the interface's subnets; without
// any, whether they share their first half, which is a guess.
func (t *table) sameSubnet(a, b netip.Addr) bool {
	if len(t.cfg.Addrs) > 0 {
		return slices.ContainsFunc(t.cfg.Addrs, func(p netip.Prefix) bool { return p.Contains(a) && p.Contains(b) })
	}
	half, err := a.Prefix(a.BitLen() / 2)
	return err == nil && half.Contains(b)
}

// Neighbour returns the MAC of a server on that VLAN, the zero MAC while it is
// unknown, and when it last answered ARP or neighbour discovery, the zero time if it
// has not.
func (e *Engine) Neighbour(vlan uint16, a netip.Addr) (mac wire.MAC, answered time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t := e.neighbours.table(vlan)
	if t == nil {
		return mac, answered
	}
	n := t.Neighbour(a)
	if n == nil {
		return mac, answered
	}
	if at := n.Confirmed(); at != 0 && !e.started.IsZero() {
		answered = e.started.Add(time.Duration(at - firstTick))
	}
	return n.MAC(), answered
}

// Ask asks a server on that VLAN for its MAC soon, but not twice within a second.
func (e *Engine) Ask(vlan uint16, a netip.Addr) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if t := e.neighbours.table(vlan); t != nil {
		t.AskSoon(a, e.clock.Load())
	}
	e.control.wake()
}

// Emit sends a frame soon on that VLAN, from Ethernet header to payload and without
// a tag, by the control goroutine. The frame stays the caller's. It returns false
// where too many wait already, or the frame is longer than 1514 bytes.
func (e *Engine) Emit(vlan uint16, frame []byte) bool {
	if len(frame) > maxEmit {
		return false
	}
	select {
	case e.control.asked <- untagged{vlan, slices.Clone(frame)}:
		e.control.wake()
		return true
	default:
		return false
	}
}

// SetHealth takes what checks found out about a server of a service, by the
// server's address. It reports when State changes, and remembers all for the
// Snapshot. Without such a server, or when it is not Checked, it does nothing.
func (e *Engine) SetHealth(name string, server netip.Addr, h Health) {
	e.mu.Lock()
	defer e.mu.Unlock()
	svc := e.table.Load().byName[name]
	if svc == nil {
		return
	}
	if srv := svc.server(server); srv != nil && srv.cfg.Checked {
		e.judge(srv, h)
	}
}
