// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"cygnet/internal/command"
	"cygnet/internal/control"
	"cygnet/tui"
)

// sameHangUp is how long after the terminal was lost a SIGHUP still tells of
// that: a shell sends its own to what it started, after the kernel's.
const sameHangUp = 2 * time.Second

// After a SIGHUP we look for so long, and so often, whether the terminal is gone.
const (
	hangUpPatience = 300 * time.Millisecond
	hangUpLook     = 10 * time.Millisecond
)

// dashboard is the view of this process's own balancer. The balancer does not
// need it: it goes on when the terminal is lost, is stuck, or the view fails.
type dashboard struct {
	d      *daemon
	t      *terminal
	view   viewer
	how    viewFlags
	desk   *control.Desk
	socket string // where another dashboard may attach; empty without one
	stop   func() // the balancer
	about  tui.About

	mu   sync.Mutex
	end  context.CancelCauseFunc // the view; nil while there is none
	lost time.Time               // when the terminal hung up
}

// run shows the view until it ends, and tells what becomes of the balancer.
func (b *dashboard) run(ctx context.Context) {
	b.about = aboutOf(b.d.feed().Hello)
	b.about.Who, b.about.Owner = b.who().Name, true
	view, end := context.WithCancelCause(ctx)
	defer end(nil)
	b.begins(end)
	b.d.out.log.Mute(b.t.number)
	ending, err := b.t.show(view, b.view, b.options())
	b.ended(err)
	b.d.out.log.Unmute()
	if ctx.Err() == nil { // else the balancer ends
		b.tell(ending, err)
	}
}

// hangUp says whether a SIGHUP tells that the view's terminal is gone, or was
// gone just before, and ends the view then. A shell may send it a moment before
// the terminal hangs up. Otherwise it is meant for the balancer.
func (b *dashboard) hangUp() bool {
	if b == nil {
		return false
	}
	for began := time.Now(); ; time.Sleep(hangUpLook) {
		b.mu.Lock()
		end, lost := b.end, b.lost
		b.mu.Unlock()
		switch {
		case end == nil:
			return time.Since(lost) < sameHangUp
		case b.t.hungUp():
			end(errHungUp)
			return true
		case time.Since(began) > hangUpPatience:
			return false
		}
	}
}

func (b *dashboard) begins(end context.CancelCauseFunc) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end = end
}

// ended lets go of the terminal if that is why the view ended.
func (b *dashboard) ended(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.end = nil
	if errors.Is(err, errHungUp) {
		b.lost = time.Now()
		b.t.abandon()
	}
}

// tell logs how the view ended, and does what the operator chose.
func (b *dashboard) tell(ending tui.Ending, err error) {
	log := b.d.log
	if b.socket != "" {
		log = log.With("dashboard", "cygnet attach "+b.socket)
	}
	switch {
	case ending == tui.Stop:
		b.d.log.Info("stopping, as asked for in the dashboard", "who", b.who().Name)
		b.stop()
	case ending == tui.Left:
		log.Info("the dashboard was left: forwarding goes on")
	case errors.Is(err, errHungUp):
		log.Warn("the dashboard ended: forwarding goes on", "error", err)
	default:
		log.Error("the dashboard failed: forwarding goes on", "error", err)
	}
}

// options are what the view starts with.
func (b *dashboard) options() tui.Options {
	opt := b.t.options(b.how, os.Getenv)
	opt.Source = b
	opt.Changes, opt.Hits, opt.Lines = b.d.ring, b.d.hits, b.d.out.log.Lines()
	opt.Question = "leave:"
	opt.Leave = []tui.Choice{
		{Key: "k", Label: "keep forwarding", Ending: tui.Left},
		{Key: "s", Label: "stop forwarding", Ending: tui.Stop},
	}
	return opt
}

// who gives the commands of the view.
func (b *dashboard) who() command.Who {
	return command.Who{Name: "dashboard on " + b.t.name(), Owner: true}
}

// terminal finds the terminal for a dashboard, if one is wanted. What the
// operator should know of that becomes a note.
func (inv *invocation) terminal() *terminal {
	if inv.view.none {
		return nil
	}
	t, why := findTerminal(os.Stdin, os.Stdout, os.Getenv)
	switch {
	case why != "":
		inv.notes = append(inv.notes, "no dashboard: "+why)
	case t != nil && os.Getenv("TERM") == "dumb": // many a serial console says so, and can do more
		inv.notes = append(inv.notes, "TERM=dumb: should the dashboard be a mess here, --no-tui leaves it out")
	}
	return t
}

// interrupts are what ends a program that is nothing but a dashboard.
func interrupts() []os.Signal { return []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} }
