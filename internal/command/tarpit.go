// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"math"
	"strconv"
	"strings"

	"cygnet/internal/config"
)

func tarpitSettings() []setting {
	return []setting{
		global("tarpit_policy", "[verify|immediate|observe]", "when an address is captured: once nobody answers for it, at once, or never (only told)",
			func(c *config.Config) *string { return &c.Tarpit.Policy }, oneOf("verify", "immediate", "observe")).undoable(),
		global("tarpit_mode", "[persist|synack|sink]", "how a caught client is held",
			func(c *config.Config) *string { return &c.Tarpit.Mode }, oneOf("persist", "synack", "sink")).undoable(),
		global("tarpit_ports", "[all|P,P-P...|plausible:K]", "which ports of a captured address are open",
			func(c *config.Config) *string { return &c.Tarpit.Ports }, portSet()).undoable(),
		global("tarpit_hook", "[PROGRAM]", "run this program for a caught client",
			func(c *config.Config) *string { return &c.Tarpit.Hook }, path()).marked(OwnerOnly).undoable(),
		global("tarpit_accept", "[FILE]", "write a line there for each verified client, as endlessh does",
			func(c *config.Config) *string { return &c.Tarpit.Accept }, path()).marked(OwnerOnly).undoable(),
	}
}

// portSet is `all`, ports and ranges with commas between them, or
// `plausible:K`. It is kept as written.
func portSet() codec[string] {
	return codec[string]{
		read: func(_ *session, what string, args []string) (string, []string, error) {
			if _, ok := config.ParsePorts(args[0]); !ok {
				return "", nil, refuse("it is written all, 22,80,8000-8080 or plausible:6", "%s %s: not a set of ports", what, quoted(args[0]))
			}
			return args[0], args[1:], nil
		},
		write: func(v string) string { return v },
	}
}

// ignored is [from PREFIX] [to PREFIX] [port P], at least one of them.
func ignored() codec[config.Ignore] {
	return codec[config.Ignore]{
		read: func(s *session, what string, args []string) (v config.Ignore, rest []string, err error) {
			for rest = args; len(rest) > 0 && err == nil; {
				key := rest[0]
				if len(rest) == 1 {
					return v, nil, missing(what+" "+quoted(key), "a value")
				}
				switch key {
				case "from":
					v.From, rest, err = s.prefix(what+" from", rest[1:])
				case "to":
					v.To, rest, err = s.prefix(what+" to", rest[1:])
				case "port":
					v.Port, err = port(what+" port", rest[1], "tcp")
					rest = rest[2:]
				default:
					err = refuse("", "%s %s: neither from nor to nor port", what, quoted(key))
				}
			}
			if err == nil && v == (config.Ignore{}) {
				err = refuse("", "%s: it would match everything", what)
			}
			return v, rest, err
		},
		write: func(v config.Ignore) string {
			var words []string
			if v.From.IsValid() {
				words = append(words, "from "+prefixWords(v.From))
			}
			if v.To.IsValid() {
				words = append(words, "to "+prefixWords(v.To))
			}
			if v.Port != 0 {
				words = append(words, "port "+strconv.Itoa(int(v.Port)))
			}
			return strings.Join(words, " ")
		},
	}
}

// tarpitCommands are those that are no plain settings.
func tarpitCommands() []Command {
	large := func(on bool) func(*session, []string) error {
		return func(s *session, args []string) error {
			s.cfg.Tarpit.AllowLarge = on
			s.key = "tarpit_allow_large"
			if on {
				s.say("tarpit_allow_large")
			} else {
				s.say("no tarpit_allow_large")
			}
			return done("tarpit_allow_large", args)
		}
	}
	return []Command{
		{Name: "tarpit_allow_large", Help: "let an entry of the tarpit's list permit more than 4096 IPv4 or 65536 IPv6 addresses, and its default IPv6", Group: Global, run: large(true)},
		{Name: "no tarpit_allow_large", Help: "undo tarpit_allow_large", Group: Global, run: large(false)},
		{Name: "tarpit_limit", Args: "[NAME [N|off]]", Help: "how much the tarpit answers at most: " + strings.Join(limitNames(), ", "),
			Group: Global, run: runTarpitLimit, asksAlone: true},
		{Name: "no tarpit_limit", Args: "[NAME]", Help: "go back to the limit of that name as it was, or to all", Group: Global, run: runNoTarpitLimit},
	}
}

// limitNames are what the tarpit can be held to, each a second: answers to one
// source, to one network, in all, bits in all, ARP answers, verifications.
func limitNames() (names []string) {
	for _, l := range config.Limits() {
		names = append(names, l.Name)
	}
	return names
}

// limitOf finds the limit of that name.
func limitOf(what, word string) (config.Limit, error) {
	for _, l := range config.Limits() {
		if l.Name == word {
			return l, nil
		}
	}
	return config.Limit{}, refuse("limits are: "+strings.Join(limitNames(), ", "), "%s %s: no such limit", what, quoted(word))
}

func runTarpitLimit(s *session, args []string) error {
	const what = "tarpit_limit"
	if len(args) == 0 {
		s.sayLimits()
		return nil
	}
	l, err := limitOf(what, args[0])
	if err != nil {
		return err
	}
	s.key = what + " " + l.Name
	said, rest := s.key, args[1:]
	if len(rest) > 0 {
		n, err := limitNumber(said, rest[0])
		if err != nil {
			return err
		}
		s.setLimit(l, n)
		said, rest = said+" "+rest[0], rest[1:]
	}
	s.sayLimit(l)
	return done(said, rest)
}

// limitNumber reads N or off. None a second would be no tarpit.
func limitNumber(what, word string) (int, error) {
	if word == "off" {
		return config.NoLimit, nil
	}
	n, err := number(what, word, math.MaxInt32)
	if err == nil && n == 0 {
		err = refuse("no limit is `off`; to answer nothing: tarpit_policy observe", "%s 0: not a number from 1", what)
	}
	return n, err
}

// setLimit says n of l. What is the default is not written.
func (s *session) setLimit(l config.Limit, n int) {
	t := &s.cfg.Tarpit
	if n == l.Default {
		if delete(t.Limits, l.Name); len(t.Limits) == 0 {
			t.Limits = nil
		}
		return
	}
	if t.Limits == nil {
		t.Limits = map[string]int{}
	}
	t.Limits[l.Name] = n
}

// sayLimits tells what all limits are, the defaults too.
func (s *session) sayLimits() {
	for _, l := range config.Limits() {
		s.sayLimit(l)
	}
}

func (s *session) sayLimit(l config.Limit) {
	s.say("%s %s", l.Name, limitWord(s.cfg.Tarpit.Limit(l)))
}

func limitWord(n int) string {
	if n == config.NoLimit {
		return "off"
	}
	return strconv.Itoa(n)
}

func runNoTarpitLimit(s *session, args []string) error {
	const what = "no tarpit_limit"
	if len(args) == 0 {
		s.cfg.Tarpit.Limits = nil
		s.sayLimits()
		return nil
	}
	l, err := limitOf(what, args[0])
	if err != nil {
		return err
	}
	s.key = "tarpit_limit " + l.Name
	s.setLimit(l, l.Default)
	s.sayLimit(l)
	return done(what+" "+l.Name, args[1:])
}
