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

// Whatever is done to a list, its edits make the new one of the old, also as far as
// later changes can tell.
func TestEditsMakeOneListOfAnother(t *testing.T) {
	pairs, exact := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		from := drawList(t)
		to := from.Clone()
		for range rapid.IntRange(0, 6).Draw(t, "changes") {
			if to.Len() > 0 && rapid.IntRange(0, 2).Draw(t, "remove") == 0 {
				_ = to.RemoveAt(rapid.IntRange(1, to.Len()).Draw(t, "at"))
				continue
			}
			_ = to.Insert(rapid.IntRange(1, to.Len()+1).Draw(t, "before"), drawRule(t))
		}
		for _, pair := range [][2]*List{{from, to}, {to, from}} {
			pairs++
			made := pair[0].Clone()
			edits, ok := pair[1].Edits(pair[0])
			if !ok {
				continue
			}
			exact++
			for _, e := range edits {
				if e.Remove {
					if got := made.Rules()[e.Pos-1]; got != e.Rule {
						t.Fatalf("%v is removed as rule %d, which is %v", e.Rule, e.Pos, got)
					}
					_ = made.RemoveAt(e.Pos)
				} else if err := made.Insert(e.Pos, e.Rule); err != nil {
					t.Fatal(err)
				}
			}
			if !slices.Equal(made.Steps(), pair[1].Steps()) {
				t.Fatalf("%v makes of %v: %v, want %v", edits, text(pair[0]), text(made), text(pair[1]))
			}
			made.explicit, made.fallback = pair[1].explicit, pair[1].fallback
			if !made.Same(pair[1]) {
				t.Fatalf("%v and %v are not the same", text(made), text(pair[1]))
			}
		}
	})
	if exact < pairs/4 {
		t.Errorf("only %d of %d lists could be made by edits", exact, pairs)
	}
}

func TestEditsOfOneLine(t *testing.T) {
	from := list("permit 10.0.0.1", "deny 10.0.0.0/24", "permit 10.0.1.0/24")
	appended := from.Clone()
	appended.Append(Rule{Action: Permit, Prefix: netip.MustParsePrefix("10.0.2.0/24")})
	want := []Edit{{Pos: 4, Rule: Rule{Action: Permit, Prefix: netip.MustParsePrefix("10.0.2.0/24")}}}
	got, ok := appended.Edits(from)
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" || !ok {
		t.Errorf("an entry more (-want +got):\n%s", diff)
	}
	want[0].Remove = true
	got, ok = from.Edits(appended)
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" || !ok {
		t.Errorf("it is taken back (-want +got):\n%s", diff)
	}
	older := from.Clone()
	_ = older.RemoveAt(1)
	if edits, ok := from.Edits(older); ok {
		t.Errorf("an older rule came back by %v, as if it were the newest", edits)
	}
}

func TestSameSeesEveryDifference(t *testing.T) {
	l := list("permit 10.0.0.1", "deny 10.0.0.2")
	other := list("deny 10.0.0.2")
	_ = other.Insert(1, l.Rules()[0]) // the same, entered the other way round
	withDefault := l.Clone()
	withDefault.SetDefault(Deny)
	for name, o := range map[string]*List{"order of entry": other, "default": withDefault, "length": list("permit 10.0.0.1"), "rule": list("permit 10.0.0.1", "deny 10.0.0.3")} {
		if l.Same(o) || o.Same(l) {
			t.Errorf("lists that differ in %s are the same", name)
		}
	}
	if again := list("permit 10.0.0.1", "deny 10.0.0.2"); !l.Same(again) {
		t.Error("the same list is another")
	}
}
