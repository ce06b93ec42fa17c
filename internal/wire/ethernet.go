// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"net/netip"
)

// EtherTypes, https://www.iana.org/assignments/ieee-802-numbers.
const (
	EtherTypeIPv4 = 0x0800
	EtherTypeARP  = 0x0806
	EtherTypeVLAN = 0x8100 // 802.1Q
	EtherTypeIPv6 = 0x86dd
)

const (
	ethernetLen = 14
	vidMask     = 0x0fff // of the tag control information (IEEE 802.1Q, 9.6)
)

// Ethernet is a frame from its destination address on, without preamble and
// check sequence.
type Ethernet []byte

// Dst returns the destination address.
func (h Ethernet) Dst() MAC { return MAC(h[0:6]) }

// Src returns the source address.
func (h Ethernet) Src() MAC { return MAC(h[6:12]) }

// Type returns the EtherType: of a tagged frame EtherTypeVLAN. Below 1536 it
// is a length (IEEE 802.3, 3.2.6).
func (h Ethernet) Type() uint16 { return binary.BigEndian.Uint16(h[12:]) }

// SetDst sets the destination address.
func (h Ethernet) SetDst(m MAC) { copy(h[0:6], m[:]) }

// SetSrc sets the source address.
func (h Ethernet) SetSrc(m MAC) { copy(h[6:12], m[:]) }

// SetType sets the EtherType.
func (h Ethernet) SetType(t uint16) { binary.BigEndian.PutUint16(h[12:], t) }

// MulticastMAC returns the Ethernet address of the IPv6 multicast group a:
// 33:33 and the last four bytes of it (RFC 2464, 7).
func MulticastMAC(a netip.Addr) MAC {
	b := a.As16()
	return MAC{0x33, 0x33, b[12], b[13], b[14], b[15]}
}
