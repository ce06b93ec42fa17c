// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"slices"

	"github.com/gaissmai/bart"

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

// captured compiles what to capture; nil captures nothing.
func (c Config) captured() *bart.Lite {
	if len(c.Tarpit.Captured) == 0 {
		return nil
	}
	set := new(bart.Lite)
	for _, p := range c.Tarpit.Captured {
		set.Insert(p)
	}
	return set
}

// host says who we are on the segment. A VIP that is the interface's own address
// asks nobody, also while it is not claimed: a server holds it too, and takes no
// question from itself.
func (c Config) host() neigh.Host {
	asking := slices.DeleteFunc(slices.Clone(c.Addrs), func(p netip.Prefix) bool {
		return slices.ContainsFunc(c.Services, func(s Service) bool { return s.VIP == p.Addr() })
	})
	return neigh.Host{MAC: c.MAC, Addrs: asking, Sources: c.Sources}
}

// servers lists every server's address.
func (c Config) servers() (as []netip.Addr) {
	for _, s := range c.Services {
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

// vips lists the VIP of every active service, or just those that are the
// interface's own addresses.
func (c Config) vips(own bool) (as []netip.Addr) {
	for _, s := range c.Services {
		if !c.active(s) {
			continue
		}
		if !own || slices.ContainsFunc(c.Addrs, func(p netip.Prefix) bool { return p.Addr() == s.VIP }) {
			as = append(as, s.VIP)
		}
	}
	return as
}
