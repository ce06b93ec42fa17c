// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"slices"
	"strings"
	"time"

	"cygnet/internal/config"
)

const checkArgs = "[arp|tcp|http|https|dns|none [interval SEC|timeout SEC|jitter SEC|rise N|fall N|path P|host H|status N|name N|type T|expect E]... [body TEXT...]]"

const checkHelp = "how the servers' health is found out: all but arp ask at the VIP, from `source`, each server by its own MAC address"

// kindWords are the settings that each kind of check has.
func kindWords(kind string) []string {
	timing := []string{"interval", "timeout", "jitter", "rise", "fall"}
	switch kind {
	case "none":
		return nil
	case "http", "https":
		return append(timing, "path", "host", "status", "body")
	case "dns":
		return append(timing, "name", "type", "expect")
	}
	return timing
}

// checkWord is one pair of `check`: its word, how its value is read, and what
// it is now, empty where that is the default.
type checkWord struct {
	word  string
	read  func(s *session, v *config.Service, what string, args []string) error
	write func(v, initial *config.Service) string
}

func checkWords() []checkWord {
	return []checkWord{
		checkPair("interval", func(v *config.Service) *time.Duration { return &v.Check.Interval }, seconds(time.Millisecond)),
		checkPair("timeout", func(v *config.Service) *time.Duration { return &v.Timeout }, seconds(time.Millisecond)),
		checkPair("jitter", func(v *config.Service) *time.Duration { return &v.Check.Jitter }, seconds(0)),
		checkPair("rise", func(v *config.Service) *int { return &v.Check.Rise }, wholeNumber(1, 100)),
		checkPair("fall", func(v *config.Service) *int { return &v.Check.Fall }, wholeNumber(1, 100)),
		checkPair("path", func(v *config.Service) *string { return &v.Check.Path }, path()),
		checkPair("host", func(v *config.Service) *string { return &v.Check.Host }, path()),
		checkPair("status", func(v *config.Service) *int { return &v.Check.Status }, wholeNumber(200, 599)), // RFC 9110 section 15; those of 1xx are not final
		checkPair("name", func(v *config.Service) *string { return &v.Check.Name }, path()),
		checkPair("type", func(v *config.Service) *string { return &v.Check.Type }, oneOf("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")),
		checkPair("expect", func(v *config.Service) *string { return &v.Check.Expect }, path()),
	}
}

func checkPair[T comparable](word string, field func(*config.Service) *T, c codec[T]) checkWord {
	return checkWord{
		word: word,
		read: func(s *session, v *config.Service, what string, args []string) error {
			value, _, err := c.read(s, what+" "+word, args)
			if err == nil {
				*field(v) = value
			}
			return err
		},
		write: func(v, initial *config.Service) string {
			if *field(v) == *field(initial) {
				return ""
			}
			return word + " " + c.write(*field(v))
		},
	}
}

// runCheck reads a check as a whole: what is not said is the default.
func runCheck(s *session, args []string) error {
	if len(args) > 0 {
		v := s.current()
		kind, rest, err := oneOf("arp", "tcp", "http", "https", "dns", "none").read(s, s.in("check"), args)
		if err != nil {
			return err
		}
		checked := *v
		checked.Check = config.NewService("").Check
		checked.Check.Kind = kind
		if err := s.checkPairs(&checked, s.in("check %s", kind), rest); err != nil {
			return err
		}
		*v = checked
		s.mark(config.SubjectCheck(s.service))
	}
	s.sayCheck()
	return nil
}

func (s *session) sayCheck() {
	v := s.asked()
	if v.Check.Kind == "" {
		v.Check.Kind = s.cfg.CheckKind(&v)
	}
	s.say("%s", strings.TrimPrefix(checkLine(&v), "check "))
}

func runNoCheck(s *session, args []string) error {
	if v := s.cfg.Service(s.service); v != nil {
		v.Check = config.NewService("").Check
	}
	s.sayCheck()
	return done(s.in("no check"), args)
}

func (s *session) checkPairs(v *config.Service, what string, args []string) error {
	words, fitting := checkWords(), kindWords(v.Check.Kind)
	for ; len(args) > 0; args = args[2:] {
		if i := slices.IndexFunc(words, func(w checkWord) bool { return w.word == args[0] }); (i >= 0 || args[0] == "body") && !slices.Contains(fitting, args[0]) {
			return noneOfCheck(what, v.Check.Kind, args[0], fitting)
		}
		if args[0] == "body" {
			if v.Check.Body = strings.Join(args[1:], " "); v.Check.Body == "" {
				return missing(what+" body", "TEXT")
			}
			return nil
		}
		i := slices.IndexFunc(words, func(w checkWord) bool { return w.word == args[0] })
		if i < 0 {
			names := []string{"body"}
			for _, w := range words {
				names = append(names, w.word)
			}
			hint := ""
			if near := Nearest(args[0], names); near != "" {
				hint = "did you mean " + near + "?"
			}
			return refuse(hint, "%s %s: no such setting of a check", what, quoted(args[0]))
		}
		if len(args) == 1 {
			return missing(what+" "+args[0], "a value")
		}
		if err := words[i].read(s, v, what, args[1:]); err != nil {
			return err
		}
	}
	return nil
}

// noneOfCheck refuses a setting of another kind of check.
func noneOfCheck(what, kind, word string, fitting []string) error {
	hint := "check " + kind + " has: " + strings.Join(fitting, ", ")
	if len(fitting) == 0 {
		hint = "check none has no settings"
	}
	return refuse(hint, "%s %s: not a setting of this kind of check", what, word)
}

// checkLine is the line that says the check of v; empty where nobody has said
// one.
func checkLine(v *config.Service) string {
	if v.Check.Kind == "" {
		return ""
	}
	kind := v.Check.Kind
	initial := config.NewService("")
	initial.Timeout = v.Timeout // has a line of its own
	line := "check " + kind
	for _, w := range checkWords() {
		if words := w.write(v, &initial); words != "" {
			line += " " + words
		}
	}
	if v.Check.Body != "" {
		line += " body " + Quote(v.Check.Body)
	}
	return line
}
