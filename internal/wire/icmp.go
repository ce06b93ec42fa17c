// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"net/netip"
)

// ICMP types (RFC 792).
const (
	ICMPEchoReply        = 0
	ICMPUnreachable      = 3
	ICMPEchoRequest      = 8
	ICMPTimeExceeded     = 11
	ICMPParameterProblem = 12
)

// ICMPv6 types (RFC 4443; RFC 4861, 4).
const (
	ICMPv6Unreachable            = 1
	ICMPv6TooBig                 = 2
	ICMPv6TimeExceeded           = 3
	ICMPv6ParameterProblem       = 4
	ICMPv6EchoRequest            = 128
	ICMPv6EchoReply              = 129
	ICMPv6NeighbourSolicitation  = 135
	ICMPv6NeighbourAdvertisement = 136
)

// icmpLen is what both protocols have at least: type, code, checksum and four
// bytes that depend on the type.
const icmpLen = 8

// ICMP is an ICMP message for IPv4 (RFC 792).
type ICMP []byte

// Type returns the type.
func (h ICMP) Type() uint8 { return h[0] }

// Code returns the code.
func (h ICMP) Code() uint8 { return h[1] }

// Checksum returns the checksum.
func (h ICMP) Checksum() uint16 { return binary.BigEndian.Uint16(h[2:]) }

// Rest returns the four bytes after the checksum, whose meaning depends on
// the type.
func (h ICMP) Rest() uint32 { return binary.BigEndian.Uint32(h[4:]) }

// EchoID returns the identifier of an echo message.
func (h ICMP) EchoID() uint16 { return binary.BigEndian.Uint16(h[4:]) }

// EchoSeq returns the sequence number of an echo message.
func (h ICMP) EchoSeq() uint16 { return binary.BigEndian.Uint16(h[6:]) }

// SetType sets the type.
func (h ICMP) SetType(t uint8) { h[0] = t }

// SetCode sets the code.
func (h ICMP) SetCode(c uint8) { h[1] = c }

// SetChecksum sets the checksum.
func (h ICMP) SetChecksum(c uint16) { binary.BigEndian.PutUint16(h[2:], c) }

// SetRest sets the four bytes after the checksum.
func (h ICMP) SetRest(v uint32) { binary.BigEndian.PutUint32(h[4:], v) }

// UpdateChecksum computes the checksum anew over all of h, which is the whole
// message. ICMP has no pseudo-header.
func (h ICMP) UpdateChecksum() {
	h.SetChecksum(0)
	h.SetChecksum(Checksum(h, 0))
}

// ICMPv6 is an ICMP message for IPv6 (RFC 4443, 2.1).
type ICMPv6 []byte

// Type returns the type; below 128 it is an error.
func (h ICMPv6) Type() uint8 { return h[0] }

// Code returns the code.
func (h ICMPv6) Code() uint8 { return h[1] }

// Checksum returns the checksum.
func (h ICMPv6) Checksum() uint16 { return binary.BigEndian.Uint16(h[2:]) }

// Rest returns the four bytes after the checksum, whose meaning depends on
// the type.
func (h ICMPv6) Rest() uint32 { return binary.BigEndian.Uint32(h[4:]) }

// EchoID returns the identifier of an echo message.
func (h ICMPv6) EchoID() uint16 { return binary.BigEndian.Uint16(h[4:]) }

// EchoSeq returns the sequence number of an echo message.
func (h ICMPv6) EchoSeq() uint16 { return binary.BigEndian.Uint16(h[6:]) }

// SetType sets the type.
func (h ICMPv6) SetType(t uint8) { h[0] = t }

// SetCode sets the code.
func (h ICMPv6) SetCode(c uint8) { h[1] = c }

// SetChecksum sets the checksum.
func (h ICMPv6) SetChecksum(c uint16) { binary.BigEndian.PutUint16(h[2:], c) }

// SetRest sets the four bytes after the checksum.
func (h ICMPv6) SetRest(v uint32) { binary.BigEndian.PutUint32(h[4:], v) }

// UpdateChecksum computes the checksum anew over all of h, which is the whole
// message, sent from src to dst (RFC 4443, 2.3).
func (h ICMPv6) UpdateChecksum(src, dst netip.Addr) {
	h.SetChecksum(0)
	h.SetChecksum(Checksum(h, PseudoSum(src, dst, ProtoICMPv6, len(h))))
}
