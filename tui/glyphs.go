// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Glyphs is a set of characters that a terminal can show.
type Glyphs uint8

// The sets, from the richest to the one that every terminal has.
const (
	UTF8    Glyphs = iota // boxes, shades, eighth blocks, ellipsis
	Console               // what the fonts of the Linux console all have
	ASCII
)

var glyphWords = [...]string{"utf8", "console", "ascii"}

// String returns the set's word, as --glyphs takes it.
func (g Glyphs) String() string { return glyphWords[min(g, ASCII)] }

// ParseGlyphs returns the set of that word.
func ParseGlyphs(word string) (Glyphs, error) {
	if i := slices.Index(glyphWords[:], word); i >= 0 {
		return Glyphs(i), nil
	}
	return 0, fmt.Errorf("glyphs %q: expected %s", word, strings.Join(glyphWords[:], ", "))
}

// GlyphsFor chooses a set for a terminal: its device, as /dev/tty1, and what
// the environment says. Where the locale is not UTF-8, the terminal is of a kind
// that is not, or it is a serial line, that is ASCII.
func GlyphsFor(tty string, getenv func(string) string) Glyphs {
	term, device := getenv("TERM"), filepath.Base(tty)
	locale := strings.ToLower(cmp.Or(getenv("LC_ALL"), getenv("LC_CTYPE"), getenv("LANG")))
	utf8 := strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
	switch {
	case !utf8, term == "", term == "dumb", term == "ansi", strings.HasPrefix(term, "vt"), Serial(tty):
		return ASCII
	case term == "linux", strings.HasPrefix(tty, "/dev/tty") && isDigit(device, len("tty")):
		return Console
	}
	return UTF8
}

// Serial says whether a terminal's device is a serial line.
func Serial(tty string) bool {
	for _, kind := range []string{"ttyS", "ttyAMA", "ttyUSB", "ttyACM"} {
		if strings.HasPrefix(filepath.Base(tty), kind) {
			return true
		}
	}
	return false
}

func isDigit(s string, at int) bool { return len(s) > at && '0' <= s[at] && s[at] <= '9' }
