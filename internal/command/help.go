// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"fmt"
	"strings"
)

// Help returns the commands of a group as lines of at most 80 columns or so:
// what is written, and below it what that does.
func Help(g Group) string {
	var b strings.Builder
	for _, c := range Commands() {
		if c.Group == g && !strings.HasPrefix(c.Name, "no ") {
			b.WriteString(helpOf(c))
		}
	}
	return b.String()
}

func helpOf(c Command) string {
	return Wrap(strings.TrimSpace(c.Name+" "+c.Args), 2, 8) + Wrap(c.Does(), 6, 6)
}

// Does is the command's help, and from when on it acts, if it does not at once.
func (c Command) Does() string {
	if c.Mark&NextStart != 0 {
		return c.Help + " (from the next start on)"
	}
	return c.Help
}

// columns is the width of the narrowest terminal that help is read on.
const columns = 80

// Wrap breaks text into lines of at most 80 columns, the first one indented by
// so many, the others by rest. Only a word that is longer alone stands out.
func Wrap(text string, first, rest int) string {
	var b strings.Builder
	indent, at := first, 0
	for _, word := range breakable(text) {
		switch {
		case at == 0:
			at = indent + len(word)
			b.WriteString(strings.Repeat(" ", indent) + word)
		case at+1+len(word) > columns:
			indent = rest
			at = indent + len(word)
			b.WriteString("\n" + strings.Repeat(" ", indent) + word)
		default:
			at += 1 + len(word)
			b.WriteString(" " + word)
		}
	}
	return b.String() + "\n"
}

// breakable splits text where a line may end: at blanks, and behind a | where
// a notation would be too long for any line.
func breakable(text string) (words []string) {
	const long = columns - 16
	for _, word := range strings.Fields(text) {
		for len(word) > long && strings.Contains(word[:long], "|") {
			i := strings.LastIndex(word[:long], "|") + 1
			words, word = append(words, word[:i]), word[i:]
		}
		words = append(words, word)
	}
	return words
}

// help answers `help [COMMAND]`.
func help(_ Actor, c Call) (string, error) {
	if len(c.Args) == 0 {
		var b strings.Builder
		for g := Global; g <= Pen; g++ {
			fmt.Fprintf(&b, "%s:\n%s", g.Title(), Help(g))
		}
		return b.String(), nil
	}
	name := strings.Join(c.Args, " ")
	var b strings.Builder
	var names []string
	for _, cmd := range Commands() {
		names = append(names, cmd.Name)
		if cmd.Name == name || cmd.Name == "no "+name {
			b.WriteString(helpOf(cmd))
		}
	}
	if b.Len() == 0 {
		hint := "see: help"
		if near := Nearest(name, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		return "", refuse(hint, "help %s: no such command", quoted(name))
	}
	return b.String(), nil
}
