// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"net/netip"

	"cygnet/internal/wire"
)

// Learn takes a frame from the segment: ARP or neighbour discovery, parsed
// without a defect. Any other frame, and any of our own, is ignored. The frame
// is not kept.
func (t *Table) Learn(f *wire.Frame, now int64) {
	switch {
	case f.Kind == wire.KindARP:
		t.learnARP(f.ARP(), now)
	case f.IsNeighbourSolicitation():
		t.learnSolicitation(f, now)
	case f.IsNeighbourAdvertisement():
		t.learnAdvertisement(f, now)
	}
}

func (t *Table) learnARP(p wire.ARP, now int64) {
	mac, sender := p.SenderMAC(), p.SenderIP()
	if !mac.IsUnicast() {
		return
	}
	if sender.IsUnspecified() {
		t.probed(p.TargetIP(), mac, now)
		return
	}
	t.heard(sender, mac, p.Op() == wire.ARPReply, now)
}

func (t *Table) learnSolicitation(f *wire.Frame, now int64) {
	mac := f.Ethernet().Src()
	if !mac.IsUnicast() {
		return
	}
	if f.Src.IsUnspecified() {
		t.probed(f.ND().Target(), mac, now)
		return
	}
	if option, ok := f.ND().SourceLinkLayer(); ok && option.IsUnicast() {
		t.heard(f.Src, option, false, now)
	}
}

func (t *Table) learnAdvertisement(f *wire.Frame, now int64) {
	mac := f.Ethernet().Src()
	if option, ok := f.ND().TargetLinkLayer(); ok {
		mac = option
	}
	if mac.IsUnicast() {
		t.heard(f.ND().Target(), mac, f.ND().Flags()&wire.NDSolicited != 0, now)
	}
}

// heard takes the news that the host with this MAC uses address a; reply says
// that it answered a question. A claim that our own MAC uses is ours, or our
// frame came back. A neighbour that says so has a cloned card, and is believed,
// so that the workers see the loop.
func (t *Table) heard(a netip.Addr, mac wire.MAC, reply bool, now int64) {
	if c := t.claims[a]; c != nil {
		if mac != t.host.MAC {
			t.changed(c.rival(mac, now))
			t.sooner(c.next, c.announceAt)
		}
		return
	}
	if n := t.neighbours[a]; n != nil {
		t.changed(n.answer(mac, reply, now))
		t.sooner(n.next)
	}
}

// probed takes the news that another host asks whether a is free to take. As
// long as we do not hold it, it is that host's (RFC 5227 section 2.1.1); once
// we do, the workers answer the probe and it withdraws.
func (t *Table) probed(a netip.Addr, mac wire.MAC, now int64) {
	if c := t.claims[a]; c != nil && c.state != claimHeld && mac != t.host.MAC {
		t.changed(c.rival(mac, now))
		t.sooner(c.next, c.announceAt)
	}
}
