// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"net/netip"
	"slices"

	"cygnet/engine"
	"cygnet/internal/bpf"
	"cygnet/internal/link/afpacket"
	"cygnet/internal/wire"
)

// workerFilter lets in what workers decide over: what is for VIPs and captured
// addresses, and who asks for them.
func workerFilter(cfg engine.Config) afpacket.Filter {
	_, has6 := families(cfg)
	f := afpacket.Filter{Prefixes: slices.Clone(cfg.Tarpit.Captured), Questions: true, ND: has6}
	for _, s := range cfg.Services {
		f.Prefixes = append(f.Prefixes, single(s.VIP))
	}
	for _, a := range cfg.Sources {
		f.Asked = append(f.Asked, single(a.Addr))
	}
	return f
}

// controlFilter lets in what the control goroutine learns from: ARP, neighbour
// discovery, what is for the addresses it asks from, and where addresses are
// captured, of whom DHCP and routers tell.
func controlFilter(cfg engine.Config) afpacket.Filter {
	_, has6 := families(cfg)
	four, six := capturedFamilies(cfg)
	f := afpacket.Filter{ND: has6, RA: len(six) > 0, DHCP: len(four) > 0}
	for _, s := range cfg.Sources {
		f.Prefixes = append(f.Prefixes, single(s.Addr))
	}
	return f
}

// hostDrop is what the host's kernel must not see: all that comes for an
// address of ours, but where the host holds the VIP itself only what comes for
// the services, unless one of them takes every port. Of a VLAN the host may have an
// interface of its own: there, too, what comes for an address of ours is not its.
func hostDrop(cfg engine.Config) bpf.Drop {
	d := bpf.Drop{Prefixes: slices.Clone(cfg.Tarpit.Captured)}
	for _, s := range cfg.Sources {
		if s.VLAN == 0 {
			d.Prefixes = append(d.Prefixes, single(s.Addr))
		} else {
			d.Tagged = append(d.Tagged, bpf.Tagged{VLAN: s.VLAN, Addr: s.Addr})
		}
	}
	for _, s := range cfg.Services {
		switch {
		case s.VLAN != 0:
			d.Tagged = append(d.Tagged, bpf.Tagged{VLAN: s.VLAN, Addr: s.VIP})
		case s.HostHeld && !everyPort(cfg, s.VIP):
			d.Ports = append(d.Ports, bpf.Port{Addr: s.VIP, Proto: s.Proto, Port: s.Port})
		default:
			d.Prefixes = append(d.Prefixes, single(s.VIP))
		}
	}
	slices.SortFunc(d.Prefixes, netip.Prefix.Compare)
	d.Prefixes = slices.Compact(d.Prefixes) // services may share a VIP
	slices.SortFunc(d.Tagged, func(a, b bpf.Tagged) int { return cmp.Or(cmp.Compare(a.VLAN, b.VLAN), a.Addr.Compare(b.Addr)) })
	d.Tagged = slices.Compact(d.Tagged)
	return d
}

func everyPort(cfg engine.Config, vip netip.Addr) bool {
	return slices.ContainsFunc(cfg.Services, func(s engine.Service) bool { return s.VLAN == 0 && s.VIP == vip && s.Port == 0 })
}

// groups are the multicast groups in which hosts ask for our IPv6 addresses,
// and all nodes, where a duplicate address probe of ours is answered.
func groups(cfg engine.Config) (all []netip.Addr) {
	add := func(a netip.Addr) {
		if a.Is6() {
			all = append(all, wire.SolicitedNode(a))
		}
	}
	for _, s := range cfg.Services {
		add(s.VIP)
	}
	for _, s := range cfg.Sources {
		add(s.Addr)
	}
	if len(all) > 0 {
		all = append(all, netip.IPv6LinkLocalAllNodes())
	}
	return all
}

// fewGroups is up to how many captured IPv6 addresses the group of each is joined.
// Each is a report by MLD, and an entry in the switch.
const fewGroups = 64

// controlGroups are the multicast groups of the queue that answers for captured
// addresses, too: groups, and of few captured addresses those in which hosts ask for
// them; of many, all says to take what is for every group. A switch that snoops MLD
// does not know of these, and may send us less.
func controlGroups(cfg engine.Config) (some []netip.Addr, all bool) {
	some = groups(cfg)
	_, six := capturedFamilies(cfg)
	few := firstOf(six, fewGroups)
	if len(few) > fewGroups {
		return some, true
	}
	for _, a := range few {
		some = append(some, wire.SolicitedNode(a))
	}
	if len(few) > 0 {
		some = append(some, netip.IPv6LinkLocalAllNodes()) // routers advertise themselves there
	}
	slices.SortFunc(some, netip.Addr.Compare)
	return slices.Compact(some), false
}

// firstOf are the addresses in prefixes, one more than limit at most.
func firstOf(prefixes []netip.Prefix, limit int) (all []netip.Addr) {
	for _, p := range prefixes {
		for a := p.Addr(); p.Contains(a); a = a.Next() {
			if all = append(all, a); len(all) > limit {
				return all
			}
		}
	}
	return all
}

// capturedFamilies splits what is captured by family.
func capturedFamilies(cfg engine.Config) (four, six []netip.Prefix) {
	for _, p := range cfg.Tarpit.Captured {
		if p.Addr().Is4() {
			four = append(four, p)
		} else {
			six = append(six, p)
		}
	}
	return four, six
}

// families says of which families the addresses are that we answer for.
func families(cfg engine.Config) (has4, has6 bool) {
	four, six := capturedFamilies(cfg)
	has4, has6 = len(four) > 0, len(six) > 0
	for _, s := range cfg.Services {
		has4 = has4 || s.VIP.Is4()
		has6 = has6 || s.VIP.Is6()
	}
	for _, s := range cfg.Sources {
		has4 = has4 || s.Addr.Is4()
		has6 = has6 || s.Addr.Is6()
	}
	return has4, has6
}

// onVLANs says whether some service is on a VLAN.
func onVLANs(cfg engine.Config) bool {
	return slices.ContainsFunc(cfg.Services, func(s engine.Service) bool { return s.VLAN != 0 })
}

func single(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }
