// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"math"

	"cygnet/acl"
	"cygnet/internal/config"
)

func listCommands() []Command {
	return []Command{
		{"acl", "LIST [at POS] permit|deny PREFIX, or acl LIST default permit|deny",
			"add an entry to an access list, or say what an address that matches none gets", Global, runACL},
		{"no acl", "LIST [permit|deny PREFIX | at POS | default]",
			"empty a list, or take out one entry or its default", Global, runNoACL},
		{"tarpit_acl", "[LIST|-1]", "capture the addresses that the list permits; -1 is none", Global, runTarpitACL},
		{"no tarpit_acl", "", "capture nothing", Global, runNoTarpitACL},
	}
}

func runACL(s *session, args []string) error {
	if len(args) == 0 {
		return missing("acl", "LIST")
	}
	name, err := s.listName("acl", args[0])
	if err != nil {
		return err
	}
	what, args := "acl "+name, args[1:]
	list := s.cfg.List(name)
	if len(args) > 0 && args[0] == "default" {
		return setDefault(list, what+" default", args[1:])
	}
	pos := 0
	if len(args) > 0 && args[0] == "at" {
		if pos, args, err = position(what+" at", args[1:]); err != nil {
			return err
		}
		if pos > list.Len()+1 {
			return refuse("positions are counted from 1", "%s at %d: the list has only %d entries", what, pos, list.Len())
		}
	}
	rule, rest, err := s.rule(what, args)
	if err != nil {
		return err
	}
	// `force` is for a change while running that flips the implied default of
	// a list in use; a transaction is its own `begin ... commit`.
	if len(rest) > 0 && rest[0] == "force" {
		rest = rest[1:]
	}
	if err := done(what+" "+rule.Action.String()+" "+rule.Prefix.String(), rest); err != nil {
		return err
	}
	if pos == 0 {
		list.Append(rule)
		return nil
	}
	return list.Insert(pos, rule)
}

func setDefault(list *acl.List, what string, args []string) error {
	a, err := action(what, args)
	if err != nil {
		return err
	}
	list.SetDefault(a)
	return done(what+" "+args[0], args[1:])
}

func runNoACL(s *session, args []string) error {
	if len(args) == 0 {
		return missing("no acl", "LIST")
	}
	name, err := s.listName("no acl", args[0])
	if err != nil {
		return err
	}
	what, args := "no acl "+name, args[1:]
	if len(args) == 0 {
		s.cfg.Lists[name] = &acl.List{}
		return nil
	}
	list := s.cfg.List(name)
	switch args[0] {
	case "default":
		list.ClearDefault()
		return done(what+" default", args[1:])
	case "at":
		return removeAt(list, what+" at", args[1:])
	}
	rule, rest, err := s.rule(what, args)
	if err != nil {
		return err
	}
	list.Remove(rule)
	return done(what+" "+rule.Action.String()+" "+rule.Prefix.String(), rest)
}

// removeAt takes out an entry; as always, `no` of what is not there is right.
func removeAt(list *acl.List, what string, args []string) error {
	pos, rest, err := position(what, args)
	if err != nil {
		return err
	}
	if err := done(what+" "+args[0], rest); err != nil || pos > list.Len() {
		return err
	}
	return list.RemoveAt(pos)
}

// rule reads `permit|deny PREFIX`.
func (s *session) rule(what string, args []string) (acl.Rule, []string, error) {
	a, err := action(what, args)
	if err != nil {
		return acl.Rule{}, nil, err
	}
	what, args = what+" "+args[0], args[1:]
	if len(args) > 0 && args[0] == "country" {
		return acl.Rule{}, nil, refuse("write the prefixes", "%s country: needs geoip, which this version does not have", what)
	}
	p, rest, err := s.prefix(what, args)
	return acl.Rule{Action: a, Prefix: p}, rest, err
}

func action(what string, args []string) (acl.Action, error) {
	if len(args) == 0 {
		return acl.Deny, missing(what, "permit or deny")
	}
	switch args[0] {
	case "permit":
		return acl.Permit, nil
	case "deny":
		return acl.Deny, nil
	}
	return acl.Deny, refuse("", "%s %s: neither permit nor deny", what, quoted(args[0]))
}

// position reads POS, from 1.
func position(what string, args []string) (pos int, rest []string, err error) {
	if len(args) == 0 {
		return 0, nil, missing(what, "POS")
	}
	pos, ok := decimal(args[0], math.MaxInt32)
	if !ok || pos == 0 {
		return 0, nil, refuse("", "%s %s: not a position, counted from 1", what, quoted(args[0]))
	}
	return pos, args[1:], nil
}

func runTarpitACL(s *session, args []string) error {
	if len(args) == 0 {
		return nil
	}
	name := ""
	if args[0] != "-1" {
		var err error
		if name, err = s.listName("tarpit_acl", args[0]); err != nil {
			return err
		}
	}
	s.cfg.TarpitList = name
	s.mark(config.SubjectTarpit)
	return done("tarpit_acl "+args[0], args[1:])
}

func runNoTarpitACL(s *session, args []string) error {
	s.cfg.TarpitList = ""
	return done("no tarpit_acl", args)
}
