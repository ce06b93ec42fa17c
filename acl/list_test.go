// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rule reads "permit 10.0.0.0/8"; a bare address is a whole-length prefix, and
// what has neither dot nor colon is a country. It does not mask.
func rule(s string) Rule {
	word, prefix, _ := strings.Cut(s, " ")
	action := Deny
	if word == Permit.String() {
		action = Permit
	}
	if !strings.ContainsAny(prefix, ".:") {
		return Rule{Action: action, Country: prefix}
	}
	if !strings.Contains(prefix, "/") {
		a := netip.MustParseAddr(prefix)
		return Rule{Action: action, Prefix: netip.PrefixFrom(a, a.BitLen())}
	}
	return Rule{Action: action, Prefix: netip.MustParsePrefix(prefix)}
}

func list(rules ...string) *List {
	l := &List{}
	for _, r := range rules {
		l.Append(rule(r))
	}
	return l
}

// text is the list as strings, the inverse of list.
func text(l *List) []string {
	var s []string
	for _, r := range l.Rules() {
		what := r.Country
		if what == "" {
			what = r.Prefix.String()
		}
		s = append(s, r.Action.String()+" "+what)
	}
	return s
}

func TestListEditing(t *testing.T) {
	tests := []struct {
		name string
		edit func(l *List) error
		want []string
		err  string
	}{
		{
			name: "append goes to the end",
			edit: func(l *List) error { l.Append(rule("deny 10.0.0.3")); return nil },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32", "deny 10.0.0.3/32"},
		},
		{
			name: "host bits are cleared",
			edit: func(l *List) error { l.Append(rule("deny 10.1.2.3/8")); return nil },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32", "deny 10.0.0.0/8"},
		},
		{
			name: "an IPv4-mapped prefix is the IPv4 it means",
			edit: func(l *List) error { l.Append(rule("deny ::ffff:10.1.2.3/104")); return nil },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32", "deny 10.0.0.0/8"},
		},
		{
			name: "a prefix around the mapped ones stays IPv6",
			edit: func(l *List) error { l.Append(rule("deny ::ffff:0:0/95")); return nil },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32", "deny ::fffe:0:0/95"},
		},
		{
			name: "an invalid prefix is not entered",
			edit: func(l *List) error { l.Append(Rule{}); return nil },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
		},
		{
			name: "insert goes before the position",
			edit: func(l *List) error { return l.Insert(1, rule("deny 10.0.0.3")) },
			want: []string{"deny 10.0.0.3/32", "permit 10.0.0.1/32", "deny 10.0.0.2/32"},
		},
		{
			name: "insert one past the end appends",
			edit: func(l *List) error { return l.Insert(3, rule("deny 10.0.0.3")) },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32", "deny 10.0.0.3/32"},
		},
		{
			name: "insert at 0 is refused",
			edit: func(l *List) error { return l.Insert(0, rule("deny 10.0.0.3")) },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
			err:  "insert rule at 0: expected a position from 1 to 3",
		},
		{
			name: "insert too far is refused",
			edit: func(l *List) error { return l.Insert(4, rule("deny 10.0.0.3")) },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
			err:  "insert rule at 4: expected a position from 1 to 3",
		},
		{
			name: "insert of an invalid prefix is refused",
			edit: func(l *List) error { return l.Insert(1, Rule{}) },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
			err:  "insert rule at 1: invalid prefix",
		},
		{
			name: "a country is one rule",
			edit: func(l *List) error { return l.Insert(2, rule("deny NL")) },
			want: []string{"permit 10.0.0.1/32", "deny NL", "deny 10.0.0.2/32"},
		},
		{
			name: "a country can be appended",
			edit: func(l *List) error { l.Append(rule("deny NL")); return nil },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32", "deny NL"},
		},
		{
			name: "a country in small letters is refused",
			edit: func(l *List) error { return l.Insert(1, rule("deny nl")) },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
			err:  `insert rule at 1: invalid country "nl", expected two capital letters`,
		},
		{
			name: "a country of three letters is refused",
			edit: func(l *List) error { return l.Insert(1, rule("deny NLD")) },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
			err:  `insert rule at 1: invalid country "NLD", expected two capital letters`,
		},
		{
			name: "a letter beyond Z is refused",
			edit: func(l *List) error { return l.Insert(1, rule("deny N[")) },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
			err:  `insert rule at 1: invalid country "N[", expected two capital letters`,
		},
		{
			name: "a country with a prefix is refused",
			edit: func(l *List) error {
				return l.Insert(1, Rule{Country: "NL", Prefix: netip.MustParsePrefix("10.0.0.0/8")})
			},
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
			err:  `insert rule at 1: both country "NL" and prefix 10.0.0.0/8, expected one of them`,
		},
		{
			name: "an invalid country is not entered",
			edit: func(l *List) error { l.Append(rule("deny nl")); return nil },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
		},
		{
			name: "remove at a position",
			edit: func(l *List) error { return l.RemoveAt(1) },
			want: []string{"deny 10.0.0.2/32"},
		},
		{
			name: "remove past the end is refused",
			edit: func(l *List) error { return l.RemoveAt(3) },
			want: []string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"},
			err:  "remove rule at 3: expected a position from 1 to 2",
		},
		{
			name: "remove from an empty list is refused",
			edit: func(l *List) error { l.Clear(); return l.RemoveAt(1) },
			err:  "remove rule at 1: the list has no rules",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := list("permit 10.0.0.1", "deny 10.0.0.2")
			before := l.Clone()
			err := ""
			if e := tt.edit(l); e != nil {
				err = e.Error()
			}
			if diff := cmp.Diff(tt.err, err); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, text(l)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"permit 10.0.0.1/32", "deny 10.0.0.2/32"}, text(before)); diff != "" {
				t.Errorf("the clone changed with its original (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRemove(t *testing.T) {
	l := list("deny 10.0.0.1", "permit 10.0.0.0/8", "deny 10.0.0.1")
	for _, tt := range []struct {
		rule string
		want bool
		left []string
	}{
		{"permit 10.0.0.1", false, []string{"deny 10.0.0.1/32", "permit 10.0.0.0/8", "deny 10.0.0.1/32"}},
		{"deny 10.0.0.1", true, []string{"permit 10.0.0.0/8", "deny 10.0.0.1/32"}}, // the first of equals
		{"permit 10.9.9.9/8", true, []string{"deny 10.0.0.1/32"}},                  // as it was written
		{"permit 10.0.0.0/8", false, []string{"deny 10.0.0.1/32"}},
	} {
		if got := l.Remove(rule(tt.rule)); got != tt.want {
			t.Errorf("Remove(%s) = %v, want %v", tt.rule, got, tt.want)
		}
		if diff := cmp.Diff(tt.left, text(l)); diff != "" {
			t.Errorf("after Remove(%s) (-want +got):\n%s", tt.rule, diff)
		}
	}
	if l.Remove(Rule{}) {
		t.Error("Remove of an invalid prefix found one")
	}
}

func TestRemoveCountry(t *testing.T) {
	l := list("deny NL", "permit NL", "deny BE")
	for _, tt := range []struct {
		rule string
		want bool
		left []string
	}{
		{"permit BE", false, []string{"deny NL", "permit NL", "deny BE"}},
		{"permit nl", false, []string{"deny NL", "permit NL", "deny BE"}},
		{"permit NL", true, []string{"deny NL", "deny BE"}},
	} {
		if got := l.Remove(rule(tt.rule)); got != tt.want {
			t.Errorf("Remove(%s) = %v, want %v", tt.rule, got, tt.want)
		}
		if diff := cmp.Diff(tt.left, text(l)); diff != "" {
			t.Errorf("after Remove(%s) (-want +got):\n%s", tt.rule, diff)
		}
	}
}

func TestCountries(t *testing.T) {
	for _, tt := range []struct {
		list *List
		want []string
	}{
		{&List{}, nil},
		{list("deny 10.0.0.0/8"), nil},
		{list("deny NL", "permit 10.0.0.1", "permit BE", "permit NL", "deny AX"), []string{"AX", "BE", "NL"}},
	} {
		if diff := cmp.Diff(tt.want, tt.list.Countries()); diff != "" {
			t.Errorf("%v: Countries() (-want +got):\n%s", text(tt.list), diff)
		}
	}
}

func TestDefault(t *testing.T) {
	tests := []struct {
		name string
		edit func(l *List)
		want Action
	}{
		{"an empty list permits", func(*List) {}, Permit},
		{"after a permit, deny", func(l *List) { l.Append(rule("permit 10.0.0.1")) }, Deny},
		{"after a deny, permit", func(l *List) { l.Append(rule("deny 10.0.0.1")) }, Permit},
		{"the last entered counts, of any family", func(l *List) {
			l.Append(rule("permit 10.0.0.1"))
			l.Append(rule("deny fd00::1"))
		}, Permit},
		{"entered last, not standing last", func(l *List) {
			l.Append(rule("permit 10.0.0.1"))
			_ = l.Insert(1, rule("deny 10.0.0.2"))
		}, Permit},
		{"a removed rule no longer counts", func(l *List) {
			l.Append(rule("permit 10.0.0.1"))
			_ = l.Insert(1, rule("deny 10.0.0.2"))
			_ = l.RemoveAt(1)
		}, Deny},
		{"a dead rule counts", func(l *List) {
			l.Append(rule("permit 10.0.0.0/8"))
			l.Append(rule("deny 10.0.0.1"))
		}, Permit},
		{"a country counts, known or not", func(l *List) {
			l.Append(rule("permit 10.0.0.1"))
			_ = l.Insert(1, rule("deny ZZ"))
		}, Permit},
		{"an explicit default wins", func(l *List) {
			l.SetDefault(Deny)
			l.Append(rule("deny 10.0.0.1"))
		}, Deny},
		{"an explicit default wins in an empty list", func(l *List) { l.SetDefault(Deny) }, Deny},
		{"without it Pen's rule holds again", func(l *List) {
			l.SetDefault(Deny)
			l.ClearDefault()
			l.Append(rule("deny 10.0.0.1"))
		}, Permit},
		{"an emptied list permits", func(l *List) {
			l.Append(rule("permit 10.0.0.1"))
			l.SetDefault(Deny)
			l.Clear()
		}, Permit},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &List{}
			tt.edit(l)
			if got := l.Default(); got != tt.want {
				t.Errorf("Default() = %v, want %v", got, tt.want)
			}
			if got := l.Compile(nil).Default(); got != tt.want {
				t.Errorf("Compile().Default() = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestDead(t *testing.T) {
	countries := Countries{
		"NL": {netip.MustParsePrefix("10.0.0.0/25"), netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("fd00::/64")},
		"BE": {netip.MustParsePrefix("10.0.0.128/25")},
	}
	tests := []struct {
		name string
		list *List
		want []int
	}{
		{"nothing in an empty list", &List{}, nil},
		{"a later shorter prefix lives", list("deny 10.0.0.1", "permit 10.0.0.0/8"), nil},
		{"an earlier shorter prefix kills", list("permit 10.0.0.0/8", "deny 10.0.0.1"), []int{2}},
		{"a repetition is dead", list("permit 10.0.0.1", "deny 10.0.0.1"), []int{2}},
		{"two halves kill their whole", list("permit 10.0.0.0/25", "deny 10.0.0.128/25", "permit 10.0.0.0/24"), []int{3}},
		{"in either order", list("permit 10.0.0.128/25", "deny 10.0.0.0/25", "permit 10.0.0.0/24"), []int{3}},
		{"halves of a half", list("permit 10.0.0.0/26", "permit 10.0.0.128/25", "deny 10.0.0.64/26", "permit 10.0.0.0/24"), []int{4}},
		{"a hole keeps it alive", list("permit 10.0.0.0/26", "permit 10.0.0.128/25", "permit 10.0.0.0/24"), nil},
		{"halves of everything", list("permit 0.0.0.0/1", "permit 128.0.0.0/1", "deny 0.0.0.0/0", "deny 1.2.3.4"), []int{3, 4}},
		{"families do not cover each other", list("permit ::/0", "deny 10.0.0.0/8", "permit 0.0.0.0/0", "deny fd00::/8"), []int{4}},
		{"a country covered in part lives", list("deny 10.0.0.0/8", "permit NL"), nil},
		{"a country covered in full", list("deny 10.0.0.0/8", "permit fd00::/16", "permit NL", "deny BE"), []int{3, 4}},
		{"a country kills its prefixes", list("permit NL", "deny 10.1.0.0/16", "deny 10.0.0.0/24"), []int{2}},
		{"two countries together", list("permit NL", "deny BE", "deny 10.0.0.0/24"), []int{3}},
		{"a country without prefixes", list("permit ZZ", "deny 10.0.0.1"), []int{1}},
		{"IPv6 halves", list("permit fd00::/65", "permit fd00::8000:0:0:0/65", "deny fd00::/64"), []int{3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tt.list.Dead(countries)); diff != "" {
				t.Errorf("Dead() (-want +got):\n%s", diff)
			}
		})
	}
}
