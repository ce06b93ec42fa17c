// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"slices"
	"strconv"
	"strings"

	"cygnet/internal/command"
	"cygnet/internal/config"
)

// flag is one option of the command line. Pen's have a letter; the name of
// those that need no other is the letter, too.
type flag struct {
	letter, name string
	value        bool // a value follows
	run          func(inv *invocation, value string) *config.Problem
}

// String is how messages call f.
func (f flag) String() string {
	if f.letter != "" {
		return "-" + f.letter
	}
	return "--" + f.name
}

// flags is the table of all options: ours, those of Pen's that are commands,
// that do nothing here, that a later version has, and that can never be.
func flags() []flag {
	return slices.Concat(ourFlags(), commandFlags(), idleFlags(), laterFlags(), refusedFlags())
}

func ourFlags() []flag {
	return []flag{
		{"f", "f", false, func(inv *invocation, _ string) *config.Problem { inv.foreground = true; return nil }},
		{"U", "udp", false, func(inv *invocation, _ string) *config.Problem { inv.udp = true; return nil }},
		{"", "no-tui", false, func(*invocation, string) *config.Problem { return nil }}, // no other view is built yet
		{"", "log-format", true, func(inv *invocation, format string) *config.Problem {
			if format != "text" && format != "json" {
				return &config.Problem{What: "--log-format " + strconv.Quote(format) + ": neither text nor json"}
			}
			inv.logFormat = format
			return nil
		}},
	}
}

// commandFlags are the options that are another way to say a line.
func commandFlags() []flag {
	var table []flag
	alias := func(letter, name, line string) {
		table = append(table, flag{letter, name, false, func(inv *invocation, _ string) *config.Problem {
			inv.add("-"+letter, line)
			return nil
		}})
	}
	alias("h", "hash", "hash")
	alias("N", "N", "hash") // Pen: hash, and do not remember the client; nothing is remembered here
	alias("r", "roundrobin", "roundrobin")
	alias("W", "weight", "weight")
	alias("s", "stubborn", "stubborn")
	for _, letter := range []string{"O", "o"} {
		table = append(table, flag{letter, letter, true, func(inv *invocation, line string) *config.Problem {
			inv.add("-"+letter, line)
			return nil
		}})
	}
	return append(table, flag{"d", "debug", false, func(inv *invocation, _ string) *config.Problem {
		inv.debug = min(inv.debug+1, config.MaxDebug)
		inv.add("-d", "debug "+strconv.Itoa(inv.debug))
		return nil
	}})
}

func (inv *invocation) add(origin, text string) {
	inv.lines = append(inv.lines, command.Line{Text: text, Origin: origin})
}

// idleFlags are Pen's options that its proxy needs or that it gave up.
func idleFlags() []flag {
	var table []flag
	idle := func(letters string, value bool, why string) {
		for _, letter := range strings.Split(letters, "") {
			table = append(table, flag{letter, letter, value, func(inv *invocation, _ string) *config.Problem {
				if note := "-" + letter + ": without effect: " + why; !slices.Contains(inv.notes, note) {
					inv.notes = append(inv.notes, note)
				}
				return nil
			}})
		}
	}
	idle("a", false, "frames are never dumped")
	idle("nD", false, "Cygnet forwards frames and has no connections of its own")
	idle("PQ", false, "Cygnet has no event loop to choose")
	idle("S", true, "the table of servers needs no size")
	idle("mq", true, "Cygnet forwards frames and accepts no connections")
	return table
}

// laterFlags are the options of versions to come. Taking one in silence would
// let the operator rely on what does not happen.
func laterFlags() []flag {
	const leave = "a later version of Cygnet will have it; leave it out"
	var table []flag
	later := func(letter, name string, value bool, hint string) {
		f := flag{letter: letter, name: name, value: value}
		f.run = func(*invocation, string) *config.Problem {
			return &config.Problem{What: f.String() + ": not built yet", Hint: hint}
		}
		table = append(table, f)
	}
	later("F", "F", true, `until then give each line of the file with -O "LINE"`)
	later("l", "l", true, "until then the log is on standard error: 2>FILE")
	later("p", "p", true, "until then the shell knows the process id: $!")
	for _, letter := range strings.Split("CTbteBcxwuj", "") {
		later(letter, letter, true, leave)
	}
	later("X", "X", false, leave)
	for _, name := range []string{"socket", "metrics", "events", "engine", "workers", "glyphs"} {
		later("", name, true, leave)
	}
	later("", "read-only", false, leave)
	return table
}

// refusedFlags are the options that direct server return cannot have.
func refusedFlags() []flag {
	var table []flag
	refuse := func(letters string, value bool, why, hint string) {
		for _, letter := range strings.Split(letters, "") {
			table = append(table, flag{letter, letter, value, func(*invocation, string) *config.Problem {
				return &config.Problem{What: "-" + letter + ": " + why, Hint: hint}
			}})
		}
	}
	const tls = "TLS ends in a proxy; direct server return never sees the reply"
	refuse("EKGAL", true, tls, "let the servers do TLS")
	refuse("ZR", false, tls, "let the servers do TLS")
	refuse("H", false, "a header is added by a proxy; direct server return forwards frames unchanged",
		"servers see the client's own address without it")
	refuse("i", true, "Windows services are Pen's alone", "leave it out")
	return table
}
