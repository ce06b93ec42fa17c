// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"net/netip"
)

// Kind is what an Ethernet frame carries.
type Kind uint8

// The kinds that are looked into, and the rest.
const (
	KindOther Kind = iota
	KindARP
	KindIPv4
	KindIPv6
)

// Defect is why a frame cannot be handled; zero if it can.
type Defect uint8

// The defects.
const (
	DefectNone      Defect = iota
	DefectTruncated        // it ends before its headers do, or before a length in them says
	DefectHeader           // fields contradict each other or the RFC
	DefectChecksum         // the IPv4 header checksum is wrong
)

// FragmentPart is which part of a datagram a frame carries.
type FragmentPart uint8

// The parts of a datagram.
const (
	Whole         FragmentPart = iota
	FirstFragment              // has the transport header, or at least 8 bytes of it
	LaterFragment              // has no transport header
)

// maxDatagram is the largest IPv4 datagram, and the largest IPv6 payload, in
// bytes: the length fields have 16 bits.
const maxDatagram = 65535

// Frame is one parsed frame. Parse fills it and keeps no memory of what it was
// before, so that one Frame serves for all. It refers to the bytes it was given
// and does not follow when they are edited.
type Frame struct {
	Data []byte // the frame, from its destination MAC on
	Kind Kind

	// Offsets in Data: the network header, the transport header, and the end
	// of the datagram, after which there is only padding. Always
	// L3 <= L4 <= End <= len(Data). Of KindARP, L4 is End; of KindOther, L4 is
	// L3 and End the end of the frame.
	L3, L4, End int

	Tagged uint16     // VID of a tag in the frame; 0 = untagged or priority-tagged
	Proto  uint8      // upper-layer protocol, after IPv6 extension headers
	Src    netip.Addr // IP source; of ARP the sender's protocol address
	Dst    netip.Addr // IP destination; of ARP the target's protocol address

	SrcPort, DstPort uint16 // valid if Ports
	Ports            bool   // TCP or UDP, and its ports are here

	Part    FragmentPart
	Options bool // IPv4 options or IPv6 extension headers are present

	// FragID ties fragments together, unless Part is Whole: with Src, Dst and
	// Proto for IPv4 (RFC 791, 3.2), with Src and Dst alone for IPv6 (RFC 8200,
	// 4.5), where Proto may differ between the first fragment and the others.
	FragID uint32

	fragOffset    int  // of this fragment's payload, in bytes
	moreFragments bool // it is not the last one
}

// Parse looks at the Ethernet frame b, without check sequence, and fills f. It
// walks one 802.1Q tag and, of IPv6, up to 8 extension headers. It verifies
// what a receiver must of ARP, IP and the transport header, but of checksums
// only the IPv4 header's: transport checksums may be left to offload. For a
// frame with a defect, Kind, Src and Dst are set as far as they were there,
// and nothing else but the offsets is of use.
func (f *Frame) Parse(b []byte) Defect {
	*f = Frame{Data: b}
	if len(b) < ethernetLen {
		return DefectTruncated
	}
	typ := binary.BigEndian.Uint16(b[12:])
	f.L3 = ethernetLen
	if typ == EtherTypeVLAN {
		if len(b) < ethernetLen+TagLen {
			f.L3 = 0
			return DefectTruncated
		}
		f.Tagged = binary.BigEndian.Uint16(b[14:]) & vidMask
		typ = binary.BigEndian.Uint16(b[16:])
		f.L3 += TagLen
	}
	f.L4, f.End = f.L3, len(b)
	switch typ {
	case EtherTypeIPv4:
		return f.parseIPv4(b[f.L3:])
	case EtherTypeIPv6:
		return f.parseIPv6(b[f.L3:])
	case EtherTypeARP:
		return f.parseARP(b[f.L3:])
	}
	return DefectNone
}

func (f *Frame) parseARP(h ARP) Defect {
	f.Kind = KindARP
	if len(h) < arpLen {
		return DefectTruncated
	}
	if !h.Valid() {
		return DefectHeader
	}
	f.End = f.L3 + arpLen
	f.L4 = f.End
	f.Src, f.Dst = h.SenderIP(), h.TargetIP()
	return DefectNone
}

// parseIPv4 verifies the checksum before it believes a length: a flipped bit
// is DefectChecksum wherever it is.
func (f *Frame) parseIPv4(h IPv4) Defect {
	f.Kind = KindIPv4
	if len(h) < ipv4Len {
		return DefectTruncated
	}
	f.Src, f.Dst = h.Src(), h.Dst()
	ihl := h.IHL()
	switch {
	case h.Version() != 4 || ihl < ipv4Len:
		return DefectHeader
	case ihl > len(h):
		return DefectTruncated
	case Checksum(h[:ihl], 0) != 0:
		return DefectChecksum
	}
	total := h.TotalLen()
	switch {
	case total < ihl:
		return DefectHeader
	case total > len(h):
		return DefectTruncated
	}
	f.L4, f.End = f.L3+ihl, f.L3+total
	f.Proto = h.Proto()
	f.Options = ihl > ipv4Len
	if offset, more := h.FragmentOffset(), h.Flags()&IPv4MoreFragments != 0; offset != 0 || more {
		f.setFragment(offset, more, uint32(h.ID()))
		if f.badFragment(maxDatagram - ipv4Len) {
			return DefectHeader
		}
	}
	return f.parseTransport()
}

// parseIPv6 refuses jumbograms (RFC 2675): payload length 0 before a
// hop-by-hop header.
func (f *Frame) parseIPv6(h IPv6) Defect {
	f.Kind = KindIPv6
	if len(h) < ipv6Len {
		return DefectTruncated
	}
	f.Src, f.Dst = h.Src(), h.Dst()
	payload := h.PayloadLen()
	switch {
	case h.Version() != 6, payload == 0 && h.NextHeader() == protoHopByHop:
		return DefectHeader
	case payload > len(h)-ipv6Len:
		return DefectTruncated
	}
	f.L4 = f.L3 + ipv6Len
	f.End = f.L4 + payload
	f.Proto = h.NextHeader()
	if isExtension(f.Proto) {
		if d := f.walkExtensions(); d != DefectNone {
			return d
		}
		if f.Part != Whole && f.badFragment(maxDatagram) {
			return DefectHeader
		}
	}
	return f.parseTransport()
}

// setFragment notes what an IPv4 header or an IPv6 fragment header says. A
// first fragment that is also the last (RFC 6946) is a whole datagram.
func (f *Frame) setFragment(offset int, more bool, id uint32) {
	f.FragID, f.fragOffset, f.moreFragments = id, offset, more
	switch {
	case offset != 0:
		f.Part = LaterFragment
	case more:
		f.Part = FirstFragment
	}
}

// badFragment reports a fragment that cannot be a part of any datagram with a
// payload of at most limit bytes: one with nothing in it, one that is not the
// last but does not end on a unit of 8 bytes, and one that ends beyond the
// limit. It also reports TCP at offset 8: such a fragment overwrites the flags
// of the first one (RFC 1858, 3.1).
func (f *Frame) badFragment(limit int) bool {
	n := f.End - f.L4
	return n == 0 || f.moreFragments && n%8 != 0 || f.fragOffset+n > limit ||
		f.fragOffset == 8 && f.Proto == ProtoTCP
}

func (f *Frame) parseTransport() Defect {
	if f.Part == LaterFragment {
		return DefectNone
	}
	t := f.Data[f.L4:f.End]
	switch f.Proto {
	case ProtoTCP:
		return f.parseTCP(t)
	case ProtoUDP:
		return f.parseUDP(t)
	case ProtoICMP:
		if f.Kind == KindIPv4 && len(t) < icmpLen {
			return DefectTruncated
		}
	case ProtoICMPv6:
		if f.Kind == KindIPv6 && len(t) < icmpLen {
			return DefectTruncated
		}
	}
	return DefectNone
}

// parseTCP wants the whole header, options included, unless it may continue in
// the next fragment.
func (f *Frame) parseTCP(t TCP) Defect {
	if len(t) < tcpLen {
		if f.Part == Whole || len(t) < 8 {
			return DefectTruncated
		}
	} else if n := t.DataOffset(); n < tcpLen || f.Part == Whole && n > len(t) {
		return DefectHeader
	}
	f.setPorts(t)
	return DefectNone
}

func (f *Frame) parseUDP(t UDP) Defect {
	if len(t) < udpLen {
		return DefectTruncated
	}
	n := t.Length()
	if n < udpLen || f.Part == Whole && n > len(t) {
		return DefectHeader
	}
	f.setPorts(t)
	return DefectNone
}

// setPorts reads the ports, which TCP and UDP have in the same place.
func (f *Frame) setPorts(t []byte) {
	f.SrcPort, f.DstPort = binary.BigEndian.Uint16(t), binary.BigEndian.Uint16(t[2:])
	f.Ports = true
}
