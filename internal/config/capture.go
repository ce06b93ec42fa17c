// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"fmt"
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
// Only IPv4 is captured so far.
func (c *Config) captured(m Machine) ([]netip.Prefix, []Notice) {
	if c.TarpitList == "" {
		return nil, nil
	}
	what := "tarpit_acl " + c.TarpitList + ": "
	list := c.Lists[c.TarpitList]
	if list == nil || list.Len() == 0 {
		return nil, []Notice{Notice(what + "the list has no entries, so nothing is captured")}
	}
	table := list.Compile(c.Countries)
	if !table.HasFamily(true) {
		return nil, []Notice{Notice(what + "the list has no IPv4 entries, and only IPv4 is captured so far")}
	}
	set := permitted(table)
	segments := c.segments(m)
	var notices []Notice
	if len(segments) > 0 {
		set.Intersect(union(segments))
	}
	c.protect(&set, m, segments)
	prefixes := setOf(&set).Prefixes()
	switch {
	case len(prefixes) == 0 && len(segments) > 0:
		notices = append(notices, Notice(what+"the list permits no address within "+join(segments)+" that may be captured"))
	case len(prefixes) == 0:
		notices = append(notices, Notice(what+"the list permits no address that may be captured"))
	case len(segments) == 0:
		notices = append(notices, Notice(fmt.Sprintf(
			"%s%s has no IPv4 subnet and no segment is given, so all %d addresses that the list permits are captured",
			what, m.Name, count(prefixes))))
	}
	return prefixes, notices
}

// permitted paints the rules of t that can match over all of IPv4, shortest
// prefix first. Rules of one length are disjoint, so their order is free:
// permits go before denies, which spares the builder a sort at each change.
func permitted(t *acl.Table) netipx.IPSetBuilder {
	var set netipx.IPSetBuilder
	if t.Default() == acl.Permit {
		set.AddPrefix(netip.PrefixFrom(netip.IPv4Unspecified(), 0))
	}
	live := slices.DeleteFunc(slices.Clone(t.Live()), func(r acl.Rule) bool { return !r.Prefix.Addr().Is4() })
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

// segments are the IPv4 subnets in which addresses may be captured: what the
// operator gave, else those of the interface, else those that it had: without
// an address for a moment, it has not asked for more to be captured.
func (c *Config) segments(m Machine) []netip.Prefix {
	var v4 []netip.Prefix
	for _, p := range c.Segments {
		if p.Addr().Is4() {
			v4 = append(v4, p.Masked())
		}
	}
	if len(v4) > 0 {
		return v4
	}
	for _, addrs := range [][]netip.Prefix{m.Addrs, m.Had} {
		for _, p := range addrs {
			if p.Addr().Is4() && p.Bits() < 32 {
				v4 = append(v4, p.Masked())
			}
		}
		if len(v4) > 0 {
			break
		}
	}
	return v4
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
	for _, a := range slices.Concat(c.Sources, m.Gateways, m.HostAddrs, m.Protected) {
		set.Remove(a)
	}
	for _, p := range m.Addrs {
		set.Remove(p.Addr())
	}
	for _, p := range slices.Concat(segments, m.Addrs) {
		if p.Addr().Is4() && p.Bits() < 31 { // a /31 has neither, RFC 3021
			set.Remove(p.Masked().Addr())
			set.Remove(netipx.PrefixLastIP(p))
		}
	}
	for _, p := range slices.Concat(neverHosts(), c.Tarpit.Exclude) {
		set.RemovePrefix(p)
	}
}

// neverHosts are the IPv4 blocks of RFC 6890 2.2.2 in which no host of a
// segment has an address that lasts, and multicast, RFC 5771.
func neverHosts() []netip.Prefix {
	block := func(a byte, b byte, bits int) netip.Prefix {
		return netip.PrefixFrom(netip.AddrFrom4([4]byte{a, b}), bits)
	}
	return []netip.Prefix{
		block(0, 0, 8),      // this network, and the unspecified address
		block(127, 0, 8),    // loopback
		block(169, 254, 16), // link-local: hosts pick these by asking who has them
		block(224, 0, 4),    // multicast
		block(240, 0, 4),    // reserved, and limited broadcast
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

func count(ps []netip.Prefix) (addresses uint64) {
	for _, p := range ps {
		addresses += 1 << (p.Addr().BitLen() - p.Bits())
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
