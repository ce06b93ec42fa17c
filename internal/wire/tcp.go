// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"net/netip"
)

// TCP flags (RFC 9293, 3.1).
const (
	FlagFIN = 0x01
	FlagSYN = 0x02
	FlagRST = 0x04
	FlagPSH = 0x08
	FlagACK = 0x10
	FlagURG = 0x20
	FlagECE = 0x40
	FlagCWR = 0x80
)

const tcpLen = 20 // without options

// TCP is a TCP header with what follows it (RFC 9293, 3.1). Of a first
// fragment only the first 8 bytes are certain: ports and Seq.
type TCP []byte

// SrcPort returns the source port.
func (h TCP) SrcPort() uint16 { return binary.BigEndian.Uint16(h[0:]) }

// DstPort returns the destination port.
func (h TCP) DstPort() uint16 { return binary.BigEndian.Uint16(h[2:]) }

// Seq returns the sequence number.
func (h TCP) Seq() uint32 { return binary.BigEndian.Uint32(h[4:]) }

// Ack returns the acknowledgment number.
func (h TCP) Ack() uint32 { return binary.BigEndian.Uint32(h[8:]) }

// DataOffset returns the length of the header with its options, in bytes.
func (h TCP) DataOffset() int { return int(h[12]>>4) * 4 }

// Flags returns the flags, FlagFIN to FlagCWR.
func (h TCP) Flags() uint8 { return h[13] }

// Window returns the window field, unscaled.
func (h TCP) Window() uint16 { return binary.BigEndian.Uint16(h[14:]) }

// Checksum returns the checksum.
func (h TCP) Checksum() uint16 { return binary.BigEndian.Uint16(h[16:]) }

// Urgent returns the urgent pointer.
func (h TCP) Urgent() uint16 { return binary.BigEndian.Uint16(h[18:]) }

// Options returns the options with their padding, empty if there are none.
func (h TCP) Options() []byte { return h[tcpLen:h.DataOffset()] }

// Payload returns the bytes after the header.
func (h TCP) Payload() []byte { return h[h.DataOffset():] }

// SetSrcPort sets the source port.
func (h TCP) SetSrcPort(p uint16) { binary.BigEndian.PutUint16(h[0:], p) }

// SetDstPort sets the destination port.
func (h TCP) SetDstPort(p uint16) { binary.BigEndian.PutUint16(h[2:], p) }

// SetSeq sets the sequence number.
func (h TCP) SetSeq(n uint32) { binary.BigEndian.PutUint32(h[4:], n) }

// SetAck sets the acknowledgment number.
func (h TCP) SetAck(n uint32) { binary.BigEndian.PutUint32(h[8:], n) }

// SetDataOffset sets the length of the header in bytes (a multiple of 4, 20 to
// 60) and clears the reserved bits beside it.
func (h TCP) SetDataOffset(n int) { h[12] = byte(n/4) << 4 }

// SetFlags sets all flags.
func (h TCP) SetFlags(f uint8) { h[13] = f }

// SetWindow sets the window field.
func (h TCP) SetWindow(w uint16) { binary.BigEndian.PutUint16(h[14:], w) }

// SetChecksum sets the checksum.
func (h TCP) SetChecksum(c uint16) { binary.BigEndian.PutUint16(h[16:], c) }

// SetUrgent sets the urgent pointer.
func (h TCP) SetUrgent(p uint16) { binary.BigEndian.PutUint16(h[18:], p) }

// UpdateChecksum computes the checksum anew over all of h, which is the whole
// segment, sent from src to dst (RFC 9293, 3.1).
func (h TCP) UpdateChecksum(src, dst netip.Addr) {
	h.SetChecksum(0)
	h.SetChecksum(Checksum(h, PseudoSum(src, dst, ProtoTCP, len(h))))
}
