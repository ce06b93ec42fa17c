// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"net"
	"net/netip"

	"github.com/mdlayher/arp"
	"github.com/mdlayher/ethernet"
	"github.com/mdlayher/ndp"

	"cygnet/internal/wire"
)

// speaker makes the frames that answer no frame.
type speaker struct {
	host   *Host
	claims map[netip.Addr]*Claim
	emit   func(frame []byte)
}

// sender picks the address to ask for target from: the interface's own on the
// target's subnet, then a source, then any other of the interface's, and where
// there is none, 0.0.0.0 or the link-local address that our MAC makes. Never a
// VIP, even if it is the interface's own: a server holds it too, and takes no
// question from itself. It is not ready while a source that may yet be ours is
// being claimed.
func (s speaker) sender(target netip.Addr) (from netip.Addr, ready bool) {
	for _, p := range s.host.Addrs {
		if p.Contains(target) && s.claims[p.Addr()] == nil {
			return p.Addr(), true
		}
	}
	for _, a := range s.host.Sources {
		if a.Is4() != target.Is4() || a == target {
			continue
		}
		switch c := s.claims[a]; {
		case c != nil && c.state == claimHeld:
			return a, true
		case c != nil && c.state == claimAsking:
			return netip.Addr{}, false
		}
	}
	for _, p := range s.host.Addrs {
		if p.Addr().Is4() == target.Is4() && s.claims[p.Addr()] == nil {
			return p.Addr(), true
		}
	}
	if target.Is4() {
		return netip.IPv4Unspecified(), true
	}
	return linkLocal(s.host.MAC), true
}

// ask puts the question whether anybody holds a, which we want to claim or
// have claimed. Where no other address of ours can ask, it is a probe:
// RFC 5227 section 2.1.1, RFC 4862 section 5.4.2.
func (s speaker) ask(a netip.Addr) {
	from, ready := s.sender(a)
	if !ready || (a.Is6() && from == linkLocal(s.host.MAC)) {
		from = unspecified(a)
	}
	s.askFrom(from, a, wire.BroadcastMAC())
}

// askFrom asks who holds target, by broadcast (solicited-node multicast for
// IPv6) or to the one host that held it.
func (s speaker) askFrom(from, target netip.Addr, to wire.MAC) {
	if target.Is4() {
		s.arp(arp.OperationRequest, from, target, to)
		return
	}
	dst := target
	if to == wire.BroadcastMAC() {
		dst = wire.SolicitedNode(target)
		to = wire.MulticastMAC(dst)
	}
	ns := &ndp.NeighborSolicitation{TargetAddress: target}
	if !from.IsUnspecified() { // RFC 4861 section 4.3: no option from the unspecified address
		ns.Options = s.option(ndp.Source)
	}
	s.nd(ns, from, dst, to)
}

// announce tells everybody that a is ours now: an ARP announcement (RFC 5227
// section 3, in the request form) or an unsolicited neighbour advertisement
// (RFC 4861 section 7.2.6).
func (s speaker) announce(a netip.Addr) {
	if a.Is4() {
		s.arp(arp.OperationRequest, a, a, wire.BroadcastMAC())
		return
	}
	all := netip.IPv6LinkLocalAllNodes()
	s.nd(&ndp.NeighborAdvertisement{
		Override:      true,
		TargetAddress: a,
		Options:       s.option(ndp.Target),
	}, a, all, wire.MulticastMAC(all))
}

func (s speaker) option(dir ndp.Direction) []ndp.Option {
	return []ndp.Option{&ndp.LinkLayerAddress{Direction: dir, Addr: s.host.MAC[:]}}
}

// arp sends one packet. Neither library call can fail for a 6-byte MAC and
// IPv4 addresses; if one did, there would be nothing to send.
func (s speaker) arp(op arp.Operation, from, target netip.Addr, to wire.MAC) {
	p, err := arp.NewPacket(op, s.host.MAC[:], from, make(net.HardwareAddr, 6), target)
	if err != nil {
		return
	}
	payload, err := p.MarshalBinary()
	if err != nil {
		return
	}
	frame := &ethernet.Frame{
		Destination: to[:], Source: s.host.MAC[:], EtherType: ethernet.EtherTypeARP, Payload: payload,
	}
	if b, err := frame.MarshalBinary(); err == nil {
		s.emit(b)
	}
}

const (
	ipv6HeaderLen = 40
	ndHopLimit    = 255 // RFC 4861 section 4.3: so that no router can have forwarded it
)

// nd sends one neighbour discovery message in an IPv6 packet.
func (s speaker) nd(m ndp.Message, from, dst netip.Addr, to wire.MAC) {
	body, err := ndp.MarshalMessageChecksum(m, from, dst)
	if err != nil {
		return
	}
	payload := make([]byte, ipv6HeaderLen+len(body))
	copy(payload[ipv6HeaderLen:], body)
	ip := wire.IPv6(payload)
	payload[0] = 6 << 4
	ip.SetPayloadLen(len(body))
	ip.SetNextHeader(wire.ProtoICMPv6)
	ip.SetHopLimit(ndHopLimit)
	ip.SetSrc(from)
	ip.SetDst(dst)
	frame := &ethernet.Frame{
		Destination: to[:], Source: s.host.MAC[:], EtherType: ethernet.EtherTypeIPv6, Payload: payload,
	}
	if b, err := frame.MarshalBinary(); err == nil {
		s.emit(b)
	}
}

// linkLocal returns the link-local address that mac makes, RFC 4291
// appendix A.
func linkLocal(mac wire.MAC) netip.Addr {
	return netip.AddrFrom16([16]byte{
		0: 0xfe, 1: 0x80,
		8: mac[0] ^ 2, 9: mac[1], 10: mac[2], 11: 0xff, 12: 0xfe, 13: mac[3], 14: mac[4], 15: mac[5],
	})
}

func unspecified(like netip.Addr) netip.Addr {
	if like.Is4() {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}
