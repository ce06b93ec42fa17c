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
	arg          string // what its value is called; empty takes none
	help         string // one line, no capital, no full stop
	run          func(inv *invocation, value string) *config.Problem
}

// String is how messages call f.
func (f flag) String() string {
	if f.letter != "" {
		return "-" + f.letter
	}
	return "--" + f.name
}

// flags is the table of all options: ours, those that are another way to say a
// line of the language, those of the dashboard, those of Pen's that do nothing
// here, and that can never be.
func flags() []flag {
	return slices.Concat(ourFlags(), modeFlags(), valueFlags(), viewTable(), idleFlags(), refusedFlags())
}

func ourFlags() []flag {
	do := func(f func(inv *invocation)) func(*invocation, string) *config.Problem {
		return func(inv *invocation, _ string) *config.Problem { f(inv); return nil }
	}
	return []flag{
		{"f", "f", "", "stay in the foreground, as Cygnet always does", do(func(inv *invocation) { inv.foreground = true })},
		{"U", "udp", "", "UDP instead of TCP", do(func(inv *invocation) { inv.udp = true })},
		{"X", "X", "", "allow the command `exit`", do(func(inv *invocation) { inv.mayExit = true })},
		{"F", "F", "FILE", "read lines of the command language from a file, after all others; as often as needed",
			func(inv *invocation, file string) *config.Problem {
				if file == "" {
					return &config.Problem{What: `-F "": no name of a file`}
				}
				inv.files = append(inv.files, file)
				return nil
			}},
		{"", "man", "", "print the manual page", do(func(inv *invocation) { inv.action = showMan })},
	}
}

// modeFlags are the options that are a line by themselves.
func modeFlags() []flag {
	alias := func(letter, name, line, help string) flag {
		return flag{letter, name, "", help, func(inv *invocation, _ string) *config.Problem {
			inv.add("-"+letter, line)
			return nil
		}}
	}
	return []flag{
		alias("h", "hash", "hash", "choose a server by the client's address; so it is without"),
		alias("N", "N", "hash", sameAgain), // Pen: hash, and do not remember the client; nothing is remembered here
		alias("r", "roundrobin", "roundrobin", "choose by the client's address and port"),
		alias("W", "weight", "weight", "choose by the servers' weights"),
		alias("s", "stubborn", "stubborn", "a client whose server cannot serve is given no other"),
		{"d", "debug", "", "log more; repeat for still more", func(inv *invocation, _ string) *config.Problem {
			inv.debug = min(inv.debug+1, config.MaxDebug)
			inv.add("-d", "debug "+strconv.Itoa(inv.debug))
			return nil
		}},
	}
}

// valueFlags are the options whose value is part of a line.
func valueFlags() []flag {
	line := func(letter, help string) flag {
		return flag{letter, letter, "COMMAND", help, func(inv *invocation, line string) *config.Problem {
			inv.add("-"+letter, line)
			return nil
		}}
	}
	alias := func(letter, name, arg, word, help string) flag {
		f := flag{letter: letter, name: name, arg: arg, help: help}
		f.run = func(inv *invocation, value string) *config.Problem {
			inv.add(f.String(), word+" "+command.Quote(value))
			return nil
		}
		return f
	}
	return []flag{
		line("O", "a line of the command language; as often as needed"),
		line("o", sameAgain),
		alias("C", "C", "ADDR", "control", "one more control socket: HOST:PORT, PORT on loopback, or a path"),
		alias("", "socket", "PATH", "socket", "the control socket, or none"),
		alias("T", "T", "SEC", "tracking", "how long a client keeps its server between flows; 0 is for ever"),
		alias("b", "b", "SEC", "blacklist", "how long a server is out when nothing else is said"),
		alias("t", "t", "SEC", "timeout", "how long a health check waits"),
		alias("e", "e", "HOST[:PORT]", "emergency", "who serves while no server can"),
		alias("B", "B", "HOST[:PORT]", "abuse", "who serves clients that client_acl refuses"),
		alias("c", "c", "N", "clients_max", "how many clients each worker has room for"),
		alias("x", "x", "N", "conn_max", "how many flows each worker has room for"),
		alias("l", "l", "FILE", "log", "where the log goes: a file, HOST:PORT, syslog or -"),
		alias("", "log-format", "FORMAT", "log_format", "text or json"),
		alias("p", "p", "FILE", "pidfile", "write the process id there"),
		alias("w", "w", "FILE", "web_stats", "keep a status page there, in HTML"),
		alias("u", "u", "USER", "user", "run as this user, with just the capabilities that are needed"),
		alias("j", "j", "DIR", "chroot", "after the start, see no files but those in this folder"),
		alias("", "metrics", "ADDR", "metrics", "serve metrics to Prometheus at HOST:PORT, or PORT on loopback"),
		alias("", "events", "FILE", "events", "write what happens to a file, as JSON lines"),
		alias("", "engine", "KIND", "engine", "auto, packet, ring, mmsg or kernel"),
		alias("", "workers", "N", "workers", "how many threads share the work"),
	}
}

func (inv *invocation) add(origin, text string) {
	inv.lines = append(inv.lines, command.Line{Text: text, Origin: origin})
}

// idleFlags are Pen's options that its proxy needs or that it gave up.
func idleFlags() []flag {
	var table []flag
	idle := func(letters, arg, why string) {
		for _, letter := range strings.Split(letters, "") {
			table = append(table, flag{letter, letter, arg, "without effect: " + why, func(inv *invocation, _ string) *config.Problem {
				if note := "-" + letter + ": without effect: " + why; !slices.Contains(inv.notes, note) {
					inv.notes = append(inv.notes, note)
				}
				return nil
			}})
		}
	}
	idle("a", "", "frames are never dumped")
	idle("nD", "", "Cygnet forwards frames and has no connections of its own")
	idle("PQ", "", "Cygnet has no event loop to choose")
	idle("S", "N", "the table of servers needs no size")
	idle("mq", "N", "Cygnet forwards frames and accepts no connections")
	return table
}

// sameAgain is the help of flags that --help leaves out.
const sameAgain = "the same"

// refusedFlags are the options that direct server return cannot have.
func refusedFlags() []flag {
	var table []flag
	refuse := func(letters, arg, why, hint string) {
		for _, letter := range strings.Split(letters, "") {
			table = append(table, flag{letter, letter, arg, "refused: " + why, func(*invocation, string) *config.Problem {
				return &config.Problem{What: "-" + letter + ": " + why, Hint: hint}
			}})
		}
	}
	const tls = "TLS ends in a proxy; direct server return never sees the reply"
	refuse("EKGAL", "VALUE", tls, "let the servers do TLS")
	refuse("ZR", "", tls, "let the servers do TLS")
	refuse("H", "", "a header is added by a proxy; direct server return forwards frames unchanged",
		"servers see the client's own address without it")
	refuse("i", "NAME", "Windows services are Pen's alone", "leave it out")
	return table
}
