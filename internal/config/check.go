// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"net/netip"
	"slices"

	"cygnet/internal/wire"
)

// CheckKind is how the health of s's servers is found out: what was said, or else
// tcp where a TCP connection to the VIP can be tried, and arp.
func (c *Config) CheckKind(s *Service) string {
	switch {
	case s.Check.Kind != "":
		return s.Check.Kind
	case s.Proto == wire.ProtoTCP && s.Port != 0 && c.hasSource(s.VIP):
		return "tcp"
	}
	return "arp"
}

// hasSource says whether there is an address of ours to check a VIP from.
func (c *Config) hasSource(vip netip.Addr) bool {
	return slices.ContainsFunc(c.Sources, func(a netip.Addr) bool { return a.Is4() == vip.Is4() })
}
