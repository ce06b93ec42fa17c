// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import "net/netip"

// Flags of a neighbour advertisement (RFC 4861, 4.4).
const (
	NDRouter    = 0x80 // R: the sender is a router
	NDSolicited = 0x40 // S: it answers a solicitation
	NDOverride  = 0x20 // O: it replaces what is cached
)

// Options of neighbour discovery (RFC 4861, 4.6.1).
const (
	ndSourceLinkLayer = 1
	ndTargetLinkLayer = 2
)

const (
	ndLen       = 24 // without options
	ndOptionLen = 8  // of a link-layer address, and the unit of all options
	ndHopLimit  = 255
)

// ND is a neighbour solicitation or advertisement: an ICMPv6 message with a
// target and options (RFC 4861, 4.3 and 4.4). Its accessors trust a frame for
// which IsNeighbourSolicitation or IsNeighbourAdvertisement is true.
type ND []byte

// Flags returns the sum of NDRouter, NDSolicited and NDOverride. Of a
// solicitation it means nothing.
func (h ND) Flags() uint8 { return h[4] & (NDRouter | NDSolicited | NDOverride) }

// Target returns the address that is asked or told about.
func (h ND) Target() netip.Addr { return netip.AddrFrom16([16]byte(h[8:24])) }

// SourceLinkLayer returns the address in the source link-layer address option.
func (h ND) SourceLinkLayer() (MAC, bool) { return h.linkLayer(ndSourceLinkLayer) }

// TargetLinkLayer returns the address in the target link-layer address option.
func (h ND) TargetLinkLayer() (MAC, bool) { return h.linkLayer(ndTargetLinkLayer) }

// SetFlags sets the flags and clears the reserved bits after them.
func (h ND) SetFlags(flags uint8) { h[4], h[5], h[6], h[7] = flags, 0, 0, 0 }

// SetTarget sets the target.
func (h ND) SetTarget(a netip.Addr) { put16(h[8:24], a) }

// SetSourceLinkLayer writes a source link-layer address option as the first
// one, into the 8 bytes after the target.
func (h ND) SetSourceLinkLayer(m MAC) { h.setLinkLayer(ndSourceLinkLayer, m) }

// SetTargetLinkLayer writes a target link-layer address option as the first
// one, into the 8 bytes after the target.
func (h ND) SetTargetLinkLayer(m MAC) { h.setLinkLayer(ndTargetLinkLayer, m) }

func (h ND) setLinkLayer(option uint8, m MAC) {
	h[24], h[25] = option, 1
	copy(h[26:32], m[:])
}

func (h ND) linkLayer(option uint8) (MAC, bool) {
	if len(h) < ndLen {
		return MAC{}, false
	}
	for o := []byte(h[ndLen:]); len(o) >= ndOptionLen; {
		size := int(o[1]) * ndOptionLen
		if size == 0 || size > len(o) {
			break
		}
		if o[0] == option && size == ndOptionLen {
			return MAC(o[2:8]), true
		}
		o = o[size:]
	}
	return MAC{}, false
}

// ndOptionsFill reports whether options fill what is left of a message exactly,
// each with a length that is not zero.
func ndOptionsFill(o []byte) bool {
	for len(o) >= ndOptionLen {
		size := int(o[1]) * ndOptionLen
		if size == 0 || size > len(o) {
			return false
		}
		o = o[size:]
	}
	return len(o) == 0
}

// IsNeighbourSolicitation reports whether f is a solicitation that a host must
// take for one (RFC 4861, 7.1.1), and no fragment (RFC 6980, 5).
func (f *Frame) IsNeighbourSolicitation() bool {
	if !f.isND(ICMPv6NeighbourSolicitation) {
		return false
	}
	if !f.Src.IsUnspecified() {
		return true
	}
	_, named := f.ND().SourceLinkLayer()
	return !named && isSolicitedNode(f.Dst)
}

// IsNeighbourAdvertisement reports whether f is an advertisement that a host
// must take for one (RFC 4861, 7.1.2), and no fragment (RFC 6980, 5).
func (f *Frame) IsNeighbourAdvertisement() bool {
	return f.isND(ICMPv6NeighbourAdvertisement) &&
		!(f.Dst.IsMulticast() && f.ND().Flags()&NDSolicited != 0)
}

// isND does the checks that both messages share. The hop limit proves that no
// router forwarded the frame. Extension headers are refused as well: no host
// puts them before neighbour discovery.
func (f *Frame) isND(typ uint8) bool {
	if f.Kind != KindIPv6 || f.Proto != ProtoICMPv6 || f.Options || f.End-f.L4 < ndLen {
		return false
	}
	m := f.ICMPv6()
	return m.Type() == typ && m.Code() == 0 && f.IPv6().HopLimit() == ndHopLimit &&
		!ND(m).Target().IsMulticast() && ndOptionsFill(m[ndLen:]) && f.TransportChecksumOK()
}

// SolicitedNode returns the solicited-node multicast group of the IPv6 address
// a: ff02::1:ff00:0/104 and its last 24 bits (RFC 4291, 2.7.1).
func SolicitedNode(a netip.Addr) netip.Addr {
	b := a.As16()
	return netip.AddrFrom16([16]byte{0: 0xff, 1: 0x02, 11: 1, 12: 0xff, 13: b[13], 14: b[14], 15: b[15]})
}

func isSolicitedNode(a netip.Addr) bool {
	return a == SolicitedNode(a)
}
