// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"cygnet/engine"
	"cygnet/internal/config"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// Actor is the running Cygnet, as actions need it. Its methods are called by
// one goroutine at a time. What they return is text for the operator, of whole
// lines.
type Actor interface {
	Config() *config.Config // in force; only to be read
	Snapshot() *engine.Snapshot
	Link() wire.LinkStats
	Page() (string, error)       // the status page, HTML
	Recent(n int) []events.Event // the newest events, oldest first
	Version() string

	Write(who Who, file string) (string, error) // file empty: the configured one
	Diff(who Who, file string) (string, error)  // what Write would change
	Reload(who Who) (string, error)
	Reopen() error
	Preview(who Who, line string) (string, error)
	Undo(who Who, change uint64) (string, error) // 0: the last one of who's own
	Exit() error
}

// Call is an action as it was asked for.
type Call struct {
	Who     Who
	Name    string   // of the command
	Service string   // whom it is about; empty if nobody was named
	Args    []string // its words
	Line    string   // as it was written
}

// Act carries out a line that is an action, and not a setting; false where it
// is none. The reply is of whole lines; the error is a *config.Problem where
// there is a hint.
func Act(a Actor, who Who, line string) (reply string, is bool, err error) {
	s := newSession(new(Parser), Request{Base: config.New(), Live: true})
	words, err := lex(line)
	if err != nil || len(words) == 0 {
		return "", false, nil // for Run to refuse
	}
	c := Call{Who: who, Line: line}
	if words[0] == "service" && len(words) > 2 {
		c.Service, words = words[1], words[2:]
	}
	cmd, args, err := s.find(words)
	if err != nil || cmd.act == nil || cmd.run != nil && !cmd.asks(args) {
		return "", false, nil
	}
	if c.Service != "" {
		if cmd.Group != Service {
			return "", false, nil // for Run to refuse, too
		}
		if a.Config().Service(c.Service) == nil {
			return "", true, refuse("see: services", "service %s: no such service", quoted(c.Service))
		}
	}
	if cmd.Mark&OwnerOnly != 0 && len(args) > 0 && !who.Owner && cmd.run == nil {
		return "", true, refuse("leave the file out: the configured one is taken", "%s: only root and Cygnet's own user may name a file", cmd.Name)
	}
	c.Name, c.Args = cmd.Name, args
	reply, err = cmd.act(a, c)
	return reply, true, withUsage(err, cmd)
}
