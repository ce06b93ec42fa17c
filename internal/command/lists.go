// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"cygnet/acl"
	"cygnet/internal/config"
)

func listCommands() []Command {
	return []Command{
		{Name: "acl", Args: "LIST [at POS] permit|deny PREFIX | country CC [force], or acl LIST default permit|deny, or acl LIST",
			Help:  "add an entry to an access list, say what an address that matches none gets, or show the list with its hits",
			Group: Global, run: runACL, act: showList, asks: func(args []string) bool { return len(args) == 1 }},
		{Name: "no acl", Args: "LIST [permit|deny PREFIX | permit|deny country CC | at POS | default]",
			Help: "empty a list, or take out one entry or its default", Group: Global, run: runNoACL},
	}
}

// listSettings are the references to lists.
func listSettings() []setting {
	return []setting{
		global("tarpit_acl", "[LIST|-1]", "capture the addresses that the list permits; -1 is none",
			func(c *config.Config) *string { return &c.TarpitList }, tarpitList()).undoable().behind(),
		global("control_acl", "[LIST]", "the list of TCP clients that may give commands",
			func(c *config.Config) *string { return &c.ControlList }, listReference(config.SubjectControl)).behind(),
	}
}

// listReference is LIST where a list is named that others write.
func listReference(subject string) codec[string] {
	return codec[string]{
		read: func(s *session, what string, args []string) (string, []string, error) {
			name, err := s.listName(what, args[0])
			s.mark(subject)
			return name, args[1:], err
		},
		write: func(v string) string { return v },
	}
}

// tarpitList is LIST, or -1 for none, as Pen says it.
func tarpitList() codec[string] {
	c := listReference(config.SubjectTarpit)
	read := c.read
	c.read = func(s *session, what string, args []string) (string, []string, error) {
		if args[0] == "-1" {
			s.mark(config.SubjectTarpit)
			return "", args[1:], nil
		}
		return read(s, what, args)
	}
	c.write = func(v string) string {
		if v == "" {
			return "-1"
		}
		return v
	}
	return c
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
	list := s.list(name)
	if len(args) > 0 && args[0] == "default" {
		s.key = what + " default"
		return setDefault(list, what, args[1:])
	}
	pos, args, err := insertion(list, what, args)
	if err != nil {
		return err
	}
	rule, rest, err := s.rule(what, args)
	if err != nil {
		return err
	}
	force := len(rest) > 0 && rest[0] == "force"
	if force {
		rest = rest[1:]
	}
	if err := done(what+" "+ruleWords(rule), rest); err != nil {
		return err
	}
	s.key = what + " " + ruleWords(rule)
	return s.careful(name, list, force, func() error {
		return list.Insert(pos, rule)
	})
}

// insertion reads [at POS]; without it, an entry goes to the end.
func insertion(list *acl.List, what string, args []string) (pos int, rest []string, err error) {
	end := list.Len() + 1
	if len(args) == 0 || args[0] != "at" {
		return end, args, nil
	}
	if pos, rest, err = position(what+" at", args[1:]); err == nil && pos > end {
		err = refuse("positions are counted from 1", "%s at %d: the list has only %d entries", what, pos, list.Len())
	}
	return pos, rest, err
}

// careful makes a change of a list, and refuses it where a single line, given
// to a running Cygnet without `force`, turns round what the tarpit captures of
// the addresses that match nothing: one `deny` after permits makes "only
// these" into "all but that one".
func (s *session) careful(name string, list *acl.List, force bool, change func() error) error {
	if force || !s.live || s.many || name != s.cfg.TarpitList {
		return s.noteFlip(name, list, change)
	}
	before := rest(list)
	if err := change(); err != nil {
		return err
	}
	if list.Len() == 0 || before == rest(list) {
		return nil
	}
	return refuse("end the line with `force` if that is meant; or say `acl "+name+" default "+before.String()+"` first",
		"acl %s: what matches no entry would turn from %s to %s, and the tarpit uses this list", name, before, rest(list))
}

// noteFlip makes a change of a list, and tells when it turns round what an
// address gets that matches no entry.
func (s *session) noteFlip(name string, list *acl.List, change func() error) error {
	before, had := list.Default(), list.Len() > 0
	err := change()
	if _, explicit := list.ExplicitDefault(); err == nil && s.live && had && !explicit && list.Len() > 0 && before != list.Default() {
		s.note("acl %s: what matches no entry gets %s now, and got %s before", name, list.Default(), before)
	}
	return err
}

// rest is what the tarpit makes of addresses that match no entry of a list:
// without entries it captures nothing, whatever the default is.
func rest(list *acl.List) acl.Action {
	if list.Len() == 0 {
		return acl.Deny
	}
	return list.Default()
}

func setDefault(list *acl.List, what string, args []string) error {
	what += " default"
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
	s.key = "acl " + name
	list := s.list(name)
	force := len(args) > 0 && args[len(args)-1] == "force"
	if force {
		args = args[:len(args)-1]
	}
	return s.careful(name, list, force, func() error { return s.unlist(list, what, args) })
}

func (s *session) unlist(list *acl.List, what string, args []string) error {
	if len(args) == 0 {
		list.Clear()
		return nil
	}
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
	return done(what+" "+ruleWords(rule), rest)
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
