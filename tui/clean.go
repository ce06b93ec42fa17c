// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean returns s as it may be drawn. A control character, an escape sequence
// or a mark that turns the direction of writing would let whoever wrote s draw
// elsewhere on the operator's screen; a character that the glyphs do not have
// would not be seen. Each becomes a question mark; a tab becomes a blank.
func (t *Theme) clean(s string) string {
	if t.drawable(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case t.shows(r):
			return r
		}
		return '?'
	}, s)
}

func (t *Theme) drawable(s string) bool {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return false
		}
	}
	return true
}

// shows says whether r is a character of its own that can be seen.
func (t *Theme) shows(r rune) bool {
	switch {
	case r < 0x20 || r == 0x7f || r == utf8.RuneError:
		return false
	case r < 0x7f:
		return true
	}
	return t.glyphs == UTF8 && unicode.IsPrint(r) && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)
}
