// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"fmt"
	"net/netip"
)

// Action is what a rule does with an address.
type Action uint8

// The two actions.
const (
	Deny Action = iota
	Permit
)

// String returns the action's word in the command language.
func (a Action) String() string {
	if a == Permit {
		return "permit"
	}
	return "deny"
}

// MarshalText returns what String does.
func (a Action) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (a *Action) UnmarshalText(text []byte) error {
	switch string(text) {
	case "permit":
		*a = Permit
	case "deny":
		*a = Deny
	default:
		return fmt.Errorf("action %q: expected permit or deny", text)
	}
	return nil
}

func (a Action) opposite() Action {
	if a == Permit {
		return Deny
	}
	return Permit
}

// Countries are the prefixes of each country, by its two capital letters
// (ISO 3166-1 alpha-2). Whoever compiles a list brings those that it names;
// they are only read, so many lists may share them.
type Countries map[string][]netip.Prefix

// Rule permits or denies the addresses of a prefix, or else of a country.
type Rule struct {
	Action  Action `json:"action"`
	Country string `json:"country,omitempty"` // two capital letters; empty: Prefix says which addresses
	// Prefix has its host bits clear. A List sees to that, and to
	// IPv4-mapped IPv6 prefixes, which it keeps as the IPv4 they mean.
	Prefix netip.Prefix `json:"prefix,omitzero"`
}

// normal returns r as a List keeps it; false for a prefix that is not valid.
func (r Rule) normal() (Rule, bool) {
	p := r.Prefix
	if !p.IsValid() {
		return r, false
	}
	// ::ffff:0:0/96 is all of IPv4 (RFC 4291 section 2.5.5.2). A shorter prefix
	// around it means IPv6 only, for addresses are unmapped before they are
	// looked up.
	const mapped = 96
	if p.Addr().Is4In6() && p.Bits() >= mapped {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
	}
	r.Prefix = p.Masked()
	return r, true
}
