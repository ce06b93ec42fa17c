// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"

	"cygnet/internal/wire"
)

// Learn takes what a received frame says about who uses which address, and answers
// it if it asks for a captured one. f must have been parsed without a defect and
// not be tagged; it is not changed. A frame that we sent says nothing.
func (c *Capturer) Learn(f *wire.Frame, now int64, emit func(frame []byte)) {
	if f.Tagged != 0 || len(f.Data) < etherLen || f.Ethernet().Src() == c.cfg.MAC {
		return
	}
	switch {
	case f.Kind == wire.KindARP:
		c.learnARP(f.ARP(), f.Ethernet().Src(), now, emit)
	case f.IsNeighbourSolicitation():
		c.learnSolicitation(f, now, emit)
	case f.IsNeighbourAdvertisement():
		c.learnAdvertisement(f, now, emit)
	}
}

// learnARP: a probe has no sender (RFC 5227 section 2.1.1), an announcement has the
// target as sender (section 2.3), and neither is ever answered.
func (c *Capturer) learnARP(p wire.ARP, from wire.MAC, now int64, emit func([]byte)) {
	mac, sender, target := p.SenderMAC(), p.SenderIP(), p.TargetIP()
	request := p.Op() == wire.ARPRequest
	if mac == c.cfg.MAC {
		return
	}
	if sender.IsUnspecified() {
		if request {
			c.heard(target, mac, true, now, emit)
		}
		return
	}
	c.heard(sender, mac, false, now, emit)
	if request && sender != target && mac == from {
		c.asked(told{addr: target, mac: c.cfg.MAC, to: sender, by: mac}, now, emit)
	}
}

// learnSolicitation: without a source it is duplicate address detection (RFC 4862
// section 5.4.2), which any answer would make fail.
func (c *Capturer) learnSolicitation(f *wire.Frame, now int64, emit func([]byte)) {
	mac, target := f.Ethernet().Src(), f.ND().Target()
	if f.Src.IsUnspecified() {
		c.heard(target, mac, true, now, emit)
		return
	}
	if option, ok := f.ND().SourceLinkLayer(); ok {
		mac = option
	}
	if mac == c.cfg.MAC {
		return
	}
	c.heard(f.Src, mac, false, now, emit)
	if f.Src != target {
		c.asked(told{addr: target, mac: c.cfg.MAC, to: f.Src, by: mac}, now, emit)
	}
}

// learnAdvertisement: it tells of its target, and uses its source.
func (c *Capturer) learnAdvertisement(f *wire.Frame, now int64, emit func([]byte)) {
	from, target := f.Ethernet().Src(), f.ND().Target()
	mac := from
	if option, ok := f.ND().TargetLinkLayer(); ok {
		mac = option
	}
	if mac == c.cfg.MAC {
		return
	}
	c.heard(target, mac, false, now, emit)
	if f.Src != target {
		c.heard(f.Src, from, false, now, emit)
	}
}

// heard takes the news that the host with this MAC uses a, or, by a probe, is about
// to. It has it from now on. The MAC may be a group's: so do clusters that share
// traffic by multicast. A prober is not announced to anybody: it does not answer yet
// (RFC 5227 section 2.1.1).
func (c *Capturer) heard(a netip.Addr, mac wire.MAC, probe bool, now int64, emit func([]byte)) {
	router := !probe && isVirtualRouter(mac)
	if !c.remembers(a) && !(router && c.mayHold(a)) {
		return
	}
	e := c.release(a, mac, now)
	if e == nil {
		return
	}
	if router {
		c.memory.hold(e, maxHeldFrames)
	}
	if probe {
		c.expect(a, now) // it does not answer yet
	} else {
		c.repair(a, mac, now, emit)
	}
}

// Own takes the news, from elsewhere than a frame of ARP or neighbour discovery, that
// somebody has a now, or is about to: that a was heard, without a MAC that askers
// could be told. It counts for OwnerLife. The caller knows that a may be captured, now
// or by what is configured next.
func (c *Capturer) Own(a netip.Addr, now int64) {
	if a = a.Unmap(); isHost(a) && !isLinkLocal6(a) {
		c.release(a, wire.MAC{}, now)
		c.expect(a, now)
	}
}

// release makes a its host's, whose MAC is the zero one where it is not known, and
// tells it where we had answered; nil where there is no room.
func (c *Capturer) release(a netip.Addr, mac wire.MAC, now int64) *entry {
	e := c.memory.enter(a, true, now)
	if e == nil {
		return nil
	}
	c.own(e, now)
	if e.answered {
		e.answered = false
		c.counts.Conflicts++
		c.report(Change{Kind: Released, Addr: a, MAC: mac})
	}
	return e
}

// own makes e its host's. What else was known of it goes with it, once the host is
// forgotten.
func (c *Capturer) own(e *entry, now int64) {
	e.used = now
	if e.state == Owned {
		e.publish()
		return
	}
	c.memory.set(e, Owned)
	c.later(e, now+int64(OwnerLife))
}

// Hold takes the news that a belongs to somebody, whatever is heard: a router that
// moves between machines, a DHCP or DNS server.
// It is remembered also where it may not be captured now. Of more than 1024 the rest
// counts as heard once.
func (c *Capturer) Hold(a netip.Addr, now int64) {
	a = a.Unmap()
	if !a.IsValid() || a.IsUnspecified() || a.IsMulticast() || c.memory.held >= maxHeld && !c.remembers(a) {
		return
	}
	if e := c.memory.enter(a, true, now); e != nil {
		c.own(e, now)
		c.memory.hold(e, maxHeld)
	}
}

// remembers says whether it matters who has a. Of the other addresses of the segment
// nothing is remembered, or whoever invents hosts there takes the places of those
// that may be captured: what a change lets be captured is verified then. Only what
// is held is remembered of them, for its owner may not answer.
func (c *Capturer) remembers(a netip.Addr) bool {
	return c.captured(a) && !isLinkLocal6(a)
}

// mayHold says whether a frame may hold a where it may not be captured now.
func (c *Capturer) mayHold(a netip.Addr) bool {
	return c.memory.held < maxHeldFrames && c.inSubnet(a) && !isLinkLocal6(a)
}

// isLinkLocal6 says whether a is never captured: each interface has its own of these.
func isLinkLocal6(a netip.Addr) bool { return a.Is6() && a.IsLinkLocalUnicast() }
