// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import "strings"

// filter is what an operator wants to see only: words that must all be in a
// text, in small or capital letters; one that begins with ! must not be.
type filter struct {
	text  string // as it was typed
	words []string
}

func newFilter(text string) filter {
	return filter{strings.TrimSpace(text), strings.Fields(strings.ToLower(text))}
}

// passes tells whether a text is to be seen.
func (f filter) passes(text string) bool {
	if len(f.words) == 0 {
		return true
	}
	text = strings.ToLower(text)
	for _, w := range f.words {
		unwanted, not := strings.CutPrefix(w, "!")
		switch {
		case not && unwanted != "" && strings.Contains(text, unwanted):
			return false
		case !not && !strings.Contains(text, w):
			return false
		}
	}
	return true
}

// on says whether anything is filtered at all.
func (f filter) on() bool { return len(f.words) > 0 }
