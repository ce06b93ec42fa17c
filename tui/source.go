// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"context"
	"time"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// Source is a running balancer: the one in this process, or one at the other
// end of a control socket. The dashboard cannot tell which. Its methods are
// safe for concurrent use.
type Source interface {
	// Sight returns what is known of it now. It never waits.
	Sight() Sight

	// Do gives it one line of the language, or `begin`, lines and `commit`
	// separated by newlines, and returns the reply, in whole lines. A line that
	// was refused is no error: its reply begins with `error: `. Only ctx limits
	// how long it takes.
	Do(ctx context.Context, line string) (reply string, err error)
}

// Sight is what is known of a balancer at one moment.
type Sight struct {
	About    About
	Snapshot *engine.Snapshot // the newest; nil before the first
	Link     wire.LinkStats   // what its sockets lost
	LinkUp   bool             // its interface carries frames
	CPU      []time.Duration  // processor time that each worker has used; nil where that is not known
	Heard    time.Time        // when Snapshot came, by the clock of this process
	LostHits uint64           // hits of the tarpit that came too fast for the way here
	Lost     uint64           // changes and lines of the log that did
	Away     string           // why nothing comes at the moment, in words; empty while it does
}

// About is what does not change while a balancer runs.
type About struct {
	Version   string
	Interface string
	Hostname  string
	PID       int
	Who       string // us, as its log names who changes something
	Owner     bool   // whether we may name files and programs
}
