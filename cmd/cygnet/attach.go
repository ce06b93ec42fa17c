// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"

	"cygnet/internal/control"
	"cygnet/internal/logging"
	"cygnet/tui"
)

const (
	attachHz       = 2               // snapshots a second
	attachPatience = 5 * time.Second // for the first answer
)

// attach shows the dashboard of a running Cygnet until the operator leaves it.
// That changes nothing for the balancer.
func attach(inv *invocation, view viewer, stderr io.Writer) int {
	t, why := findTerminal(os.Stdin, os.Stdout, os.Getenv)
	if t == nil {
		return fail(stderr, noTerminal(why))
	}
	ctx, stop := signal.NotifyContext(context.Background(), interrupts()...)
	defer stop()
	socket, err := attachTo(ctx, inv.words)
	if err != nil {
		return fail(stderr, err)
	}
	opt := t.options(inv.view, os.Getenv)
	opt.Suspend = true
	_, err = showRemote(ctx, t, view, opt, control.NewRemote(socket, attachHz))
	if err != nil && ctx.Err() == nil {
		stderr = logging.Patient{W: stderr, For: logPatience} // the terminal may be stuck
		return fail(stderr, &hintedError{"dashboard of " + socket + ": " + err.Error(), ""})
	}
	return 0
}

// attachTo is the socket that is meant, where somebody answers. An error is told
// before the screen is taken; later ones the dashboard shows.
func attachTo(ctx context.Context, words []string) (socket string, err error) {
	if len(words) > 0 {
		socket = words[0]
	} else if socket, err = onlySocket(control.Find(), "attach", ""); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, attachPatience)
	defer cancel()
	if _, err := control.Do(ctx, socket, "version"); err != nil {
		return "", ctlError(err)
	}
	return socket, nil
}

// showRemote shows the balancer at the other end of a socket.
func showRemote(ctx context.Context, t *terminal, view viewer, opt tui.Options, r *control.Remote) (tui.Ending, error) {
	opt.Pace = time.Second / attachHz
	opt.Source, opt.Changes, opt.Hits, opt.Lines = remote{r}, r.Changes, r.Hits, r.Lines
	ctx, stop := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() { r.Run(ctx) })
	ending, err := t.show(ctx, view, opt)
	stop()
	following.Wait()
	return ending, err
}

// noTerminal says that a dashboard has no place to be, and what has none either.
func noTerminal(why string) error {
	if why == "" {
		why = "standard input and output are not one terminal"
	}
	return &hintedError{"no dashboard here: " + why, "without one: cygnet ctl COMMAND, or cygnet ctl watch for a stream of JSON"}
}
