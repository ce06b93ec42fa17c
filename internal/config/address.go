// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"net/netip"

	"go4.org/netipx"
)

// unusable says why no host on a segment can have address a, or "".
func unusable(a netip.Addr) string {
	switch {
	case a.IsUnspecified():
		return "the unspecified address"
	case a.IsLoopback():
		return "a loopback address"
	case a.IsMulticast():
		return "a multicast address"
	case a == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return "the broadcast address"
	}
	return ""
}

// edge says what a is in subnet p if it is one of the addresses that no host
// has, or "". A /31 (RFC 3021) and a /127 (RFC 6164) have none, a /32 or /128
// is a host.
func edge(p netip.Prefix, a netip.Addr) string {
	p = p.Masked()
	if !p.Contains(a) || a.BitLen()-p.Bits() < 2 {
		return ""
	}
	switch {
	case a.Is6() && a == p.Addr():
		return "subnet-router anycast address" // RFC 4291 2.6.1
	case a == p.Addr():
		return "network address"
	case a.Is4() && a == netipx.PrefixLastIP(p):
		return "broadcast address" // RFC 919 section 7; IPv6 has none
	}
	return ""
}

func family(a netip.Addr) string {
	if a.Is4() {
		return "IPv4"
	}
	return "IPv6"
}
