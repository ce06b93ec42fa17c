// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookup(t *testing.T) {
	type answer struct {
		Permit bool
		Rule   int
	}
	tests := []struct {
		name string
		list *List
		addr string
		want answer
	}{
		{"an empty list permits", &List{}, "10.0.0.1", answer{true, 0}},
		{"Pen's permit of one: it", list("permit 10.0.0.66"), "10.0.0.66", answer{true, 1}},
		{"Pen's permit of one: another", list("permit 10.0.0.66"), "10.0.0.67", answer{false, 0}},
		{"Pen's denies: one of them", list("deny 10.0.0.1", "deny 10.0.0.2"), "10.0.0.2", answer{false, 2}},
		{"Pen's denies: everything but", list("deny 10.0.0.1", "deny 10.0.0.2"), "10.0.0.3", answer{true, 0}},
		{"a longer prefix first", list("deny 10.0.0.1", "permit 10.0.0.0/8"), "10.0.0.1", answer{false, 1}},
		{"a longer prefix first: beside it", list("deny 10.0.0.1", "permit 10.0.0.0/8"), "10.0.0.2", answer{true, 2}},
		{"a shorter prefix first", list("permit 10.0.0.0/8", "deny 10.0.0.1"), "10.0.0.1", answer{true, 1}},
		{"mapped IPv4", list("deny 10.0.0.1", "permit ::/0"), "::ffff:10.0.0.1", answer{false, 1}},
		{"mapped IPv4 is not IPv6", list("permit ::/0"), "::ffff:10.0.0.1", answer{false, 0}},
		{"a family without rules", list("permit 0.0.0.0/0"), "fd00::1", answer{false, 0}},
		{"a zone has no meaning", list("permit fe80::1", "deny ::/0"), "fe80::1%eth0", answer{true, 1}},
		{"no address at all", list("permit 0.0.0.0/0", "deny ::/0"), "", answer{true, 0}},
		{"a country", list("deny 10.0.0.1", "permit NL"), "10.0.0.2", answer{true, 2}},
		{"a country, behind a prefix", list("deny 10.0.0.1", "permit NL"), "10.0.0.1", answer{false, 1}},
		{"a country, before a prefix", list("permit NL", "deny 10.0.0.1"), "10.0.0.1", answer{true, 1}},
		{"a country, by its IPv6", list("permit 10.0.0.1", "deny NL"), "fd00::1", answer{false, 2}},
		{"not of the country", list("deny BE", "permit NL"), "11.0.0.1", answer{false, 0}},
		{"a country that is not there", list("permit ZZ", "deny NL"), "10.0.0.1", answer{false, 2}},
		{"everything", list("permit fd00::1", "deny ::/0"), "fd00::2", answer{false, 2}},
	}
	countries := Countries{"NL": {netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var a netip.Addr
			if tt.addr != "" {
				a = netip.MustParseAddr(tt.addr)
			}
			var got answer
			got.Permit, got.Rule = tt.list.Compile(countries).Lookup(a)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Lookup(%v) (-want +got):\n%s", a, diff)
			}
		})
	}
}

func TestTableKeepsWhatItWasCompiledFrom(t *testing.T) {
	l := list("deny 10.0.0.1", "permit 10.0.0.0/8")
	table := l.Compile(nil)
	l.Clear()
	if permit, rule := table.Lookup(netip.MustParseAddr("10.0.0.1")); permit || rule != 1 {
		t.Errorf("Lookup = %v, %d after the list was emptied, want false, 1", permit, rule)
	}
	live := table.Live()
	clear(live)
	if table.Live()[0] == (Rule{}) {
		t.Error("Live gave the table's own rules away")
	}
}

func TestEmptyAndHasFamily(t *testing.T) {
	tests := []struct {
		name          string
		list          *List
		empty, v4, v6 bool
	}{
		{"empty", &List{}, true, false, false},
		{"IPv4", list("permit 10.0.0.1"), false, true, false},
		{"IPv6", list("permit fd00::1"), false, false, true},
		{"both", list("permit 0.0.0.0/0", "deny 10.0.0.1", "deny ::/0"), false, true, true},
		{"a country with IPv6", list("permit NL"), false, false, true},
		{"a country that is not there", list("permit ZZ"), false, false, false},
	}
	countries := Countries{"NL": {netip.MustParsePrefix("fd00::/8")}}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := tt.list.Compile(countries)
			got := []bool{table.Empty(), table.HasFamily(true), table.HasFamily(false)}
			if diff := cmp.Diff([]bool{tt.empty, tt.v4, tt.v6}, got); diff != "" {
				t.Errorf("Empty, IPv4, IPv6 (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLive(t *testing.T) {
	l := list("deny 10.0.0.1", "permit fd00::/8", "permit 10.0.0.0/8", "deny NL", "permit 9.0.0.0/8", "deny 0.0.0.0/0")
	want := list("deny 0.0.0.0/0", "permit fd00::/8", "permit 10.0.0.0/8", "permit 9.0.0.0/8", "deny 8.0.0.0/24", "deny 10.0.0.1").Rules()
	want[4].Country = "NL"
	countries := Countries{"NL": {netip.MustParsePrefix("8.0.0.0/24"), netip.MustParsePrefix("10.0.0.0/24")}}
	got := l.Compile(countries).Live()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("Live() (-want +got):\n%s", diff)
	}
}

func TestLookupDoesNotAllocate(t *testing.T) {
	table := list("deny 10.0.0.1", "permit 10.0.0.0/8", "permit fd00::/8").Compile(nil)
	addrs := []netip.Addr{
		netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("11.0.0.1"),
		netip.MustParseAddr("fd00::1"), netip.MustParseAddr("::ffff:10.0.0.1"),
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, a := range addrs {
			table.Lookup(a)
		}
	}); n != 0 {
		t.Errorf("%v allocations in %d lookups, want 0", n, len(addrs))
	}
}
