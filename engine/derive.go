// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"slices"

	"cygnet/acl"

	"cygnet/internal/neigh"
)

// clone returns a copy that shares no slice with c.
func (c Config) clone() Config {
	c.Addrs, c.Sources = slices.Clone(c.Addrs), slices.Clone(c.Sources)
	c.Lists = slices.Clone(c.Lists)
	c.Tarpit.Captured, c.Tarpit.Ignore = slices.Clone(c.Tarpit.Captured), slices.Clone(c.Tarpit.Ignore)
	c.Tarpit.Segments = slices.Clone(c.Tarpit.Segments)
	c.Tarpit.Ports.Ranges = slices.Clone(c.Tarpit.Ports.Ranges)
	c.Services, c.Gone = slices.Clone(c.Services), slices.Clone(c.Gone)
	for i := range c.Services {
		s := &c.Services[i]
		s.Servers, s.Gone = slices.Clone(s.Servers), slices.Clone(s.Gone)
		for _, aside := range []**Server{&s.Emergency, &s.Abuse} {
			if *aside != nil {
				one := **aside
				*aside = &one
			}
		}
	}
	return c
}

// active says whether s, one of c's services, is to be served.
func (c Config) active(s Service) bool { return !c.Standby && !s.Disabled }

// addressSet is a set of addresses.
type addressSet struct{ table *acl.Table }

// Contains says whether a is in the set; an address of IPv4 written as one of IPv6 is not.
func (s *addressSet) Contains(a netip.Addr) bool {
	permit, _ := s.table.Lookup(a)
	return permit && !a.Is4In6()
}

// captured compiles what to capture; nil captures nothing.
func (c Config) captured() *addressSet {
	if len(c.Tarpit.Captured) == 0 {
		return nil
	}
	var set acl.List
	set.SetDefault(acl.Deny)
	for _, p := range c.Tarpit.Captured {
		set.Append(acl.Rule{Action: acl.Permit, Prefix: p})
	}
	return &addressSet{set.Compile(nil)}
}

// host says who we are on that VLAN. The interface's own addresses are in the
// untagged network. One that is a VIP asks nobody, also while it is not claimed: a
// server holds it too, and takes no question from itself.
func (c Config) host(vlan uint16) neigh.Host {
	h := neigh.Host{MAC: c.MAC}
	for _, s := range c.Sources {
		if s.VLAN == vlan {
			h.Sources = append(h.Sources, s.Addr)
		}
	}
	if vlan == 0 {
		h.Addrs = slices.DeleteFunc(slices.Clone(c.Addrs), func(p netip.Prefix) bool {
			return slices.ContainsFunc(c.Services, func(s Service) bool { return s.VLAN == 0 && s.VIP == p.Addr() })
		})
	}
	return h
}

// networks lists the VIDs of the networks where something of ours is, 0 first.
func (c Config) networks() []uint16 {
	vids := []uint16{0}
	for _, s := range c.Services {
		vids = append(vids, s.VLAN)
	}
	for _, s := range c.Sources {
		vids = append(vids, s.VLAN)
	}
	slices.Sort(vids)
	return slices.Compact(vids)
}

// servers lists the address of every server on that VLAN.
func (c Config) servers(vlan uint16) (as []netip.Addr) {
	for _, s := range c.Services {
		if s.VLAN != vlan {
			continue
		}
		for _, srv := range s.Servers {
			as = append(as, srv.Addr)
		}
		for _, aside := range []*Server{s.Emergency, s.Abuse} {
			if aside != nil {
				as = append(as, aside.Addr)
			}
		}
	}
	return as
}

// vips lists the VIP of every active service on that VLAN, or just those that are
// the interface's own addresses.
func (c Config) vips(vlan uint16, own bool) (as []netip.Addr) {
	for _, s := range c.Services {
		if s.VLAN != vlan || !c.active(s) {
			continue
		}
		if !own || vlan == 0 && slices.ContainsFunc(c.Addrs, func(p netip.Prefix) bool { return p.Addr() == s.VIP }) {
			as = append(as, s.VIP)
		}
	}
	return as
}
