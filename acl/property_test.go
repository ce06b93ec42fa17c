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

func drawRule(t *rapid.T) Rule {
	addr := addrV4
	if rapid.Bool().Draw(t, "v6") {
		addr = addrV6
	}
	a := addr(rapid.Byte().Draw(t, "last"))
	// Nearly always within the universe, sometimes around it.
	bits := a.BitLen() - rapid.SampledFrom([]int{0, 0, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 32}).Draw(t, "host bits")
	return Rule{Action: Action(rapid.IntRange(0, 1).Draw(t, "action")), Prefix: netip.PrefixFrom(a, bits)}
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

// firstMatch is the definition of a list: slow and obvious.
func firstMatch(l *List, a netip.Addr) (permit bool, rule int) {
	for i, r := range l.Rules() {
		if r.Prefix.Contains(a) {
			return r.Action == Permit, i + 1
		}
	}
	return l.Default() == Permit, 0
}

func TestLookupIsFirstMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawList(t)
		table := l.Compile(nil)
		for _, a := range universe() {
			wantPermit, wantRule := firstMatch(l, a)
			permit, rule := table.Lookup(a)
			if permit != wantPermit || rule != wantRule {
				t.Fatalf("%v\n%v: got %v by rule %d, want %v by rule %d", text(l), a, permit, rule, wantPermit, wantRule)
			}
		}
	})
}

// A rule within the universe is dead exactly if no address reaches it first; one
// that reaches beyond it may live outside.
func TestDeadIsWhatNoAddressReaches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawList(t)
		reached := make(map[int]bool)
		for _, a := range universe() {
			_, rule := firstMatch(l, a)
			reached[rule] = true
		}
		dead := l.Dead(nil)
		for i, r := range l.Rules() {
			inside := r.Prefix.Bits() >= r.Prefix.Addr().BitLen()-8
			isDead := slices.Contains(dead, i+1)
			if isDead && reached[i+1] || inside && !isDead && !reached[i+1] {
				t.Fatalf("%v\nrule %d: dead %v, reached %v", text(l), i+1, isDead, reached[i+1])
			}
		}
	})
}

func TestPaintingLiveRulesGivesTheDecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawList(t)
		table := l.Compile(nil)
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
			want[a], _ = firstMatch(l, a)
		}
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
			t.Fatalf("%v (-want +got):\n%s", text(l), diff)
		}
		if got, want := len(table.Live()), l.Len()-len(l.Dead(nil)); got != want {
			t.Fatalf("%v: %d live rules, want %d", text(l), got, want)
		}
	})
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
			r := drawRule(t)
			r.Prefix = r.Prefix.Masked()
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
