// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Addresses of the properties differ in their last byte only, in each family:
// small enough to try all of them, and crowded enough that rules overlap.
func addrV4(last byte) netip.Addr { return netip.AddrFrom4([4]byte{10, 0, 0, last}) }
func addrV6(last byte) netip.Addr { return netip.AddrFrom16([16]byte{0: 0xfd, 15: last}) }

func universe() []netip.Addr {
	var all []netip.Addr
	for b := range 256 {
		all = append(all, addrV4(byte(b)), addrV6(byte(b)))
	}
	return all
}

func drawPrefix(t *rapid.T) netip.Prefix {
	addr := addrV4
	if rapid.Bool().Draw(t, "v6") {
		addr = addrV6
	}
	a := addr(rapid.Byte().Draw(t, "last"))
	// Nearly always within the universe, sometimes around it.
	bits := a.BitLen() - rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 32}).Draw(t, "host bits")
	return netip.PrefixFrom(a, bits)
}

func drawRule(t *rapid.T) Rule {
	r := Rule{Action: Action(rapid.IntRange(0, 1).Draw(t, "action"))}
	if rapid.IntRange(0, 4).Draw(t, "country") == 0 {
		r.Country = rapid.SampledFrom([]string{"AX", "BE", "NL"}).Draw(t, "code")
		return r
	}
	r.Prefix = drawPrefix(t)
	return r
}

// drawCountries gives countries a few prefixes, which may cover each other; AX
// has none, and is there or not.
func drawCountries(t *rapid.T) Countries {
	c := Countries{}
	if rapid.Bool().Draw(t, "AX") {
		c["AX"] = nil
	}
	for _, code := range []string{"BE", "NL"} {
		for range rapid.IntRange(0, 5).Draw(t, code) {
			c[code] = append(c[code], drawPrefix(t).Masked())
		}
	}
	return c
}

// drawList enters rules at the end and in between, and takes some out.
func drawList(t *rapid.T) *List {
	l := &List{}
	for range rapid.IntRange(0, 24).Draw(t, "edits") {
		switch rapid.IntRange(0, 9).Draw(t, "edit") {
		case 0:
			if l.Len() > 0 {
				_ = l.RemoveAt(rapid.IntRange(1, l.Len()).Draw(t, "at"))
			}
		case 1, 2, 3:
			_ = l.Insert(rapid.IntRange(1, l.Len()+1).Draw(t, "before"), drawRule(t))
		default:
			l.Append(drawRule(t))
		}
	}
	if rapid.IntRange(0, 4).Draw(t, "explicit default") == 0 {
		l.SetDefault(Action(rapid.IntRange(0, 1).Draw(t, "default")))
	}
	return l
}

func contain(prefixes []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}

// firstMatch is the definition of a list: slow and obvious.
func firstMatch(l *List, c Countries, a netip.Addr) (permit bool, rule int) {
	for i, r := range l.Rules() {
		if r.Prefix.Contains(a) || contain(c[r.Country], a) {
			return r.Action == Permit, i + 1
		}
	}
	return l.Default() == Permit, 0
}

func TestLookupIsFirstMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, c := drawList(t), drawCountries(t)
		table := l.Compile(c)
		for _, a := range universe() {
			wantPermit, wantRule := firstMatch(l, c, a)
			permit, rule := table.Lookup(a)
			if permit != wantPermit || rule != wantRule {
				t.Fatalf("%v, %v\n%v: got %v by rule %d, want %v by rule %d", text(l), c, a, permit, rule, wantPermit, wantRule)
			}
		}
	})
}

// A rule within the universe is dead exactly if no address reaches it first; one
// that reaches beyond it may live outside.
func TestDeadIsWhatNoAddressReaches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, c := drawList(t), drawCountries(t)
		reached := make(map[int]bool)
		for _, a := range universe() {
			_, rule := firstMatch(l, c, a)
			reached[rule] = true
		}
		dead := l.Dead(c)
		for i, r := range l.Rules() {
			inside := !slices.ContainsFunc(r.prefixes(c), func(p netip.Prefix) bool {
				return p.Bits() < p.Addr().BitLen()-8
			})
			isDead := slices.Contains(dead, i+1)
			if isDead && reached[i+1] || inside && !isDead && !reached[i+1] {
				t.Fatalf("%v, %v\nrule %d: dead %v, reached %v", text(l), c, i+1, isDead, reached[i+1])
			}
		}
	})
}

func TestPaintingLiveRulesGivesTheDecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l, c := drawList(t), drawCountries(t)
		table := l.Compile(c)
		got := make(map[netip.Addr]bool)
		for _, a := range universe() {
			got[a] = table.Default() == Permit
		}
		for _, r := range table.Live() {
			for a := range got {
				if r.Prefix.Contains(a) {
					got[a] = r.Action == Permit
				}
			}
		}
		want := make(map[netip.Addr]bool)
		for a := range got {
			want[a], _ = firstMatch(l, c, a)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Fatalf("%v, %v (-want +got):\n%s", text(l), c, diff)
		}
		written := expanded(l, c)
		if got, want := len(table.Live()), written.Len()-len(written.Dead(nil)); got != want {
			t.Fatalf("%v, %v: %d live rules, want %d", text(l), c, got, want)
		}
	})
}

// expanded is l with the prefixes of countries written out.
func expanded(l *List, c Countries) *List {
	written := &List{}
	for _, r := range l.Rules() {
		for _, p := range r.prefixes(c) {
			written.Append(Rule{Action: r.Action, Prefix: p})
		}
	}
	return written
}

// The default is the opposite of the newest rule, whatever was done to get there.
func TestDefaultFollowsEntry(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := &List{}
		var model []Rule // in order of entry
		for range rapid.IntRange(0, 12).Draw(t, "edits") {
			if l.Len() > 0 && rapid.IntRange(0, 2).Draw(t, "remove") == 0 {
				gone := l.Rules()[rapid.IntRange(0, l.Len()-1).Draw(t, "which")]
				if slices.Index(model, gone) != lastIndex(model, gone) {
					continue // which of two equal rules is meant does not show in Rules
				}
				l.Remove(gone)
				model = slices.DeleteFunc(model, func(r Rule) bool { return r == gone })
				continue
			}
			r, _ := drawRule(t).normal()
			_ = l.Insert(rapid.IntRange(1, l.Len()+1).Draw(t, "before"), r)
			model = append(model, r)
		}
		want := Permit
		if n := len(model); n > 0 {
			want = model[n-1].Action.opposite()
		}
		if got := l.Default(); got != want {
			t.Fatalf("%v entered as %v: default %v, want %v", text(l), model, got, want)
		}
	})
}

func lastIndex(rules []Rule, r Rule) int {
	for i, other := range slices.Backward(rules) {
		if other == r {
			return i
		}
	}
	return -1
}
