// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"net/netip"
)

const udpLen = 8

// UDP is a UDP header with what follows it (RFC 768).
type UDP []byte

// SrcPort returns the source port.
func (h UDP) SrcPort() uint16 { return binary.BigEndian.Uint16(h[0:]) }

// DstPort returns the destination port.
func (h UDP) DstPort() uint16 { return binary.BigEndian.Uint16(h[2:]) }

// Length returns the length of the datagram, header included, in bytes. It may
// be less than IP's (the rest is no part of the datagram), and of a first
// fragment it is that of all fragments.
func (h UDP) Length() int { return int(binary.BigEndian.Uint16(h[4:])) }

// Checksum returns the checksum; 0 = there is none.
func (h UDP) Checksum() uint16 { return binary.BigEndian.Uint16(h[6:]) }

// SetSrcPort sets the source port.
func (h UDP) SetSrcPort(p uint16) { binary.BigEndian.PutUint16(h[0:], p) }

// SetDstPort sets the destination port.
func (h UDP) SetDstPort(p uint16) { binary.BigEndian.PutUint16(h[2:], p) }

// SetLength sets the length in bytes, at most 65535.
func (h UDP) SetLength(n int) { binary.BigEndian.PutUint16(h[4:], uint16(n)) }

// SetChecksum sets the checksum.
func (h UDP) SetChecksum(c uint16) { binary.BigEndian.PutUint16(h[6:], c) }

// UpdateChecksum computes the checksum anew over all of h, which is the whole
// datagram, sent from src to dst. A sum of zero is sent as all ones, since
// zero means "no checksum" (RFC 768).
func (h UDP) UpdateChecksum(src, dst netip.Addr) {
	h.SetChecksum(0)
	c := Checksum(h, PseudoSum(src, dst, ProtoUDP, len(h)))
	if c == 0 {
		c = 0xffff
	}
	h.SetChecksum(c)
}
