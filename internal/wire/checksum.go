// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
)

// Checksum returns the Internet checksum of b and of what initial stands for:
// the one's complement of their one's complement sum (RFC 1071, 1). initial is
// 0, a Sum, or a PseudoSum. Over bytes that contain their own, correct checksum
// it returns 0.
func Checksum(b []byte, initial uint32) uint16 {
	return ^uint16(Sum(b, initial))
}

// Sum returns the one's complement sum of the 16-bit big-endian words of b and
// of initial, folded to 16 bits. An odd last byte counts as the upper half of a
// word, so only the last of several pieces may have odd length.
//
// The words are added eight bytes at a time with end-around carry, and in
// little-endian order, which most machines load for nothing: the sum does not
// depend on the order of bytes but for a swap at the end (RFC 1071, 2B).
func Sum(b []byte, initial uint32) uint32 {
	var s, c uint64
	for len(b) >= 32 {
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b[8:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b[16:]), c)
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b[24:]), c)
		b = b[32:]
	}
	for len(b) >= 8 {
		s, c = bits.Add64(s, binary.LittleEndian.Uint64(b), c)
		b = b[8:]
	}
	s, c = bits.Add64(s, tail(b), c)
	s = s>>32 + s&0xffffffff + c // at most 33 bits and a carry: no overflow
	return fold(uint64(bits.ReverseBytes16(uint16(fold(s)))) + uint64(initial))
}

// tail returns up to 7 bytes as a little-endian number.
func tail(b []byte) uint64 {
	var v uint64
	if len(b) >= 4 {
		v = uint64(binary.LittleEndian.Uint32(b))
		b = b[4:]
		return v | tail3(b)<<32
	}
	return tail3(b)
}

func tail3(b []byte) uint64 {
	switch len(b) {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 3:
		return uint64(binary.LittleEndian.Uint16(b)) | uint64(b[2])<<16
	}
	return 0
}

// fold adds up the 16-bit words of s, with end-around carry.
func fold(s uint64) uint32 {
	s = s>>32 + s&0xffffffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	s = s>>16 + s&0xffff
	return uint32(s)
}

// PseudoSum returns the Sum of the pseudo-header that TCP, UDP and ICMPv6
// checksums cover (RFC 9293, 3.1; RFC 8200, 8.1): both addresses, of the same
// family, the protocol, and the length of the transport header and payload in
// bytes.
func PseudoSum(src, dst netip.Addr, proto uint8, length int) uint32 {
	s := uint32(proto) + uint32(length)>>16 + uint32(length)&0xffff
	if src.Is4() {
		a, b := src.As4(), dst.As4()
		return Sum(a[:], Sum(b[:], s))
	}
	a, b := src.As16(), dst.As16()
	return Sum(a[:], Sum(b[:], s))
}

// TransportChecksumOK reports whether the checksum of the TCP, UDP, ICMP or
// ICMPv6 message is right. A UDP datagram over IPv4 may go without (RFC 768),
// over IPv6 it may not (RFC 8200, 8.1). Of fragments and of other protocols
// there is nothing to verify: true. Do not ask it of a slot with CsumPending.
func (f *Frame) TransportChecksumOK() bool {
	if f.Part != Whole {
		return true
	}
	m := f.Data[f.L4:f.End]
	switch {
	case f.Kind == KindIPv4 && f.Proto == ProtoICMP:
		return Checksum(m, 0) == 0
	case f.Kind == KindIPv6 && f.Proto == ProtoICMPv6, f.Ports && f.Proto == ProtoTCP:
	case f.Ports && f.Proto == ProtoUDP:
		n, ok := udpLengthIn(m)
		if !ok {
			return false
		}
		if m = m[:n]; UDP(m).Checksum() == 0 {
			return f.Kind == KindIPv4
		}
	default:
		return true
	}
	return Checksum(m, PseudoSum(f.Src, f.Dst, f.Proto, len(m))) == 0
}

// udpLengthIn returns the length of the datagram in m, unless m is cut short,
// as a packet is that an ICMP error quotes.
func udpLengthIn(m UDP) (int, bool) {
	if len(m) < udpLen {
		return 0, false
	}
	n := m.Length()
	return n, udpLen <= n && n <= len(m)
}
