// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"

	"cygnet/internal/wire"
)

const (
	etherLen = 14
	arpSize  = 60 // the shortest Ethernet frame, without check sequence (IEEE 802.3, 3.2.8)
	ndSize   = 86 // Ethernet, IPv6, an advertisement and one option: 14+40+24+8

	ipv6Len  = 40
	ndLen    = 32
	hopLimit = 255 // RFC 4861 section 4.4
)

// told is what an answer says, and to whom.
type told struct {
	addr netip.Addr // who-has, or the target
	mac  wire.MAC   // has it
	to   netip.Addr // the asker
	by   wire.MAC   // its MAC
}

// arpReply says it in ARP, from our MAC from.
func arpReply(t told, from wire.MAC) []byte {
	b := make([]byte, arpSize)
	e := wire.Ethernet(b)
	e.SetDst(t.by)
	e.SetSrc(from)
	e.SetType(wire.EtherTypeARP)
	p := wire.ARP(b[etherLen:])
	p.Init()
	p.SetOp(wire.ARPReply)
	p.SetSenderMAC(t.mac)
	p.SetSenderIP(t.addr)
	p.SetTargetMAC(t.by)
	p.SetTargetIP(t.to)
	return b
}

// advertisement says it in neighbour discovery.
func advertisement(t told, from wire.MAC, flags uint8) []byte {
	b := make([]byte, ndSize)
	e := wire.Ethernet(b)
	e.SetDst(t.by)
	e.SetSrc(from)
	e.SetType(wire.EtherTypeIPv6)
	ip := wire.IPv6(b[etherLen:])
	ip.Init()
	ip.SetPayloadLen(ndLen)
	ip.SetNextHeader(wire.ProtoICMPv6)
	ip.SetHopLimit(hopLimit)
	ip.SetSrc(t.addr)
	ip.SetDst(t.to)
	m := wire.ICMPv6(b[etherLen+ipv6Len:])
	m.SetType(wire.ICMPv6NeighbourAdvertisement)
	nd := wire.ND(m)
	nd.SetFlags(flags)
	nd.SetTarget(t.addr)
	nd.SetTargetLinkLayer(t.mac)
	m.UpdateChecksum(t.addr, t.to)
	return b
}
