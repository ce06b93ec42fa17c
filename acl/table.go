// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"cmp"
	"net/netip"
	"slices"

	"github.com/gaissmai/bart"
)

// Table is a compiled List: derived state, immutable, safe for any number of
// concurrent readers without a lock. Only Compile makes one.
//
// First match over prefixes is longest-prefix match once the rules that can
// never match are dropped. Of two rules that both match an address, one's
// prefix contains the other's; were the shorter one earlier, the longer one
// could never match. So among the rules left, the longer prefix is always the
// earlier one. A country is its prefixes, one after the other at its position.
type Table struct {
	prefixes bart.Table[verdict]
	live     []Rule // with countries expanded, shortest prefix first
	rules    int    // of the list, dead ones included
	fallback Action
}

type verdict struct {
	rule   int32 // position in the list, from 1; no list reaches 2^31 rules
	permit bool
}

// Compile returns the table that decides as l does now; later changes of l do
// not reach it. A country that c lacks matches nothing.
func (l *List) Compile(c Countries) *Table {
	t := &Table{rules: len(l.entries), fallback: l.Default()}
	var seen cover
	for i, e := range l.entries {
		for _, p := range e.prefixes(c) {
			if !seen.add(p) {
				continue
			}
			t.prefixes.Insert(p, verdict{int32(i + 1), e.Action == Permit})
			t.live = append(t.live, Rule{e.Action, e.Country, p})
		}
	}
	slices.SortStableFunc(t.live, func(a, b Rule) int {
		return cmp.Compare(a.Prefix.Bits(), b.Prefix.Bits())
	})
	return t
}

// Lookup decides over a: whether it is permitted, and by the rule at which
// position of the list, from 1; 0 is the default, which an address of a family
// without rules gets too. An IPv4-mapped IPv6 address counts as IPv4, and a
// zone has no meaning. It does not allocate.
func (t *Table) Lookup(a netip.Addr) (permit bool, rule int) {
	v, ok := t.prefixes.Lookup(a.Unmap())
	if !ok {
		return t.fallback == Permit, 0
	}
	return v.permit, int(v.rule)
}

// Empty reports whether the list had no rules.
func (t *Table) Empty() bool { return t.rules == 0 }

// HasFamily reports whether the list had a rule of IPv4, or else of IPv6. A
// country is of the families that it has prefixes of.
func (t *Table) HasFamily(v4 bool) bool {
	// The first rule of a family is never dead, so the live ones tell.
	if v4 {
		return t.prefixes.Size4() > 0
	}
	return t.prefixes.Size6() > 0
}

// Default returns what an address that matches no rule gets.
func (t *Table) Default() Action { return t.fallback }

// Live returns a copy of the rules that can match, shortest prefix first, with
// each prefix of a country as a rule of its own that also names it: begin
// with the default for every address, apply them in this order, each over what
// the earlier ones said, and the result is the list's decision. Two rules of
// one length stand in the list's order; they never overlap.
func (t *Table) Live() []Rule { return slices.Clone(t.live) }
