// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestSteps(t *testing.T) {
	l := list("permit 10.0.0.1", "deny 10.0.0.2")
	_ = l.Insert(1, rule("deny 10.0.0.3"))
	_ = l.Insert(3, rule("deny NL")) // between the first two
	_ = l.RemoveAt(2)                // and out goes the very first
	want := []Step{{1, rule("deny 10.0.0.2")}, {1, rule("deny 10.0.0.3")}, {2, rule("deny NL")}}
	got := l.Steps()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("Steps() (-want +got):\n%s", diff)
	}
}

// What the steps build cannot be told from the original, whatever comes later.
func TestStepsRebuild(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawList(t)
		rebuilt := &List{}
		for _, s := range l.Steps() {
			if err := rebuilt.Insert(s.Pos, s.Rule); err != nil {
				t.Fatalf("%v: step %v: %v", text(l), s, err)
			}
		}
		if a, ok := l.ExplicitDefault(); ok {
			rebuilt.SetDefault(a)
		}
		same(t, l, rebuilt)
		for range rapid.IntRange(0, 30).Draw(t, "later edits") {
			edit := drawEdit(t, l.Len())
			edit(l)
			edit(rebuilt)
			same(t, l, rebuilt)
		}
	})
}

// drawEdit draws an edit of a list of n rules; half of them remove, which is
// what brings out an order of entry that differs.
func drawEdit(t *rapid.T, n int) func(*List) {
	switch rapid.IntRange(0, 9).Draw(t, "edit") {
	case 0:
		return (*List).ClearDefault
	case 1:
		r := drawRule(t)
		return func(l *List) { l.Remove(r) }
	case 2, 3:
		pos, r := rapid.IntRange(1, n+1).Draw(t, "before"), drawRule(t)
		return func(l *List) { _ = l.Insert(pos, r) }
	case 4:
		r := drawRule(t)
		return func(l *List) { l.Append(r) }
	default:
		pos := rapid.IntRange(1, max(n, 1)).Draw(t, "at")
		return func(l *List) { _ = l.RemoveAt(pos) }
	}
}

func same(t *rapid.T, want, got *List) {
	t.Helper()
	if diff := cmp.Diff(text(want), text(got)); diff != "" {
		t.Fatalf("rules (-want +got):\n%s", diff)
	}
	if want.Default() != got.Default() {
		t.Fatalf("%v: default %v, want %v", text(want), got.Default(), want.Default())
	}
}
