// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLine is the longest line, in bytes: Pen's own buffer.
const maxLine = 4095

// lex splits a line into words: separated by blanks and tabs, in quotes if
// they hold any ("a b", with \" and \\ inside). A # at a word's start ends the
// line. A carriage return counts as a blank, for files written elsewhere.
func lex(line string) ([]string, error) {
	if len(line) > maxLine {
		return nil, refuse("split it into several lines", "a line of %d bytes: at most %d are read", len(line), maxLine)
	}
	for i, r := range line {
		switch {
		case r == utf8.RuneError && !strings.HasPrefix(line[i:], string(utf8.RuneError)):
			return nil, lexError(line, i, "not UTF-8")
		case unicode.IsControl(r) && !allowed(r):
			return nil, lexError(line, i, "a control character")
		case !allowed(r):
			return nil, lexError(line, i, "a character that does not show")
		}
	}
	var words []string
	for i := 0; ; {
		for i < len(line) && isBlank(line[i]) {
			i++
		}
		if i == len(line) || line[i] == '#' {
			return words, nil
		}
		word, next, err := lexWord(line, i)
		if err != nil {
			return nil, err
		}
		words = append(words, word)
		i = next
	}
}

// allowed says whether a line may hold r. What is told of lines is shown on
// terminals: nothing may steer them, nor turn the order of what is read.
func allowed(r rune) bool {
	return r == '\t' || r == '\r' || unicode.IsPrint(r)
}

// lexWord reads the word that starts at i and returns where it ends.
func lexWord(line string, i int) (word string, next int, err error) {
	if line[i] == '"' {
		return lexQuoted(line, i)
	}
	start := i
	for i < len(line) && !isBlank(line[i]) {
		if line[i] == '"' {
			return "", 0, lexError(line, i, "a quote inside a word; quote the whole word")
		}
		i++
	}
	return line[start:i], i, nil
}

func lexQuoted(line string, start int) (word string, next int, err error) {
	var b strings.Builder
	for i := start + 1; i < len(line); i++ {
		switch line[i] {
		case '"':
			if i+1 < len(line) && !isBlank(line[i+1]) {
				return "", 0, lexError(line, i+1, "a blank is missing after the quote")
			}
			return b.String(), i + 1, nil
		case '\\':
			i++
			if i == len(line) || line[i] != '"' && line[i] != '\\' {
				return "", 0, lexError(line, i-1, `only \" and \\ are known inside quotes`)
			}
			b.WriteByte(line[i])
		default:
			b.WriteByte(line[i])
		}
	}
	return "", 0, lexError(line, start, "the quote is not closed")
}

// lexError names the column, counted in bytes from 1, and what stands there.
func lexError(line string, at int, what string) error {
	rest := line[at:]
	if len(rest) > 20 {
		rest = rest[:20] + "..."
	}
	return refuse(`words are split by blanks; "a b" is one word`, "column %d, at %q: %s", at+1, rest, what)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// Quote writes a word so that it is read back as that one word, whatever
// blanks, quotes or # it holds. Control characters are beyond the language.
func Quote(word string) string {
	if word != "" && word[0] != '#' && !strings.ContainsAny(word, " \t\r\"") {
		return word
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(word) + `"`
}
