// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package command is the language: Pen's commands, completed. One table of
// commands reads what an operator says, wherever it was said, into a
// config.Config, and tells help what there is to say.
//
// Lines are taken as one transaction: all of them, or none.
package command

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"cygnet/internal/config"
)

// Line is one line of the language and where it was written.
type Line struct {
	Text   string
	Origin string // as `-O`, `-r`, `argument 2` or `file.cfg:3`
}

// Command is one entry of the table.
type Command struct {
	Name  string // one word, or `no` and one word
	Args  string // what follows it, as LANGUAGE.md writes it
	Help  string // one sentence, no capital, no full stop
	Group Group
	run   func(s *session, args []string) error
}

// Group says what a command is about.
type Group uint8

// The groups, in the order in which help lists them.
const (
	Global  Group = iota // Cygnet as a whole
	Service              // one service; may follow `service NAME`
	Pen                  // taken from Pen's files for their sake, or refused with the reason
)

// Parser reads lines. The zero value is ready and refuses names of hosts; it
// is safe for concurrent use if Resolve is.
type Parser struct {
	// Resolve finds the addresses of a host's name, for the lines that may
	// wait for that. Nil refuses names.
	Resolve func(host string) ([]netip.Addr, error)
}

// Apply runs lines over a copy of base, as one transaction. It returns the
// new configuration, valid but not yet held against a machine, and notes for
// the operator; or else every problem, each with its origin, and no
// configuration. base is left as it is.
//
// What is wrong with the whole is looked for only once every line is right:
// a server that could not be read would also be missing.
func (p *Parser) Apply(base *config.Config, lines []Line) (*config.Config, []string, []*config.Problem) {
	s := newSession(base.Clone(), p.Resolve)
	var problems []*config.Problem
	for _, l := range lines {
		if err := s.read(l); err != nil {
			problems = append(problems, problemAt(err, l.Origin))
		}
	}
	if len(problems) > 0 {
		return nil, nil, problems
	}
	s.numberServers()
	if problems = s.cfg.Validate(); len(problems) > 0 {
		for _, p := range problems {
			p.Origin = s.origins[p.Subject]
		}
		return nil, nil, problems
	}
	return s.cfg, s.notes, nil
}

// problemAt makes a problem of what a command returned.
func problemAt(err error, origin string) *config.Problem {
	var p *config.Problem
	if !errors.As(err, &p) {
		p = &config.Problem{What: err.Error()}
	}
	p.Origin = origin
	return p
}

// session is one transaction under way; its cfg is its own.
type session struct {
	cfg      *config.Config
	resolve  func(host string) ([]netip.Addr, error)
	commands map[string]*Command
	keywords map[string]bool

	notes   []string
	origins map[string]string // of the last line about a subject, see config.Problem

	// The line being read.
	origin  string
	service string // whom it is about
	word    string // the command, as written
}

func newSession(cfg *config.Config, resolve func(string) ([]netip.Addr, error)) *session {
	s := &session{cfg: cfg, resolve: resolve, commands: map[string]*Command{}, origins: map[string]string{}}
	table := Commands()
	for i := range table {
		s.commands[table[i].Name] = &table[i]
	}
	s.keywords = keywords(table)
	return s
}

// read runs one line.
func (s *session) read(l Line) error {
	words, err := lex(l.Text)
	if err != nil || len(words) == 0 {
		return err
	}
	s.origin, s.service = l.Origin, config.DefaultService
	scoped := words[0] == "service" && len(words) > 2
	if scoped {
		if s.service, err = s.serviceName("service", words[1]); err != nil {
			return err
		}
		words = words[2:]
	}
	cmd, args, err := s.find(words)
	if err != nil {
		return err
	}
	if scoped && cmd.Group != Service {
		return refuse("leave `service "+s.service+"` out", "%s: not a setting of one service", cmd.Name)
	}
	return withUsage(cmd.run(s, args), cmd)
}

// withUsage gives a problem without a hint the command's own form as one.
func withUsage(err error, cmd *Command) error {
	var p *config.Problem
	if errors.As(err, &p) && p.Hint == "" && cmd.Args != "" {
		p.Hint = "it is written: " + cmd.Name + " " + cmd.Args
	}
	return err
}

// note tells the operator something, once.
func (s *session) note(format string, args ...any) {
	n := fmt.Sprintf(format, args...)
	if !slices.Contains(s.notes, n) {
		s.notes = append(s.notes, n)
	}
}

// mark remembers that the line being read is about subject.
func (s *session) mark(subject string) { s.origins[subject] = s.origin }

// refuse is the error of a line that cannot be taken.
func refuse(hint, format string, args ...any) error {
	return &config.Problem{What: fmt.Sprintf(format, args...), Hint: hint}
}
