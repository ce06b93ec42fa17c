// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"cygnet/internal/control"
	"cygnet/internal/events"
	"cygnet/internal/lab"
	"cygnet/internal/logging"
	"cygnet/tui"
)

// demo runs the laboratory until it is interrupted, or the operator leaves the
// dashboard on it.
func demo(inv *invocation, view viewer, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	t := inv.terminal()
	var shown lab.View
	if t != nil {
		stdout = logging.Patient{W: stdout, For: logPatience} // a stuck terminal must not keep the segment
		shown = func(ctx context.Context, socket string, lines *events.Ring[string]) error {
			return showLab(ctx, t, view, t.options(inv.view, os.Getenv), control.NewRemote(socket, attachHz), lines)
		}
	}
	if err := lab.Run(ctx, stdout, shown); err != nil {
		return fail(stderr, err)
	}
	return 0
}

// showLab shows the laboratory's balancer, and among its log lines those of the
// laboratory.
func showLab(ctx context.Context, t *terminal, view viewer, opt tui.Options, r *control.Remote, lines *events.Ring[string]) error {
	opt.Question = "leave:"
	opt.Leave = []tui.Choice{{Key: "e", Label: "end the lab, and remove everything", Ending: tui.Stop}}
	ctx, stop := context.WithCancel(ctx)
	var copying sync.WaitGroup
	copying.Go(func() { copyLines(ctx, r.Lines, lines) })
	_, err := showRemote(ctx, t, view, opt, r)
	stop()
	copying.Wait()
	return err
}

// copyLines adds to one ring what comes to the other, until ctx ends.
func copyLines(ctx context.Context, to, from *events.Ring[string]) {
	for next := uint64(0); ; {
		arrival := from.Arrival()
		var got []string
		got, next, _ = from.Since(next)
		for _, line := range got {
			to.Add(line)
		}
		select {
		case <-ctx.Done():
			return
		case <-arrival:
		}
	}
}
