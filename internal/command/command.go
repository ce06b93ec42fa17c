// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package command is the language: Pen's commands, completed. One table of
// commands reads what an operator says, wherever it was said, into a
// config.Config; writes a Config as lines again; and tells help, the manual
// page and completion what there is to say.
//
// Lines are taken as one transaction: all of them, or none.
package command

import (
	"errors"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/config"
)

// Line is one line of the language and where it was written.
type Line struct {
	Text   string
	Origin string // as `-O`, `-r`, `argument 2` or `file.cfg:3`
	file   bool   // it is a file's: shown to those who may see it
}

// Command is one entry of the table.
type Command struct {
	Name  string // one word, or `no` and one word
	Args  string // what follows it, as LANGUAGE.md writes it
	Help  string // one sentence, no capital, no full stop
	Group Group
	Mark  Mark

	run func(s *session, args []string) error // a setting, or a question about settings
	act func(a Actor, c Call) (string, error) // an action: alone, while running

	// Of a command that has both, asks says which words are for act.
	asks func(args []string) bool

	asksAlone bool // without words, run only answers
}

// Group says what a command is about.
type Group uint8

// The groups, in the order in which help lists them.
const (
	Global  Group = iota // Cygnet as a whole
	Service              // one service; may follow `service NAME`
	Action               // done at once, while Cygnet runs
	Pen                  // taken from Pen's files for their sake, or refused with the reason
)

// Title is what help and the manual page call the group.
func (g Group) Title() string {
	return [...]string{"Cygnet as a whole", "Services (alone, or after `service NAME`)", "Actions, while Cygnet runs", "Pen's own"}[g&3]
}

// Mark is what is special about a command; several may be set.
type Mark uint8

// The marks.
const (
	OwnerOnly Mark = 1 << iota // names a file or a program: for root and Cygnet's own user
	NextStart                  // takes effect at the next start
)

// Parser reads lines. The zero value is ready and refuses names of hosts and
// countries; it is safe for concurrent use if its functions are.
type Parser struct {
	// Resolve finds the addresses of a host's name, for the lines that may
	// wait for that. Nil refuses names.
	Resolve func(host string) ([]netip.Addr, error)

	// Countries loads the prefixes of countries from the file that `geoip`
	// names. Nil refuses countries.
	Countries func(file string, codes []string) (acl.Countries, error)
}

// Request is a transaction to be read.
type Request struct {
	Base  *config.Config // what is in force, or what nobody has said anything of yet; left as it is
	Lines []Line
	Who   Who
	Live  bool // given to a running Cygnet: replies are wanted, and care is taken of what is in use
	Begun bool // between begin and commit: even a single line is meant as it is
	Again bool // the files were read before: what can be read only once is refused
	Part  bool // only a part of what will be said: the whole is not judged

	// Snapshot, if not nil, is what runs: who is leaving, and how many flows are
	// left.
	Snapshot *engine.Snapshot
}

// Result is a transaction that was read.
type Result struct {
	Config   *config.Config // valid, not yet held against a machine; the base itself after mere questions; nil when there are problems
	Reply    string         // what was asked for; whole lines
	Notes    []string       // for the operator, one line each
	Problems []*config.Problem

	Files  map[string]Sum  // what was read, or tried, by absolute path
	States map[string]bool // servers whose state was named, by config.SubjectServer
}

// Apply runs lines over a copy of base, as one transaction of the owner's, at
// the start. See Run.
func (p *Parser) Apply(base *config.Config, lines []Line) (*config.Config, []string, []*config.Problem) {
	r := p.Run(Request{Base: base, Lines: lines, Who: Who{Owner: true}})
	return r.Config, r.Notes, r.Problems
}

// Run runs lines over a copy of the base, as one transaction. Its result has
// the new configuration, or else every problem, each with its origin, and no
// configuration.
//
// What is wrong with the whole is looked for only once every line is right:
// a server that could not be read would also be missing.
func (p *Parser) Run(r Request) Result {
	s := newSession(p, r)
	for _, l := range r.Lines {
		s.take(l)
	}
	if s.live && !s.touched && len(s.problems) == 0 {
		return Result{Config: r.Base, Reply: s.reply.String(), Notes: s.notes, Files: s.files}
	}
	if len(s.problems) == 0 {
		s.finish()
	}
	if len(s.problems) > 0 {
		return Result{Problems: s.problems, Files: s.files}
	}
	return Result{
		Config: s.cfg, Reply: s.reply.String(), Notes: s.notes,
		Files: s.files, States: s.states,
	}
}

// finish does what can be done only once all lines are read.
func (s *session) finish() {
	s.numberServers()
	s.forgetGone()
	s.noteEffect()
	if s.part {
		return
	}
	s.loadCountries()
	if len(s.problems) > 0 {
		return
	}
	for _, p := range s.cfg.Validate() {
		if p.Missing && s.live && !s.many {
			p.Hint += "; lines that need each other go between `begin` and `commit`"
		}
		s.problem(p, s.origins[p.Subject])
	}
}

// loadCountries finds the prefixes of the countries that lists name, unless
// they are known from before.
func (s *session) loadCountries() {
	var codes []string
	for _, l := range s.cfg.Lists {
		codes = append(codes, l.Countries()...)
	}
	slices.Sort(codes)
	codes = slices.Compact(codes)
	known := s.cfg.GeoIP == s.base.GeoIP && !s.reload
	missing := slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return known && s.cfg.Countries[c] != nil })
	if len(codes) == 0 {
		s.cfg.Countries = nil
	}
	untried := s.cfg.GeoIP != "" && !known && s.parser.Countries != nil
	if len(missing) == 0 && !untried {
		return
	}
	refused := func(hint, format string, args ...any) {
		s.problem(refuse(hint, format, args...), s.origins[config.SubjectCountries])
	}
	switch {
	case s.cfg.GeoIP == "":
		refused("name a database of countries in MaxMind's format first: geoip /usr/share/GeoIP/GeoLite2-Country.mmdb",
			"country %s: needs geoip", missing[0])
		return
	case s.parser.Countries == nil:
		refused("write the prefixes", "country %s: countries are not looked up here", missing[0])
		return
	}
	found, err := s.parser.Countries(s.cfg.GeoIP, codes)
	if err != nil {
		refused("geoip names a database of countries in MaxMind's format; countries are two capital letters of ISO 3166, as SE", "%v", err)
		return
	}
	if len(codes) > 0 {
		s.cfg.Countries = found
	}
}

// shown is a line of a file as it may be shown on a terminal.
func shown(text string) string {
	const most = 200
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if !allowed(r) {
			return utf8.RuneError
		}
		return r
	}, text))
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// problem remembers what is wrong with a line; at may be nil.
func (s *session) problem(err error, at *Line) {
	var p *config.Problem
	if !errors.As(err, &p) {
		p = &config.Problem{What: err.Error()}
	}
	if at != nil {
		p.Origin = at.Origin
		if at.file && s.who.Owner {
			p.Line = shown(at.Text)
		}
	}
	s.problems = append(s.problems, p)
}
