// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"net/netip"
)

// Upper-layer protocols, https://www.iana.org/assignments/protocol-numbers.
const (
	ProtoICMP   = 1
	ProtoTCP    = 6
	ProtoUDP    = 17
	ProtoICMPv6 = 58
)

// Flags of IPv4 beside the fragment offset (RFC 791, 3.1), in their place in
// the 16-bit field that holds both.
const (
	IPv4DontFragment  = 0x4000
	IPv4MoreFragments = 0x2000
)

const (
	ipv4Len        = 20     // without options
	ipv4OffsetMask = 0x1fff // fragment offset in units of 8 bytes
)

// IPv4 is an IPv4 header with what follows it (RFC 791, 3.1).
type IPv4 []byte

// Init writes version 4, the header length ihl in bytes (a multiple of 4, 20
// to 60), and zero into all other fields before the options.
func (h IPv4) Init(ihl int) {
	clear(h[:ipv4Len])
	h[0] = 4<<4 | byte(ihl/4)
}

// Version returns the version, 4.
func (h IPv4) Version() int { return int(h[0] >> 4) }

// IHL returns the length of the header with its options, in bytes.
func (h IPv4) IHL() int { return int(h[0]&0x0f) * 4 }

// TOS returns the type of service: DSCP and ECN (RFC 2474, 3; RFC 3168, 5).
func (h IPv4) TOS() uint8 { return h[1] }

// TotalLen returns the length of the datagram, header included, in bytes.
func (h IPv4) TotalLen() int { return int(binary.BigEndian.Uint16(h[2:])) }

// ID returns the identification, which ties fragments together.
func (h IPv4) ID() uint16 { return binary.BigEndian.Uint16(h[4:]) }

// Flags returns the sum of IPv4DontFragment and IPv4MoreFragments.
func (h IPv4) Flags() uint16 {
	return binary.BigEndian.Uint16(h[6:]) & (IPv4DontFragment | IPv4MoreFragments)
}

// FragmentOffset returns where in the datagram's payload this fragment
// belongs, in bytes.
func (h IPv4) FragmentOffset() int {
	return int(binary.BigEndian.Uint16(h[6:])&ipv4OffsetMask) * 8
}

// TTL returns the time to live.
func (h IPv4) TTL() uint8 { return h[8] }

// Proto returns the upper-layer protocol.
func (h IPv4) Proto() uint8 { return h[9] }

// Checksum returns the header checksum.
func (h IPv4) Checksum() uint16 { return binary.BigEndian.Uint16(h[10:]) }

// Src returns the source address.
func (h IPv4) Src() netip.Addr { return netip.AddrFrom4([4]byte(h[12:16])) }

// Dst returns the destination address.
func (h IPv4) Dst() netip.Addr { return netip.AddrFrom4([4]byte(h[16:20])) }

// Options returns the options with their padding, empty if there are none.
func (h IPv4) Options() []byte { return h[ipv4Len:h.IHL()] }

// SetTOS sets the type of service.
func (h IPv4) SetTOS(tos uint8) { h[1] = tos }

// SetTotalLen sets the length of the datagram in bytes, at most 65535.
func (h IPv4) SetTotalLen(n int) { binary.BigEndian.PutUint16(h[2:], uint16(n)) }

// SetID sets the identification.
func (h IPv4) SetID(id uint16) { binary.BigEndian.PutUint16(h[4:], id) }

// SetFragment sets the flags (IPv4DontFragment, IPv4MoreFragments) and the
// fragment offset in bytes, a multiple of 8.
func (h IPv4) SetFragment(flags uint16, offset int) {
	binary.BigEndian.PutUint16(h[6:], flags|uint16(offset/8)&ipv4OffsetMask)
}

// SetTTL sets the time to live.
func (h IPv4) SetTTL(ttl uint8) { h[8] = ttl }

// SetProto sets the upper-layer protocol.
func (h IPv4) SetProto(p uint8) { h[9] = p }

// SetChecksum sets the header checksum.
func (h IPv4) SetChecksum(c uint16) { binary.BigEndian.PutUint16(h[10:], c) }

// SetSrc sets the source address; a is IPv4.
func (h IPv4) SetSrc(a netip.Addr) { put4(h[12:16], a) }

// SetDst sets the destination address; a is IPv4.
func (h IPv4) SetDst(a netip.Addr) { put4(h[16:20], a) }

// UpdateChecksum computes the header checksum anew (RFC 791, 3.1).
//
// RFC 1624 would allow HC' = ~(~HC + ~m + m') for one changed word m. Adding
// up 20 bytes costs no more than that does for two words, and needs no faith
// in the old HC.
func (h IPv4) UpdateChecksum() {
	h.SetChecksum(0)
	h.SetChecksum(Checksum(h[:h.IHL()], 0))
}
