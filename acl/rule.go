// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"errors"
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
// (ISO 3166-1 alpha-2): valid, with host bits clear, none of them IPv4-mapped
// IPv6. Whoever compiles a list brings those that it names; they are only
// read, so many lists may share them.
type Countries map[string][]netip.Prefix

// Rule permits or denies the addresses of a prefix, or else of a country. A
// List keeps a country as one rule, whose Prefix is the zero value.
type Rule struct {
	Action  Action `json:"action"`
	Country string `json:"country,omitempty"` // two capital letters; empty: Prefix says which addresses
	// Prefix has its host bits clear. A List sees to that, and to
	// IPv4-mapped IPv6 prefixes, which it keeps as the IPv4 they mean.
	Prefix netip.Prefix `json:"prefix,omitzero"`
}

// normal returns r as a List keeps it; its error says why a List cannot.
func (r Rule) normal() (Rule, error) {
	p := r.Prefix
	switch {
	case r.Country != "" && p != netip.Prefix{}:
		return r, fmt.Errorf("both country %q and prefix %v, expected one of them", r.Country, p)
	case r.Country != "" && !IsCountry(r.Country):
		return r, fmt.Errorf("invalid country %q, expected two capital letters", r.Country)
	case r.Country != "":
		return r, nil
	case !p.IsValid():
		return r, errors.New("invalid prefix")
	}
	// ::ffff:0:0/96 is all of IPv4 (RFC 4291 section 2.5.5.2). A shorter prefix
	// around it means IPv6 only, for addresses are unmapped before they are
	// looked up.
	const mapped = 96
	if p.Addr().Is4In6() && p.Bits() >= mapped {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-mapped)
	}
	r.Prefix = p.Masked()
	return r, nil
}

// IsCountry reports whether s is written as a country is: two capital letters.
func IsCountry(s string) bool {
	capital := func(b byte) bool { return 'A' <= b && b <= 'Z' }
	return len(s) == 2 && capital(s[0]) && capital(s[1])
}

// prefixes returns those that r stands for, only to be read: none for a country
// that c lacks.
func (r Rule) prefixes(c Countries) []netip.Prefix {
	if r.Country != "" {
		return c[r.Country]
	}
	return []netip.Prefix{r.Prefix}
}
