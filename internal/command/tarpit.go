// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"cygnet/internal/config"
)

func tarpitSettings() []setting {
	return []setting{
		global("tarpit_policy", "[verify|immediate|observe]", "when an address is captured: once nobody answers for it, at once, or never (only told)",
			func(c *config.Config) *string { return &c.Tarpit.Policy }, oneOf("verify", "immediate", "observe")).marked(Unbuilt).undoable(),
		global("tarpit_mode", "[persist|synack|sink]", "how a caught client is held",
			func(c *config.Config) *string { return &c.Tarpit.Mode }, oneOf("persist", "synack", "sink")).marked(Unbuilt).undoable(),
		global("tarpit_ports", "[all|P,P-P...|plausible:K]", "which ports of a captured address are open",
			func(c *config.Config) *string { return &c.Tarpit.Ports }, portSet()).marked(Unbuilt).undoable(),
		global("tarpit_hook", "[PROGRAM]", "run this program for a caught client",
			func(c *config.Config) *string { return &c.Tarpit.Hook }, path()).marked(OwnerOnly | Unbuilt).undoable(),
		global("tarpit_accept", "[FILE]", "write a line there for each verified client, as endlessh does",
			func(c *config.Config) *string { return &c.Tarpit.Accept }, path()).marked(OwnerOnly | Unbuilt).undoable(),
	}
}

// portSet is `all`, ports and ranges with commas between them, or
// `plausible:K`. It is kept as written.
func portSet() codec[string] {
	return codec[string]{
		read: func(_ *session, what string, args []string) (string, []string, error) {
			if !isPortSet(args[0]) {
				return "", nil, refuse("it is written all, 22,80,8000-8080 or plausible:6", "%s %s: not a set of ports", what, quoted(args[0]))
			}
			return args[0], args[1:], nil
		},
		write: func(v string) string { return v },
	}
}

func isPortSet(word string) bool {
	const maxPlausible = 100 // all ports open is what gives a tarpit away
	if k, ok := strings.CutPrefix(word, "plausible:"); ok {
		n, ok := decimal(k, maxPlausible)
		return ok && n > 0
	}
	if word == "all" {
		return true
	}
	for part := range strings.SplitSeq(word, ",") {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		a, ok := decimal(low, math.MaxUint16)
		b, ok2 := decimal(high, math.MaxUint16)
		if !ok || !ok2 || a == 0 || b < a {
			return false
		}
	}
	return true
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
		{Name: "tarpit_allow_large", Help: "let an entry permit more than 4096 captured addresses", Group: Global, Mark: Unbuilt, run: large(true)},
		{Name: "no tarpit_allow_large", Help: "undo tarpit_allow_large", Group: Global, run: large(false)},
		{Name: "tarpit_limit", Args: "[NAME [N|off]]", Help: "how much the tarpit answers at most: " + strings.Join(limitNames(), ", "),
			Group: Global, Mark: Unbuilt, run: runTarpitLimit, asksAlone: true},
		{Name: "no tarpit_limit", Args: "[NAME]", Help: "go back to the limit of that name as it was, or to all", Group: Global, run: runNoTarpitLimit},
	}
}

// limitNames are what the tarpit can be held to, each a second: answers to one
// source, to one network, in all, bits in all, ARP answers, verifications.
func limitNames() []string {
	return []string{"source", "network", "total", "bits", "arp", "verify"}
}

func limitName(what, word string) error {
	if !slices.Contains(limitNames(), word) {
		return refuse("limits are: "+strings.Join(limitNames(), ", "), "%s %s: no such limit", what, quoted(word))
	}
	return nil
}

func runTarpitLimit(s *session, args []string) error {
	const what = "tarpit_limit"
	if len(args) > 0 {
		if err := limitName(what, args[0]); err != nil {
			return err
		}
		s.key = what + " " + args[0]
	}
	if len(args) > 1 {
		n := config.NoLimit
		if args[1] != "off" {
			var err error
			if n, err = number(what+" "+args[0], args[1], math.MaxInt32); err != nil {
				return err
			}
		}
		if s.cfg.Tarpit.Limits == nil {
			s.cfg.Tarpit.Limits = map[string]int{}
		}
		s.cfg.Tarpit.Limits[args[0]] = n
		if err := done(what+" "+args[0]+" "+args[1], args[2:]); err != nil {
			return err
		}
	}
	s.sayLimits(args)
	return nil
}

// sayLimits tells the limit that words begin with, or all.
func (s *session) sayLimits(words []string) {
	said := false
	for _, name := range slices.Sorted(maps.Keys(s.cfg.Tarpit.Limits)) {
		if len(words) == 0 || words[0] == name {
			s.say("%s %s", name, limitWord(s.cfg.Tarpit.Limits[name]))
			said = true
		}
	}
	if !said {
		s.say("no tarpit_limit")
	}
}

func limitWord(n int) string {
	if n == config.NoLimit {
		return "off"
	}
	return strconv.Itoa(n)
}

func runNoTarpitLimit(s *session, args []string) error {
	if len(args) == 0 {
		s.cfg.Tarpit.Limits = nil
		s.sayLimits(nil)
		return nil
	}
	if err := limitName("no tarpit_limit", args[0]); err != nil {
		return err
	}
	s.key = "tarpit_limit " + args[0]
	delete(s.cfg.Tarpit.Limits, args[0])
	if len(s.cfg.Tarpit.Limits) == 0 {
		s.cfg.Tarpit.Limits = nil
	}
	s.sayLimits(args)
	return done("no tarpit_limit "+args[0], args[1:])
}
