// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import "net/netip"

const (
	icmpv6RouterAdvertisement = 134

	raLen       = 16 // RFC 4861, 4.2: without options
	raDNSServer = 25 // RFC 8106, 5.1
	raDNSHead   = 8  // of that option, before its addresses
)

// RouterAdvertisement is that ICMPv6 message (RFC 4861, 4.2). Its accessors trust
// a frame for which IsRouterAdvertisement is true.
type RouterAdvertisement []byte

// IsRouterAdvertisement reports whether f is one that a host must take for one
// (RFC 4861, 6.1.2), and no fragment (RFC 6980, 5).
func (f *Frame) IsRouterAdvertisement() bool {
	if f.Kind != KindIPv6 || f.Proto != ProtoICMPv6 || f.Options || f.End-f.L4 < raLen {
		return false
	}
	m := f.ICMPv6()
	return m.Type() == icmpv6RouterAdvertisement && m.Code() == 0 && f.IPv6().HopLimit() == ndHopLimit &&
		f.Src.IsLinkLocalUnicast() && ndOptionsFill(m[raLen:]) && f.TransportChecksumOK()
}

// RouterAdvertisement returns the message in f.
func (f *Frame) RouterAdvertisement() RouterAdvertisement { return f.Data[f.L4:f.End] }

// DNSServers hands to each the addresses in recursive DNS server options (RFC 8106,
// 5.1). An option of a length that it cannot have is left out.
func (h RouterAdvertisement) DNSServers(each func(netip.Addr)) {
	for o := h[raLen:]; len(o) >= ndOptionLen; {
		size := int(o[1]) * ndOptionLen
		if o[0] == raDNSServer && size > raDNSHead && (size-raDNSHead)%16 == 0 {
			for a := o[raDNSHead:size]; len(a) > 0; a = a[16:] {
				each(netip.AddrFrom16([16]byte(a)))
			}
		}
		o = o[size:]
	}
}
