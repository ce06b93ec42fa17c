// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/config"
)

// session is one transaction under way; its cfg is its own.
type session struct {
	parser   *Parser
	base     *config.Config
	cfg      *config.Config
	own      map[string]bool // which of its lists it does not share with the base
	who      Who
	live     bool
	snapshot *engine.Snapshot // see Request
	part     bool
	again    bool
	many     bool // of more than one line: what a single line must be careful of is meant here
	reload   bool // files that lines name are to be read anew
	now      time.Time
	commands map[string]*Command
	keywords map[string]bool

	touched  bool // there was more than questions
	reply    strings.Builder
	notes    []string
	noted    map[string]bool // those there are
	problems []*config.Problem
	gaveUp   bool             // the rest of the lines is not looked at
	origins  map[string]*Line // the last line about a subject, see config.Problem
	states   map[string]bool
	marks    Mark

	// Files.
	files    map[string]Sum
	reading  []string // those that are being read, the outermost first
	comments []string // read, and waiting for the line that they belong to
	penPort  uint16   // of the Pen that wrote the file being read; see penControlPort

	// The line being read.
	line    *Line
	service string // whom it is about
	word    string // the command, as written
	key     string // what it is about, for its comments; see item
}

func newSession(p *Parser, r Request) *session {
	s := &session{
		parser: p, base: r.Base, cfg: r.Base.Clone(), who: r.Who, live: r.Live, snapshot: r.Snapshot, part: r.Part, again: r.Again,
		many: r.Begun || len(r.Lines) > 1 || !r.Live, reload: !r.Live, now: time.Now(),
		commands: map[string]*Command{}, noted: map[string]bool{}, origins: map[string]*Line{}, states: map[string]bool{}, files: map[string]Sum{},
	}
	table := Commands()
	for i := range table {
		s.commands[table[i].Name] = &table[i]
	}
	s.keywords = keywords(table)
	return s
}

// mostProblems is how many wrong lines are told. Whatever has more is no text
// of the language, and to explain each takes time.
const mostProblems = 1000

// mostTime is how long reading may take while Cygnet runs: others wait for the
// end of it.
const mostTime = 10 * time.Second

// take runs one line and remembers what is wrong with it.
func (s *session) take(l Line) {
	if s.gaveUp {
		return
	}
	err := s.read(&l)
	switch {
	case (s.live || s.again) && time.Since(s.now) > mostTime:
		s.gaveUp = true
		err = refuse("say it in several parts", "it takes more than %s seconds; the rest was not looked at", inSeconds(mostTime))
	case err != nil && len(s.problems) == mostProblems:
		s.gaveUp = true
		err = refuse("", "too much is wrong; the rest was not looked at")
	}
	if err != nil {
		s.problem(err, &l)
	}
}

// read runs one line.
func (s *session) read(l *Line) error {
	words, err := lex(l.Text)
	if err != nil || len(words) == 0 {
		return err
	}
	s.line, s.service, s.key = l, config.DefaultService, ""
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
	if cmd.run == nil {
		return refuse("give it alone to a running Cygnet: cygnet ctl "+cmd.Name, "%s: an action, not a setting", cmd.Name)
	}
	if cmd.Mark&OwnerOnly != 0 && !s.who.Owner && (len(args) > 0 || !cmd.asksAlone) {
		return refuse("only root and Cygnet's own user may, over the socket on this machine; or write it into the configuration file",
			"%s: it is about a file, a program or a user", cmd.Name)
	}
	s.touched = s.touched || len(args) > 0 || !cmd.asksAlone
	if err := withUsage(cmd.run(s, args), cmd); err != nil {
		return err
	}
	s.took(cmd, args)
	return nil
}

// list returns the list of that number or name, to be changed, made if need be.
func (s *session) list(name string) *acl.List {
	if l := s.cfg.Lists[name]; l != nil && !s.own[name] {
		s.cfg.Lists[name] = l.Clone()
	}
	if s.own == nil {
		s.own = map[string]bool{}
	}
	s.own[name] = true
	return s.cfg.List(name)
}

// took tells what the operator should know of a command that was taken, and
// finds its comments a place.
func (s *session) took(cmd *Command, args []string) {
	if s.key == "" {
		s.key = s.scope() + strings.TrimPrefix(cmd.Name, "no ")
	}
	s.keepComments(s.key)
	if len(args) == 0 && cmd.asksAlone {
		return
	}
	s.marks |= cmd.Mark
}

// noteEffect tells which changes do not act now.
func (s *session) noteEffect() {
	if s.live && s.marks&NextStart != 0 {
		for _, name := range Deferred(s.base, s.cfg) {
			s.note("%s: takes effect at the next start", name)
		}
	}
}

// Deferred names the settings in which two configurations differ and that take
// effect at the next start only.
func Deferred(from, to *config.Config) (names []string) {
	for _, v := range settings() {
		if v.mark&NextStart != 0 && v.words(from, "") != v.words(to, "") {
			names = append(names, v.name)
		}
	}
	for _, v := range severals() {
		if v.mark&NextStart != 0 && !slices.Equal(v.all(from), v.all(to)) {
			names = append(names, v.name)
		}
	}
	return names
}

// scope is how the key of a line about the current service begins.
func (s *session) scope() string {
	if s.service == config.DefaultService {
		return ""
	}
	return "service " + s.service + " "
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
	if !s.noted[n] {
		s.noted[n] = true
		s.notes = append(s.notes, n)
	}
}

// say adds a line to the reply.
func (s *session) say(format string, args ...any) {
	if s.live && len(s.reading) == 0 {
		fmt.Fprintf(&s.reply, format+"\n", args...)
	}
}

// mark remembers that the line being read is about subject.
func (s *session) mark(subject string) { s.origins[subject] = s.line }

// refuse is the error of a line that cannot be taken.
func refuse(hint, format string, args ...any) error {
	return &config.Problem{What: fmt.Sprintf(format, args...), Hint: hint}
}
