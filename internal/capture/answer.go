// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"

	"cygnet/internal/wire"
)

// asked takes a question, and answers it where the address is free. The first one
// for an address of which nothing is known makes us ask ourselves.
func (c *Capturer) asked(t told, now int64, emit func([]byte)) {
	if c.down || !c.mayCapture(t.addr) || !c.honest(t) || c.cfg.Ignored != nil && c.cfg.Ignored(t.to, t.addr) {
		return
	}
	e := c.memory.enter(t.addr, false, now)
	if e == nil {
		c.counts.NoRoom++
		return
	}
	if e.state == Unknown && (c.cfg.Policy == Immediate && !e.queued || c.inVain(e, t.by, now) && c.passive(e.addr, now)) {
		c.free(e, now)
	}
	switch {
	case e.gone || e.state == Owned:
	case e.state == Free || e.state == Suspended && c.cfg.Policy == Immediate:
		c.answer(e, t, now, emit)
	case e.state == Unknown && c.cfg.Policy == Verify:
		c.want(e, now)
		c.askQueued(now, emit)
	}
}

// inVain says whether the same host asked for e shortly before, long enough ago for
// an answer. Another host's question proves nothing: both get their answer where a
// switch does not show it to us.
func (c *Capturer) inVain(e *entry, by wire.MAC, now int64) bool {
	since := now - e.first
	if e.first != 0 && e.firstBy == by && since <= int64(silentMax) {
		return since >= int64(silentFor)
	}
	e.first, e.firstBy = max(now, 1), by
	return false
}

// answer says that e is ours, unless too many were told so within a second.
func (c *Capturer) answer(e *entry, t told, now int64, emit func([]byte)) {
	if !c.replies.take(now) {
		c.counts.RepliesLimited++
		return
	}
	c.memory.use(e, now)
	var frame []byte
	if t.addr.Is4() {
		c.counts.ARPReplies++
		frame = arpReply(t, c.cfg.MAC)
	} else {
		// No override: a real owner's advertisement wins (RFC 4861 section 7.2.5).
		c.counts.NDReplies++
		frame = advertisement(t, c.cfg.MAC, wire.NDSolicited)
	}
	if c.cfg.Policy == Observe {
		return
	}
	e.answered = true
	c.askers.add(t.addr, asker{addr: t.to, mac: t.by, at: now})
	emit(frame)
}

// mayCapture says whether a is an address that the tarpit may answer for now.
func (c *Capturer) mayCapture(a netip.Addr) bool {
	return !c.cfg.Standby && c.captured(a) && isHost(a) && !c.ours(a) && !isLinkLocal6(a)
}

// honest says whether an answer to the question goes to a host on the segment.
func (c *Capturer) honest(t told) bool {
	return t.by.IsUnicast() && isHost(t.to) && !c.ours(t.to) && c.onLink(t.to)
}

// isHost says whether a can be one host's (RFC 1122 section 3.2.1.3).
func isHost(a netip.Addr) bool {
	if a.Is4() {
		b := a.As4()
		return b[0] != 0 && b[0] != 127 && b[0] < 224
	}
	return !a.IsUnspecified() && !a.IsMulticast() && !a.IsLoopback() && !a.Is4In6()
}

// onLink says whether a host on the segment may have a: it is in one of the subnets,
// where there are any of its family. A link-local address of IPv6 always is.
func (c *Capturer) onLink(a netip.Addr) bool {
	if isLinkLocal6(a) {
		return true
	}
	known := false
	for _, p := range c.cfg.Subnets {
		if p.Addr().Is4() != a.Is4() || a.Is6() && p.Addr().IsLinkLocalUnicast() {
			continue
		}
		known = true
		if p.Contains(a) {
			return !isEdge(p, a)
		}
	}
	return !known
}

// isEdge says whether a is the network or the broadcast address of p; a subnet of
// two has neither (RFC 3021), and IPv6 has no broadcast.
func isEdge(p netip.Prefix, a netip.Addr) bool {
	if a.Is6() || p.Bits() > 30 {
		return false
	}
	return a == p.Masked().Addr() || !p.Contains(a.Next())
}

func (c *Capturer) inSubnet(a netip.Addr) bool {
	for _, p := range c.cfg.Subnets {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func (c *Capturer) captured(a netip.Addr) bool { return c.cfg.Captured != nil && c.cfg.Captured(a) }

func (c *Capturer) ours(a netip.Addr) bool { return c.cfg.Ours != nil && c.cfg.Ours(a) }
