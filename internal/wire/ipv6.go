// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"net/netip"
)

// Extension headers that Parse walks (RFC 8200, 4; RFC 4302), by their numbers
// in https://www.iana.org/assignments/ipv6-parameters.
const (
	protoHopByHop = 0
	protoRouting  = 43
	protoFragment = 44
	protoAH       = 51
	protoDestOpts = 60
)

const (
	ipv6Len         = 40
	ipv6FragmentLen = 8
	flowLabelMask   = 1<<20 - 1

	// maxExtensions bounds the walk. RFC 8200, 4.1 lists six extension headers
	// of which one may come twice; no honest packet has more than 8.
	maxExtensions = 8
)

// IPv6 is an IPv6 header with what follows it (RFC 8200, 3).
type IPv6 []byte

// Init writes version 6 and zero into all other fields.
func (h IPv6) Init() {
	clear(h[:ipv6Len])
	h[0] = 6 << 4
}

// Version returns the version, 6.
func (h IPv6) Version() int { return int(h[0] >> 4) }

// TrafficClass returns DSCP and ECN (RFC 8200, 7).
func (h IPv6) TrafficClass() uint8 { return h[0]<<4 | h[1]>>4 }

// FlowLabel returns the flow label, of 20 bits (RFC 6437).
func (h IPv6) FlowLabel() uint32 { return binary.BigEndian.Uint32(h) & flowLabelMask }

// PayloadLen returns the length in bytes of what follows the fixed header,
// extension headers included.
func (h IPv6) PayloadLen() int { return int(binary.BigEndian.Uint16(h[4:])) }

// NextHeader returns the protocol of what follows the fixed header.
func (h IPv6) NextHeader() uint8 { return h[6] }

// HopLimit returns the hop limit.
func (h IPv6) HopLimit() uint8 { return h[7] }

// Src returns the source address.
func (h IPv6) Src() netip.Addr { return netip.AddrFrom16([16]byte(h[8:24])) }

// Dst returns the destination address.
func (h IPv6) Dst() netip.Addr { return netip.AddrFrom16([16]byte(h[24:40])) }

// SetTrafficClass sets DSCP and ECN.
func (h IPv6) SetTrafficClass(c uint8) {
	h[0] = h[0]&0xf0 | c>>4
	h[1] = h[1]&0x0f | c<<4
}

// SetFlowLabel sets the flow label to the low 20 bits of n.
func (h IPv6) SetFlowLabel(n uint32) {
	binary.BigEndian.PutUint32(h, binary.BigEndian.Uint32(h)&^flowLabelMask|n&flowLabelMask)
}

// SetPayloadLen sets the length in bytes of what follows the fixed header, at
// most 65535.
func (h IPv6) SetPayloadLen(n int) { binary.BigEndian.PutUint16(h[4:], uint16(n)) }

// SetNextHeader sets the protocol of what follows the fixed header.
func (h IPv6) SetNextHeader(p uint8) { h[6] = p }

// SetHopLimit sets the hop limit.
func (h IPv6) SetHopLimit(n uint8) { h[7] = n }

// SetSrc sets the source address.
func (h IPv6) SetSrc(a netip.Addr) { put16(h[8:24], a) }

// SetDst sets the destination address.
func (h IPv6) SetDst(a netip.Addr) { put16(h[24:40], a) }

// walkExtensions moves L4 and Proto from the first extension header to the
// upper-layer header, or behind the fragment header of a later fragment.
func (f *Frame) walkExtensions() Defect {
	fragmented := false
	for n := 0; isExtension(f.Proto); n++ {
		h := f.Data[f.L4:f.End]
		if len(h) < 8 {
			return DefectTruncated
		}
		size := extensionLen(f.Proto, h)
		if n == maxExtensions || size > len(h) || badExtension(f.Proto, h, n, fragmented) {
			return DefectHeader
		}
		if f.Proto == protoFragment {
			fragmented = true
			v := binary.BigEndian.Uint16(h[2:])
			f.setFragment(int(v&^7), v&1 != 0, binary.BigEndian.Uint32(h[4:]))
		}
		f.Options = true
		f.Proto = h[0]
		f.L4 += size
		if f.Part == LaterFragment {
			break // what follows is the middle of something
		}
	}
	return DefectNone
}

// badExtension reports an extension header of at least 8 bytes that no sender
// may send. It is the n-th, from 0.
func badExtension(proto uint8, h []byte, n int, fragmented bool) bool {
	switch proto {
	case protoHopByHop:
		return n > 0 // only right after the fixed header (RFC 8200, 4.1)
	case protoFragment:
		return fragmented
	case protoRouting:
		return h[2] == 0 && h[3] != 0 // type 0 with segments left (RFC 5095, 3)
	}
	return false
}

func isExtension(proto uint8) bool {
	switch proto {
	case protoHopByHop, protoRouting, protoFragment, protoAH, protoDestOpts:
		return true
	}
	return false
}

// extensionLen returns the length in bytes, at least 8, that the extension
// header h says it has.
func extensionLen(proto uint8, h []byte) int {
	switch proto {
	case protoFragment:
		return ipv6FragmentLen
	case protoAH:
		return (int(h[1]) + 2) * 4 // RFC 4302, 2.2: in words of 4, less 2
	}
	return (int(h[1]) + 1) * 8
}
