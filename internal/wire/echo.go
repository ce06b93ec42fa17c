// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import "encoding/binary"

// IsEchoRequest reports whether f is a whole echo request: RFC 792, RFC 4443
// section 4.1. Parse must have returned DefectNone.
func (f *Frame) IsEchoRequest() bool {
	if f.Part != Whole {
		return false
	}
	switch {
	case f.Kind == KindIPv4 && f.Proto == ProtoICMP:
		return f.ICMP().Type() == ICMPEchoRequest
	case f.Kind == KindIPv6 && f.Proto == ProtoICMPv6:
		return f.ICMPv6().Type() == ICMPv6EchoRequest
	}
	return false
}

// ReplaceType sets the type and corrects the checksum for it, without a look at
// the rest of the message: one that was wrong stays wrong.
func (h ICMP) ReplaceType(t uint8) { replaceType(h, t) }

// ReplaceType sets the type and corrects the checksum for it, without a look at
// the rest of the message: one that was wrong stays wrong.
func (h ICMPv6) ReplaceType(t uint8) { replaceType(h, t) }

// replaceType computes HC' = ~(~HC + ~m + m') (RFC 1624, eqn. 3) for the word
// m of type and code.
func replaceType(h []byte, t uint8) {
	m := binary.BigEndian.Uint16(h)
	h[0] = t
	sum := uint64(^binary.BigEndian.Uint16(h[2:])) + uint64(^m) + uint64(binary.BigEndian.Uint16(h))
	binary.BigEndian.PutUint16(h[2:], ^uint16(fold(sum)))
}

// HeaderLen returns how many bytes of the frame come before the payload that
// segmentation offload cuts up: all headers up to and including TCP's or UDP's.
// Of other frames it is where the transport header is.
func (f *Frame) HeaderLen() int {
	switch {
	case !f.Ports:
		return f.L4
	case f.Proto == ProtoTCP && f.End-f.L4 >= tcpLen:
		return f.L4 + f.TCP().DataOffset()
	}
	return f.L4 + udpLen
}
