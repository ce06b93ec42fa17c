// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"net/netip"
)

// ARP operations (RFC 826).
const (
	ARPRequest = 1
	ARPReply   = 2
)

// arpLen is the length of ARP for IPv4 over Ethernet: 8+2*6+2*4.
const arpLen = 28

// ARP is an ARP message for IPv4 over Ethernet (RFC 826). The protocol's words
// for SenderMAC, SenderIP, TargetMAC and TargetIP are sha, spa, tha and tpa.
type ARP []byte

// Init writes the constants: hardware type Ethernet (1), protocol type IPv4,
// and the lengths of both addresses.
func (h ARP) Init() { copy(h, []byte{0, 1, EtherTypeIPv4 >> 8, EtherTypeIPv4 & 0xff, 6, 4}) }

// Valid reports whether the message is long enough and has the constants that
// Init writes. The accessors trust a message that is.
func (h ARP) Valid() bool {
	return len(h) >= arpLen &&
		binary.BigEndian.Uint32(h) == 1<<16|EtherTypeIPv4 && h[4] == 6 && h[5] == 4
}

// Op returns ARPRequest, ARPReply, or something rarer.
func (h ARP) Op() uint16 { return binary.BigEndian.Uint16(h[6:]) }

// SenderMAC returns the sender's hardware address.
func (h ARP) SenderMAC() MAC { return MAC(h[8:14]) }

// SenderIP returns the sender's protocol address.
func (h ARP) SenderIP() netip.Addr { return netip.AddrFrom4([4]byte(h[14:18])) }

// TargetMAC returns the target's hardware address: in a request mostly zero.
func (h ARP) TargetMAC() MAC { return MAC(h[18:24]) }

// TargetIP returns the target's protocol address.
func (h ARP) TargetIP() netip.Addr { return netip.AddrFrom4([4]byte(h[24:28])) }

// SetOp sets the operation.
func (h ARP) SetOp(op uint16) { binary.BigEndian.PutUint16(h[6:], op) }

// SetSenderMAC sets the sender's hardware address.
func (h ARP) SetSenderMAC(m MAC) { copy(h[8:14], m[:]) }

// SetSenderIP sets the sender's protocol address; a is IPv4.
func (h ARP) SetSenderIP(a netip.Addr) { put4(h[14:18], a) }

// SetTargetMAC sets the target's hardware address.
func (h ARP) SetTargetMAC(m MAC) { copy(h[18:24], m[:]) }

// SetTargetIP sets the target's protocol address; a is IPv4.
func (h ARP) SetTargetIP(a netip.Addr) { put4(h[24:28], a) }

func put4(b []byte, a netip.Addr) {
	v := a.As4()
	copy(b, v[:])
}

func put16(b []byte, a netip.Addr) {
	v := a.As16()
	copy(b, v[:])
}
