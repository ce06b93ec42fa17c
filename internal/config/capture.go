// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"cygnet/acl"
)

// captured works out which addresses the tarpit answers for: permitted by the
// list, inside the segment, less what must never be captured. Each way to end
// up with nothing, or with more than a segment, is told.
//
// A list captures a family only if it has an entry of that family.
func (c *Config) captured(m Machine) (all []netip.Prefix, notices []Notice) {
	if c.TarpitList == "" {
		return nil, nil
	}
	tell := func(format string, args ...any) {
		notices = append(notices, Notice("tarpit_acl "+c.TarpitList+": "+fmt.Sprintf(format, args...)))
	}
	list := c.Lists[c.TarpitList]
	if list == nil || list.Len() == 0 {
		tell("the list has no entries, so nothing is captured")
		return nil, notices
	}
	if len(c.Services) > 0 && !slices.ContainsFunc(c.Services, func(s Service) bool { return s.VLAN == 0 && !s.idle() }) {
		tell("addresses are captured on the untagged network alone, and every service is on a VLAN")
	}
	table := list.Compile(c.Countries)
	for _, v4 := range []bool{true, false} {
		if table.HasFamily(v4) {
			all = append(all, c.capturedOf(v4, table, m, tell)...)
		}
	}
	return all, notices
}

// capturedOf is captured for one family.
func (c *Config) capturedOf(v4 bool, table *acl.Table, m Machine, tell func(string, ...any)) []netip.Prefix {
	segments := c.segments(v4, m)
	rest := table.Default() == acl.Permit
	bounded := rest && !v4 && (!c.Tarpit.AllowLarge || len(segments) == 0)
	set := permitted(table, v4, rest && !bounded)
	if len(segments) > 0 {
		set.Intersect(union(segments))
	}
	c.protect(&set, m, segments)
	prefixes, family := setOf(&set).Prefixes(), familyName(v4)
	switch {
	case bounded && len(segments) == 0:
		tell("%s has no IPv6 subnet and no segment is given, so of IPv6 only what its entries permit is captured", m.Name)
	case bounded:
		tell("of IPv6 only what its entries permit is captured, and not all the rest of %s: that takes tarpit_allow_large", join(segments))
	case len(prefixes) == 0 && len(segments) > 0:
		tell("the list permits no address within %s that may be captured", join(segments))
	case len(prefixes) == 0:
		tell("the list permits no %s address that may be captured", family)
	case len(segments) == 0:
		tell("%s has no %s subnet and no segment is given, so all %s addresses that the list permits are captured",
			m.Name, family, number(count(prefixes)))
	}
	return prefixes
}

func familyName(v4 bool) string {
	if v4 {
		return "IPv4"
	}
	return "IPv6"
}

// permitted paints the rules of t that can match over all of a family or, if the
// rest is not permitted, over nothing, shortest prefix first. Rules of one length
// are disjoint, so their order is free: permits go before denies, which spares the
// builder a sort at each change.
func permitted(t *acl.Table, v4, rest bool) netipx.IPSetBuilder {
	var set netipx.IPSetBuilder
	if rest {
		set.AddPrefix(everything(v4))
	}
	live := slices.DeleteFunc(t.Live(), func(r acl.Rule) bool { return r.Prefix.Addr().Is4() != v4 })
	slices.SortStableFunc(live, func(a, b acl.Rule) int {
		if d := a.Prefix.Bits() - b.Prefix.Bits(); d != 0 {
			return d
		}
		return int(b.Action) - int(a.Action)
	})
	for _, r := range live {
		if r.Action == acl.Permit {
			set.AddPrefix(r.Prefix)
		} else {
			set.RemovePrefix(r.Prefix)
		}
	}
	return set
}

func everything(v4 bool) netip.Prefix {
	if v4 {
		return netip.PrefixFrom(netip.IPv4Unspecified(), 0)
	}
	return netip.PrefixFrom(netip.IPv6Unspecified(), 0)
}

// segments are the subnets of a family in which addresses may be captured: what
// the operator gave, else those of the interface, else those that it had: without
// an address for a moment, it has not asked for more to be captured.
func (c *Config) segments(v4 bool, m Machine) (all []netip.Prefix) {
	for _, p := range c.Segments {
		if p.Addr().Is4() == v4 {
			all = append(all, p.Masked())
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, addrs := range [][]netip.Prefix{m.Addrs, m.Had} {
		for _, p := range addrs {
			if p.Addr().Is4() == v4 && !p.IsSingleIP() && (v4 || !p.Addr().IsLinkLocalUnicast()) {
				all = append(all, p.Masked())
			}
		}
		if len(all) > 0 {
			break
		}
	}
	return all
}

// protect takes out of set what is never captured, whatever the list says.
func (c *Config) protect(set *netipx.IPSetBuilder, m Machine, segments []netip.Prefix) {
	for _, s := range c.Services {
		if s.VIP.IsValid() {
			set.Remove(s.VIP)
		}
		for _, v := range s.Servers {
			if v.Addr.IsValid() {
				set.Remove(v.Addr)
			}
		}
		for _, h := range s.hosts() {
			set.Remove(h.Addr)
		}
	}
	for _, s := range c.Sources {
		set.Remove(s.Addr)
	}
	for _, a := range slices.Concat(m.Gateways, m.HostAddrs, m.Protected) {
		set.Remove(a)
	}
	for _, p := range m.Addrs {
		set.Remove(p.Addr())
	}
	for _, p := range slices.Concat(segments, m.Addrs) {
		for _, never := range reserved(p) {
			set.RemovePrefix(never)
		}
	}
	for _, p := range slices.Concat(neverHosts(), c.Tarpit.Exclude) {
		set.RemovePrefix(p)
	}
}

// reserved are the addresses of a subnet that no host of it has for its own: of
// IPv4 the network and the broadcast address; of IPv6 the routers' anycast address
// (RFC 4291 section 2.6.1) and those that RFC 2526 section 2 keeps for anycast.
func reserved(subnet netip.Prefix) (all []netip.Prefix) {
	first, last, hostBits := subnet.Masked().Addr(), netipx.PrefixLastIP(subnet), subnet.Addr().BitLen()-subnet.Bits()
	if hostBits < 2 { // a /31 has neither, RFC 3021; nor has a /127, RFC 6164
		return nil
	}
	all = append(all, netip.PrefixFrom(first, first.BitLen()))
	const anycast = 128 - 7 // its low 7 bits say which
	switch {
	case subnet.Addr().Is4():
		all = append(all, netip.PrefixFrom(last, last.BitLen()))
	case hostBits == 64: // interface identifiers of EUI-64 have their universal bit clear here
		b := last.As16()
		b[8] = 0xfd
		all = append(all, netip.PrefixFrom(netip.AddrFrom16(b), anycast).Masked())
	case hostBits >= 16: // of a smaller one it would be too much: who says so small a segment has cut it out himself
		all = append(all, netip.PrefixFrom(last, anycast).Masked())
	}
	return all
}

// neverHosts are the blocks in which no host of a segment has an address that
// lasts: RFC 6890 section 2.2, RFC 4291 section 2.4, and multicast.
func neverHosts() []netip.Prefix {
	block := func(a byte, b byte, bits int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b}), bits)
	}
	block6 := func(a byte, b byte, bits int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom16([16]byte{a, b}), bits)
	}
	return []netip.Prefix{
		block(0, 0, 8),      // this network, and the unspecified address
		block(127, 0, 8),    // loopback
		block(169, 254, 16), // link-local: hosts pick these by asking who has them
		block(224, 0, 4),    // multicast
		block(240, 0, 4),    // reserved, and limited broadcast

		block6(0, 0, 8),        // unspecified, loopback, and IPv4 in IPv6
		block6(0xfe, 0x80, 10), // link-local
		block6(0xff, 0, 8),     // multicast
	}
}

func union(ps []netip.Prefix) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, p := range ps {
		b.AddPrefix(p)
	}
	return setOf(&b)
}

// setOf finishes a builder that was given valid prefixes only, which is all
// that it could complain of.
func setOf(b *netipx.IPSetBuilder) *netipx.IPSet {
	set, _ := b.IPSet()
	return set
}

// count returns how many addresses there are in prefixes, which are disjoint;
// math.MaxUint64 is that many or more.
func count(ps []netip.Prefix) (addresses uint64) {
	for _, p := range ps {
		bits := p.Addr().BitLen() - p.Bits()
		if bits >= 64 || addresses > math.MaxUint64-1<<bits {
			return math.MaxUint64
		}
		addresses += 1 << bits
	}
	return addresses
}

func join(ps []netip.Prefix) string {
	words := make([]string, len(ps))
	for i, p := range ps {
		words[i] = p.String()
	}
	return strings.Join(words, ", ")
}
