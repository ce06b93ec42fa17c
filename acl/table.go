// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"encoding/binary"
	"net/netip"
	"sort"
)

// Table is a compiled List: derived state, immutable, safe for any number of
// concurrent readers without a lock. Only Compile makes one.
//
// The rules cut the addresses of each family into parts, in each of which one rule
// decides: finding the part is all there is to a lookup.
type Table struct {
	v4       tree
	v6       []part6
	expanded []Rule // with countries expanded
	alive    []bool // by expanded: it can match
	dead     []int
	has      [2]bool // rules of IPv4, of IPv6
	rules    int     // of the list, dead ones included
	fallback Action
}

// verdict is the position of the rule that decides, from 1, times two, and whether
// it permits. 0 and 1 are the default's.
type verdict uint32

func verdictOf(rule int, a Action) verdict {
	v := verdict(rule << 1)
	if a == Permit {
		v++
	}
	return v
}

// part6 is a part of IPv6: few lists have many.
type part6 struct {
	first   number
	verdict verdict
}

// compile returns the table of the entries of l.
func (l *List) compile(c Countries) *Table {
	t := &Table{rules: len(l.entries), fallback: l.Default()}
	var spans [2][]span                           // of IPv4, of IPv6
	rules := make([]Rule, 0, len(l.entries))      // by order, with countries expanded
	positions := make([]int32, 0, len(l.entries)) // of each in the list, from 1
	spans[0] = make([]span, 0, len(l.entries))
	for i := range l.entries {
		e := &l.entries[i]
		for _, p := range e.prefixes(c) {
			of := family(p.Addr())
			spans[of] = append(spans[of], spanOf(p, len(rules)))
			rules, positions = append(rules, Rule{e.Action, e.Country, p}), append(positions, int32(i+1))
		}
	}
	t.expanded, t.alive = rules, make([]bool, len(rules))
	named := make([]bool, len(l.entries)+1)
	decide := func(p part) verdict {
		if p.decides == nobody {
			return verdictOf(0, t.fallback)
		}
		t.alive[p.decides], named[positions[p.decides]] = true, true
		return verdictOf(int(positions[p.decides]), rules[p.decides].Action)
	}
	t.v4 = newTree(sweep(spans[0], 32), decide)
	for _, p := range sweep(spans[1], 128) {
		t.v6 = append(t.v6, part6{p.first, decide(p)})
	}
	t.has = [2]bool{len(spans[0]) > 0, len(spans[1]) > 0}
	for i := range l.entries {
		if !named[i+1] {
			t.dead = append(t.dead, i+1)
		}
	}
	return t
}

// shortestFirst returns those of the rules that are alive, by the length of their
// prefixes, and those of one length as they were.
func shortestFirst(rules []Rule, alive []bool) []Rule {
	var next [129]int // by length: where the next one goes
	for i := range rules {
		if alive[i] && rules[i].Prefix.Bits() < 128 {
			next[rules[i].Prefix.Bits()+1]++
		}
	}
	n := 0
	for i := range alive {
		if alive[i] {
			n++
		}
	}
	for b := 1; b < len(next); b++ {
		next[b] += next[b-1]
	}
	sorted := make([]Rule, n)
	for i := range rules {
		if alive[i] {
			at := &next[rules[i].Prefix.Bits()]
			sorted[*at] = rules[i]
			*at++
		}
	}
	return sorted
}

// family is 0 for IPv4 and 1 for IPv6.
func family(a netip.Addr) int {
	if a.Is4() {
		return 0
	}
	return 1
}

// Lookup decides over a: whether it is permitted, and by the rule at which
// position of the list, from 1; 0 is the default, which an address of a family
// without rules gets too. An IPv4-mapped IPv6 address counts as IPv4, and a
// zone has no meaning. It does not allocate.
func (t *Table) Lookup(a netip.Addr) (permit bool, rule int) {
	v := t.lookup(a)
	return v&1 != 0, int(v >> 1)
}

func (t *Table) lookup(a netip.Addr) verdict {
	switch {
	case a.Is4() || a.Is4In6():
		b := a.As4()
		n := binary.BigEndian.Uint32(b[:])
		return t.v4.at(n).find(n)
	case a.IsValid():
		n := numberOf(a)
		return t.v6[sort.Search(len(t.v6)-1, func(i int) bool { return t.v6[i+1].first.compare(n) > 0 })].verdict
	}
	return verdictOf(0, t.fallback)
}

// Place is where in a table an address of IPv4 is decided over.
type Place struct{ leaf *leaf }

// Place is the first half of a Lookup, for who looks up many: what the other half
// reads is being fetched for all of them side by side, if all are touched in between.
func (t *Table) Place(a netip.Addr) Place {
	if !a.Is4() {
		return Place{}
	}
	b := a.As4()
	return Place{t.v4.at(binary.BigEndian.Uint32(b[:]))}
}

// Touch has what is at the place fetched. What it returns means nothing, and keeps it
// from being left out.
func (p Place) Touch() uint32 {
	if p.leaf == nil {
		return 0
	}
	return p.leaf.first[0]
}

// LookupAt is Lookup for who has the Place of a.
func (t *Table) LookupAt(p Place, a netip.Addr) (permit bool, rule int) {
	if p.leaf == nil {
		return t.Lookup(a)
	}
	b := a.As4()
	v := p.leaf.find(binary.BigEndian.Uint32(b[:]))
	return v&1 != 0, int(v >> 1)
}

// Empty reports whether the list had no rules.
func (t *Table) Empty() bool { return t.rules == 0 }

// HasFamily reports whether the list had a rule of IPv4, or else of IPv6. A
// country is of the families that it has prefixes of.
func (t *Table) HasFamily(v4 bool) bool {
	if v4 {
		return t.has[0]
	}
	return t.has[1]
}

// Default returns what an address that matches no rule gets.
func (t *Table) Default() Action { return t.fallback }

// Live returns the rules that can match, shortest prefix first, with
// each prefix of a country as a rule of its own that also names it: begin
// with the default for every address, apply them in this order, each over what
// the earlier ones said, and the result is the list's decision. Two rules of
// one length stand in the list's order; they never overlap.
func (t *Table) Live() []Rule { return shortestFirst(t.expanded, t.alive) }

// Dead returns the positions, from 1 and ascending, of the rules that can never
// match because earlier ones cover them, one alone or several together. A country
// is dead if all of its prefixes are, so also if the countries lacked it. It is
// shared, only for reading.
func (t *Table) Dead() []int { return t.dead }
