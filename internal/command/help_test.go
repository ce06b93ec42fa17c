// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// TestEveryCommandIsInHelp looks in all of it, and asks for each by name.
// (Completion has its own test, and so has the manual page, in cmd/cygnet.)
func TestEveryCommandIsInHelp(t *testing.T) {
	var all string
	for g := Global; g <= Pen; g++ {
		all += Help(g)
	}
	for _, cmd := range Commands() {
		text, is, err := Act(&fake{t: t}, Who{}, "help "+cmd.Name)
		if !is || err != nil || !strings.Contains(text, "  "+cmd.Name) {
			t.Errorf("help %s: %q, %v", cmd.Name, text, err)
		}
		if !strings.HasPrefix(cmd.Name, "no ") && !strings.Contains(all, "  "+cmd.Name) {
			t.Errorf("%s: not in help", cmd.Name)
		}
		if later := strings.Contains(strings.Join(strings.Fields(text), " "), "(from the next start on)"); later != (cmd.Mark&NextStart != 0) {
			t.Errorf("%s: says that it takes effect at the next start: %v", cmd.Name, later)
		}
	}
	for line := range strings.Lines(all) {
		if len(line) > columns+1 {
			t.Errorf("%d columns: %s", len(line)-1, line)
		}
	}
}

// TestWrapFits: no line is longer than 80 columns but for one long word, and
// no letter is lost.
func TestWrapFits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[a-z|\[\]]{1,30}(\|[a-z]{1,40}){0,9}`)).Draw(t, "words")
		first, rest := rapid.IntRange(0, 16).Draw(t, "first"), rapid.IntRange(0, 16).Draw(t, "rest")
		text := Wrap(strings.Join(words, " "), first, rest)
		squeeze := func(s string) string {
			return strings.Map(func(r rune) rune {
				if unicode.IsSpace(r) {
					return -1
				}
				return r
			}, s)
		}
		if got, want := squeeze(text), squeeze(strings.Join(words, "")); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		lines := slices.Collect(strings.Lines(text))
		for i, line := range lines {
			indent := rest
			if i == 0 {
				indent = first
			}
			if i < len(lines) && len(words) > 0 && !strings.HasPrefix(line, strings.Repeat(" ", indent)) {
				t.Errorf("not indented by %d: %q", indent, line)
			}
			if len(line) > columns+1 && strings.Contains(strings.TrimSpace(line), " ") {
				t.Errorf("%d columns: %q", len(line)-1, line)
			}
		}
	})
}
