// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"strings"
	"sync"
	"time"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// Machine is what a configuration is brought into force on, and what is to be
// known of it. Its methods are called by one goroutine at a time.
type Machine interface {
	// Apply brings cfg into force, as a whole or not at all.
	Apply(cfg *config.Config) ([]config.Notice, []*config.Problem)

	// Engine gives what cfg would be for the engine here, and all that is to be
	// told of it, and changes nothing.
	Engine(cfg *config.Config) (engine.Config, []config.Notice, []*config.Problem)

	Snapshot() *engine.Snapshot
	Link() wire.LinkStats
	Page() (string, error)       // the status page, HTML
	Recent(n int) []events.Event // the newest events, oldest first
	Version() string
	Reopen() error // the files of log and events
	Exit() error   // ends Cygnet, if its start allowed that
}

// Options are what a Desk starts with.
type Options struct {
	Parser  *command.Parser
	Machine Machine
	Changes *events.Ring[events.Event] // hears of every change

	Initial *config.Config         // before anything was said
	Lines   []command.Line         // what the command line says, without -F
	Files   []string               // the files of -F, in their order
	Config  *config.Config         // in force: what the two make together
	Read    map[string]command.Sum // the files that were read for it

	// Reloading is called when a reload begins, with a function to be called
	// when it has ended; may be nil.
	Reloading func() (ended func())
}

// Desk carries out what operators say, one after another, whoever they are:
// each sees the result of the last, and no change is lost. State: desired; it
// owns the configuration that is in force. It is safe for concurrent use.
type Desk struct {
	opt Options

	mu       sync.Mutex
	cfg      *config.Config         // in force
	base     *config.Config         // what is said before the file that is written
	saved    *config.Config         // as it was last read or written
	sums     map[string]command.Sum // of the files, as they were last read or written
	reloaded time.Time              // when the files were last read anew
	changes  []change               // the newest, oldest first
	number   uint64                 // of the last change
	wake     chan struct{}          // the time of the next expiry may have changed
}

// NewDesk returns a desk for a configuration that is in force.
func NewDesk(opt Options) *Desk {
	d := &Desk{opt: opt, cfg: opt.Config, base: opt.Config, saved: opt.Config, wake: make(chan struct{}, 1)}
	d.readBase()
	d.sums = opt.Read
	return d
}

// Do carries out lines as one transaction, or a single line that may be an
// action, and returns the reply: whole lines, the first of a refusal beginning
// with `error: `. Lines behind a `begin` are meant as they are, be there but
// one.
func (d *Desk) Do(who command.Who, lines []string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(lines) > 0 && lines[0] == "begin" {
		if last := len(lines) - 1; last > 0 && lines[last] == previewWord {
			return d.preview(who, lines[1:last])
		}
		return d.transact(who, lines[1:], true)
	}
	if len(lines) == 1 {
		if reply, is, err := command.Act(actor{d}, who, lines[0]); is {
			if err != nil {
				return refused(problemsOf(err))
			}
			return reply
		}
	}
	return d.transact(who, lines, false)
}

// transact reads lines and brings what they make into force.
func (d *Desk) transact(who command.Who, lines []string, begun bool) string {
	r := d.read(who, lines, begun)
	if len(r.Problems) > 0 {
		return refused(r.Problems)
	}
	if r.Config == d.cfg {
		return r.Reply + notes(r.Notes, nil)
	}
	return d.bring(who, lines, r, command.Differences(d.cfg, r.Config))
}

// read reads lines over what is in force.
func (d *Desk) read(who command.Who, lines []string, begun bool) command.Result {
	return d.opt.Parser.Run(command.Request{Base: d.cfg, Lines: numbered(lines), Who: who, Live: true, Begun: begun, Snapshot: d.opt.Machine.Snapshot()})
}

// bring brings into force what was read of lines and differs from what is.
func (d *Desk) bring(who command.Who, lines []string, r command.Result, differences []command.Difference) string {
	if command.Same(d.cfg, r.Config) {
		return r.Reply + notes(r.Notes, nil)
	}
	notices, problems := d.opt.Machine.Apply(r.Config)
	if len(problems) > 0 {
		return refused(problems)
	}
	d.changed(who, lines, r.Config, differences)
	return r.Reply + notes(r.Notes, notices)
}

// numbered gives each line of several its number as origin.
func numbered(lines []string) []command.Line {
	all := make([]command.Line, len(lines))
	for i, text := range lines {
		all[i].Text = text
		if len(lines) > 1 {
			all[i].Origin = "line " + itoa(i+1)
		}
	}
	return all
}

// Config returns the configuration in force, only to be read.
func (d *Desk) Config() *config.Config {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cfg
}

// Unsaved says whether something was changed since the configuration was read
// or written.
func (d *Desk) Unsaved() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return command.Write(d.saved, d.base) != command.Write(d.cfg, d.base)
}

// refused is the reply to what could not be taken. Problems that share a hint
// give it once.
func refused(problems []*config.Problem) string {
	var b strings.Builder
	for i, p := range problems {
		b.WriteString("error: ")
		if p.Origin != "" {
			b.WriteString(p.Origin + ": ")
		}
		b.WriteString(p.What + "\n")
		if p.Line != "" {
			b.WriteString("  " + p.Line + "\n")
		}
		if shared := i+1 < len(problems) && problems[i+1].Hint == p.Hint; p.Hint != "" && !shared {
			b.WriteString("hint: " + p.Hint + "\n")
		}
	}
	return b.String()
}

func notes(of []string, and []config.Notice) string {
	var b strings.Builder
	for _, n := range of {
		b.WriteString("note: " + n + "\n")
	}
	for _, n := range and {
		b.WriteString("note: " + string(n) + "\n")
	}
	return b.String()
}

// expiry returns when the next blacklisting ends; zero if there is none.
func expiry(c *config.Config) (next time.Time) {
	for _, s := range c.Services {
		for _, v := range s.Servers {
			if !v.Out.IsZero() && (next.IsZero() || v.Out.Before(next)) {
				next = v.Out
			}
		}
	}
	return next
}
