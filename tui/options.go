// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"net/netip"
	"time"

	"github.com/muesli/termenv"

	"cygnet/internal/events"
)

// Options are what a dashboard starts with.
type Options struct {
	Source  Source
	Changes *events.Ring[events.Event] // of state
	Hits    *events.Ring[events.Event] // of the tarpit
	Lines   *events.Ring[string]       // of the log

	Glyphs   Glyphs
	Profile  termenv.Profile // the colours that the terminal has
	Plain    bool            // the terminal cannot even turn text over, as TERM=dumb
	ReadOnly bool            // shows, and changes nothing
	Slow     bool            // a serial line: one look a second instead of two
	Pace     time.Duration   // how often something new comes at most; 0 is as often as one looks
	Mouse    bool            // the terminal may report clicks and the wheel
	Suspend  bool            // Ctrl-Z stops this process; never where it is the balancer
	Own      netip.Addr      // where the operator's ssh comes from; invalid where that is not known

	// Leave is what to choose from when the operator quits, beside staying.
	// Without any, quitting leaves at once, with Left.
	Leave    []Choice
	Question string // that Leave answers
}

// Choice is one answer to the question how to leave.
type Choice struct {
	Key    string // what to press
	Label  string // what that does, in a few words
	Ending Ending
}

// Ending is how a dashboard ended.
type Ending uint8

// The endings.
const (
	Left Ending = iota // the operator left; the balancer goes on
	Stop               // the operator wants the balancer to stop
	Lost               // the terminal is gone, or the view has failed: the balancer goes on
)
