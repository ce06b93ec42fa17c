// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"net/netip"
	"slices"

	"cygnet/internal/wire"
)

// Machine is what a configuration must know of the host it runs on, as plain
// values.
type Machine struct {
	Name      string         // of the interface: dsr_if
	MAC       wire.MAC       // of the interface
	Addrs     []netip.Prefix // of the interface, with their subnets, not masked
	Gateways  []netip.Addr   // reached through the interface
	HostAddrs []netip.Addr   // every address of this host, all interfaces, without zones
	Had       []netip.Prefix // the interface's addresses of each family as it last had some: they bound what is captured while it has none
	Protected []netip.Addr   // more that is not captured: gateways and addresses of this host that were
}

// ValidateOn returns what is wrong with c on machine m, or nil. It repeats
// nothing of Validate, which comes first.
func (c *Config) ValidateOn(m Machine) []*Problem {
	var ps problems
	for i := range c.Services {
		s := &c.Services[i]
		if !s.VIP.IsValid() {
			continue
		}
		validateVIPOn(&ps, s, m)
		for j := range s.Servers {
			v := &s.Servers[j]
			validateServerOn(&ps, s.VLAN, v.Addr, SubjectServer(s.Name, v.Label()), s.prefix()+"server "+v.Label(), m)
		}
		for _, h := range s.hosts() {
			validateServerOn(&ps, s.VLAN, h.Addr, SubjectHost(s.Name, h.setting), s.prefix()+h.setting, m)
		}
	}
	c.validateSourcesOn(&ps, m)
	return ps
}

// validateVIPOn judges a VIP by what the machine knows of the untagged network; of
// VLANs it knows nothing.
func validateVIPOn(ps *problems, s *Service, m Machine) {
	if s.VLAN != 0 {
		return
	}
	subject := SubjectService(s.Name)
	if slices.Contains(m.Gateways, s.VIP) {
		ps.add(subject, "a VIP is an address that no other host answers for",
			"%sVIP %s: a gateway of %s", s.prefix(), s.VIP, m.Name)
	}
	for _, p := range m.Addrs {
		if p.Addr() == s.VIP {
			if s.Port == 0 {
				ps.add(subject, "name the port, so that the host keeps the others: "+s.command("listen "+withPort(s.VIP)),
					"%sVIP %s for every port: an address of %s itself", s.prefix(), s.VIP, m.Name)
			}
			continue
		}
		if why := edge(p, s.VIP); why != "" {
			ps.add(subject, "a VIP is a host's address",
				"%sVIP %s: the %s of %s on %s", s.prefix(), s.VIP, why, p.Masked(), m.Name)
		}
	}
}

// validateServerOn judges the address a of a server on that VLAN, which messages
// call what.
func validateServerOn(ps *problems, vlan int, a netip.Addr, subject, what string, m Machine) {
	if vlan != 0 {
		return // what the machine has on VLANs is not known, and what it has elsewhere may be another's there
	}
	if slices.Contains(m.HostAddrs, a) || slices.ContainsFunc(m.Addrs, func(p netip.Prefix) bool { return p.Addr() == a }) {
		ps.add(subject, "a server is another host on the segment: frames sent to ourselves do not come back",
			"%s %s: an address of this host", what, a)
		return
	}
	for _, p := range m.Addrs {
		if why := edge(p, a); why != "" {
			ps.add(subject, "give the server's own unicast address on the segment",
				"%s %s: the %s of %s on %s", what, a, why, p.Masked(), m.Name)
		}
	}
}

func (c *Config) validateSourcesOn(ps *problems, m Machine) {
	for i, s := range c.Sources {
		subject := SubjectSource(s.String())
		switch {
		case slices.Contains(m.HostAddrs, s.Addr) && s.VLAN != 0:
			ps.add(subject, sourceHint, "source %s: an address of this host", s)
		case slices.Contains(m.HostAddrs, s.Addr):
			ps.add(subject, "leave source out: Cygnet asks from the interface's own address by itself",
				"source %s: an address of this host", s)
		case slices.Contains(m.Gateways, s.Addr) && s.VLAN == 0:
			ps.add(subject, sourceHint, "source %s: a gateway of %s", s, m.Name)
		}
		for _, p := range m.Addrs {
			if why := edge(p, s.Addr); why != "" && s.VLAN == 0 {
				ps.add(subject, sourceHint, "source %s: the %s of %s on %s", s, why, p.Masked(), m.Name)
			}
		}
		sameSubnet(ps, c.Sources[:i], s, m.Addrs)
	}
}

func withPort(a netip.Addr) string { return netip.AddrPortFrom(a, 80).String() }
