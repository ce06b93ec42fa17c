// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"slices"
	"strconv"

	"cygnet/internal/config"
	"cygnet/tui"
)

// viewFlags are how the dashboard is wanted. They are about this terminal, and
// no lines of the language.
type viewFlags struct {
	none     bool   // log only
	readOnly bool   // shows, and changes nothing
	glyphs   string // a set's word, empty to find out
}

// viewTable are the flags of the dashboard.
func viewTable() []flag {
	return append([]flag{{"", "no-tui", "", "log only, no dashboard", func(inv *invocation, _ string) *config.Problem {
		inv.view.none = true
		return nil
	}}}, attachTable()...)
}

// attachTable are those of a program that is nothing but a dashboard.
func attachTable() []flag {
	return []flag{
		{"", "glyphs", "utf8|console|ascii", "which characters the dashboard draws with; found out if not given",
			func(inv *invocation, word string) *config.Problem {
				if _, err := tui.ParseGlyphs(word); err != nil {
					return &config.Problem{What: "--" + err.Error(), Hint: "console is what every font of the Linux console has"}
				}
				inv.view.glyphs = word
				return nil
			}},
		{"", "read-only", "", "a dashboard that changes nothing", func(inv *invocation, _ string) *config.Problem {
			inv.view.readOnly = true
			return nil
		}},
	}
}

// parseView understands the arguments of a subcommand that shows a dashboard,
// with at most so many words besides its flags.
func (inv *invocation) parseView(name string, most int, table []flag) error {
	words, problems := inv.parseFlags(inv.words, table)
	switch {
	case inv.action == showHelp:
		return nil
	case len(words) > most && most > 0:
		problems = append(problems, &config.Problem{
			What: name + " " + strconv.Quote(words[most]) + ": nothing follows the socket", Hint: "it is written: cygnet " + name + " [SOCKET]",
		})
	case len(words) > most:
		problems = append(problems, nothingFollows(name, words[0]))
	}
	inv.words = slices.Clip(words)
	if len(problems) > 0 {
		return writtenError(problems)
	}
	return nil
}

func nothingFollows(name, word string) *config.Problem {
	return &config.Problem{What: name + " " + strconv.Quote(word) + ": nothing follows " + name, Hint: "a host of the name " + name + " is written after --"}
}
