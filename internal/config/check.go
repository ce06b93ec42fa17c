// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"slices"

	"cygnet/internal/wire"
)

// CheckKind is how the health of s's servers is found out: what was said, or else
// tcp where a TCP connection to the VIP can be tried, and arp.
func (c *Config) CheckKind(s *Service) string {
	switch {
	case s.Check.Kind != "":
		return s.Check.Kind
	case s.Proto == wire.ProtoTCP && s.Port != 0 && c.hasSource(s):
		return "tcp"
	}
	return "arp"
}

// hasSource says whether there is an address of ours to check the VIP of s from.
func (c *Config) hasSource(s *Service) bool {
	return slices.ContainsFunc(c.Sources, func(o Source) bool { return o.VLAN == s.VLAN && o.Addr.Is4() == s.VIP.Is4() })
}

// CheckPort is what a check of that kind connects to: the service's port, or where
// it takes every port the usual one; 0 where that cannot be known.
func (s *Service) CheckPort(kind string) uint16 {
	if s.Port != 0 {
		return s.Port
	}
	return checkPort(kind)
}

// checkPort is what a check connects to where the service takes every port; 0
// where that cannot be known.
func checkPort(kind string) uint16 {
	switch kind { // by the IANA's registry of port numbers
	case "http":
		return 80
	case "https":
		return 443
	case "dns":
		return 53
	}
	return 0
}

// validateCheck finds checks that cannot be made.
func (c *Config) validateCheck(ps *problems, s *Service) {
	subject, kind := SubjectCheck(s.Name), s.Check.Kind
	if !s.VIP.IsValid() || kind == "" || kind == "arp" || kind == "none" {
		return
	}
	what := s.prefix() + "check " + kind
	proto, word := uint8(wire.ProtoTCP), "tcp"
	if kind == "dns" {
		proto, word = wire.ProtoUDP, "udp"
	}
	switch {
	case s.Proto != proto && s.Proto != 0:
		ps.add(subject, "the check goes to the VIP as clients do: check "+otherCheck(s.Proto)+", or listen on "+word,
			"%s: the service takes no %s", what, word)
	case s.Port == 0 && checkPort(kind) == 0:
		ps.add(subject, "name the port: "+s.command("listen "+withPort(s.VIP))+"; or check arp",
			"%s: the service takes every port, so which one to try is not known", what)
	}
	if !c.hasSource(s) {
		ps.missing(subject, "name an unused address of the servers' subnet, a different one on each balancer: source "+exampleSource(s),
			"%s: no source of %s%s to send it from", what, family(s.VIP), onVLAN(s.VLAN))
	}
}

// otherCheck are the kinds that suit a protocol.
func otherCheck(proto uint8) string {
	if proto == wire.ProtoUDP {
		return "arp or dns"
	}
	return "arp, tcp, http or https"
}

func exampleSource(s *Service) string {
	if s.VIP.Is4() {
		return "10.77.0.9" + vlanWords(s.VLAN)
	}
	return "fd77::9" + vlanWords(s.VLAN)
}

// onVLAN is ` on vlan 10`, or nothing where it is untagged.
func onVLAN(vlan int) string {
	if vlan == 0 {
		return ""
	}
	return " on" + vlanWords(vlan)
}
