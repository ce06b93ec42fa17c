// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"

	"cygnet/internal/capture"
	"cygnet/internal/wire"
)

// class says whose a frame is, and so which step is next.
type class uint8

const (
	notOurs          class = iota
	arpForUs               // who-has an address we hold
	askedForCaptured       // who-has or a solicitation for an address that may be captured: the control goroutine answers
	solicitation           // the same as arpForUs, for IPv6
	echoRequest            // to an address we hold
	captured               // IP to an address the tarpit answers for
	ofFlow                 // TCP or UDP, with ports, to a service
	laterFragment          // to a VIP, without ports
	icmpError              // to a VIP, about one of its flows
	otherICMP              // to a VIP, and none of these
	unserved               // to a VIP, of a protocol that no service has
	outOfService           // to a VIP that is off, and to no service
	forged                 // from an address that cannot have sent it
	onVLAN                 // tagged, with a VLAN that nothing of ours is on
)

// classify looks at the frame at hand. Services take frames to our MAC only,
// ARP also broadcast, neighbour discovery also multicast: a switch that floods
// must not make two balancers pass a frame back and forth. With some classes
// comes the VIP concerned.
func (w *worker) classify(s *wire.Slot) (class, *vip) {
	f := w.frame
	if s.Type == wire.PacketOutgoing || s.Type == wire.PacketOtherHost {
		return notOurs, nil
	}
	w.net = &w.t.untagged
	if f.Tagged != 0 {
		if w.net = w.t.on(f.Tagged); w.net == nil {
			return onVLAN, nil
		}
	}
	switch {
	case f.Kind == wire.KindARP:
		return w.classifyARP(), nil
	case f.Proto == wire.ProtoICMPv6 && f.IsNeighbourSolicitation():
		return w.classifySolicitation(), nil
	case s.Type != wire.PacketHost || (f.Kind != wire.KindIPv4 && f.Kind != wire.KindIPv6):
		return notOurs, nil
	}
	if v, ok := w.net.vips.get(f.Dst); ok {
		return w.classifyVIP(v), v
	}
	if w.captures(f.Dst) {
		switch {
		case w.forgedSource() || w.t.isServer(f.Src):
			return forged, nil
		case w.captures(f.Src):
			w.suspects.add(f.Src)
			return forged, nil
		}
		return captured, nil
	}
	return notOurs, nil
}

// captures says whether the tarpit may answer for a where the frame at hand is:
// it captures addresses of the untagged network.
func (w *worker) captures(a netip.Addr) bool {
	return w.frame.Tagged == 0 && w.t.captures(a, w.now)
}

// captures says whether the tarpit may answer for a now: its list permits it and
// no host was heard using it.
func (t *table) captures(a netip.Addr, now int64) bool {
	return t.captured != nil && t.captured.Contains(a) && t.states.Of(a, now) != capture.Owned
}

// classifyARP looks for questions about addresses we answer for. A probe or an
// announcement (sender 0.0.0.0, or the target itself) comes from a host that
// takes the address: it hears from us where we hold it, RFC 5227 section 2.4,
// and is never told that a captured address is in use.
func (w *worker) classifyARP() class {
	f := w.frame
	p := f.ARP()
	if p.Op() != wire.ARPRequest || !p.SenderMAC().IsUnicast() || p.SenderMAC() == w.t.mac || f.Src == f.Dst {
		return notOurs
	}
	if w.net.holds(f.Dst) {
		return arpForUs
	}
	if w.captures(f.Dst) {
		return askedForCaptured
	}
	return notOurs
}

func (w *worker) classifySolicitation() class {
	if !w.net.holds(w.frame.ND().Target()) {
		if w.captures(w.frame.ND().Target()) {
			return askedForCaptured
		}
		return notOurs
	}
	if !w.frame.Src.IsUnspecified() && w.forgedSource() {
		return forged
	}
	return solicitation
}

func (w *worker) classifyVIP(v *vip) class {
	f := w.frame
	switch {
	case w.forgedSource():
		return forged
	case f.Part != wire.LaterFragment && (f.Proto == wire.ProtoTCP || f.Proto == wire.ProtoUDP):
		return ofFlow
	case v.claim == nil:
		return outOfService
	case f.Part == wire.LaterFragment:
		return laterFragment
	case f.Proto == wire.ProtoICMP || f.Proto == wire.ProtoICMPv6:
		return w.classifyICMP(v)
	}
	return unserved
}

// classifyICMP tells echo requests, which the host's kernel answers where it
// holds the VIP, from errors about a flow.
func (w *worker) classifyICMP(v *vip) class {
	f := w.frame
	switch {
	case f.ICMPError() && f.Part == wire.Whole:
		return icmpError
	case v.shared():
		return notOurs
	case f.IsEchoRequest() && v.claim.Held():
		return echoRequest
	}
	return otherICMP
}

// forgedSource says whether no honest frame can have the source address of the
// frame at hand: RFC 1122 section 3.2.1.3 lists those that no host may use.
// Sent from our own MAC it is not honest, either.
func (w *worker) forgedSource() bool {
	src, mac := w.frame.Src, w.frame.Ethernet().Src()
	if src.IsMulticast() || src.IsUnspecified() || src.IsLoopback() || !mac.IsUnicast() || mac == w.t.mac {
		return true
	}
	if src.Is4() {
		if b := src.As4(); b[0] == 0 || b[0] >= 240 {
			return true
		}
	}
	return w.net.isOurs(src)
}
