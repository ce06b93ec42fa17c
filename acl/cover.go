// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"net/netip"

	"github.com/gaissmai/bart"
)

// cover is a growing set of addresses, made of prefixes. What stays true: a
// prefix that lies within the set lies within one prefix of the table, so that
// asking needs one lookup, however the set was put together.
type cover struct{ table bart.Lite }

// add grows the set by p and reports whether that made any difference. p must
// be valid and masked.
func (c *cover) add(p netip.Prefix) bool {
	if c.table.LookupPrefix(p) {
		return false
	}
	c.table.Insert(p)
	// Two halves make a whole, and that may be the missing half of the next.
	for p.Bits() > 0 && c.table.LookupPrefix(sibling(p)) {
		p = netip.PrefixFrom(p.Addr(), p.Bits()-1).Masked()
		c.table.Insert(p)
	}
	return true
}

// sibling returns the other half of the prefix one bit shorter than p, which
// must have at least one bit.
func sibling(p netip.Prefix) netip.Prefix {
	last := p.Bits() - 1
	if p.Addr().Is4() {
		b := p.Addr().As4()
		b[last/8] ^= 0x80 >> (last % 8)
		return netip.PrefixFrom(netip.AddrFrom4(b), p.Bits())
	}
	b := p.Addr().As16()
	b[last/8] ^= 0x80 >> (last % 8)
	return netip.PrefixFrom(netip.AddrFrom16(b), p.Bits())
}
