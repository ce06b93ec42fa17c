// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package hook runs an operator's program for clients that the tarpit caught and
// that proved their source, never for a forged one: at most once a source in ten
// minutes, few at once, without a shell. Nothing waits for it.
package hook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/events"
)

const (
	every   = 10 * time.Minute // for one source
	sources = 4096             // that are remembered; nobody else is told of meanwhile
	atOnce  = 4                // programs; who is caught meanwhile is told when it comes again
	takes   = 30 * time.Second // a program at most, before it is killed
	gather  = 10 * time.Millisecond
)

// Hook runs a program for what comes to a ring.
type Hook struct {
	program string
	takes   time.Duration // at most
	hits    *events.Ring[events.Event]
	log     *slog.Logger
	env     []string
	null    *os.File // all that the program reads and writes: in a chroot there may be none

	// State of Run.
	cursor  uint64
	recent  recent
	busy    chan struct{} // as many as programs that run
	running sync.WaitGroup
	dropped uint64 // clients for whom the program was not run, since it was told
	toldAt  time.Time
	failed  atomic.Int64 // when a failure was told, in seconds of Unix time; several programs may fail at once
}

// Open checks that the program can be run; root is the folder that will be / by
// then, or empty. The caller must call Run, for what comes to hits from now on.
func Open(root, program string, hits *events.Ring[events.Event], log *slog.Logger) (*Hook, error) {
	if err := check(root, program); err != nil {
		return nil, err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, &Error{program, err.Error(), "a program needs one: make it in the folder of the chroot, too"}
	}
	return &Hook{
		program: program, takes: takes, null: null, hits: hits, log: log, cursor: hits.End(), busy: make(chan struct{}, atOnce),
		env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"},
	}, nil
}

// Error is that a program cannot be a hook.
type Error struct {
	Program, Why string
	Help         string // what to do
}

func (e *Error) Error() string { return fmt.Sprintf("tarpit_hook %s: %s", e.Program, e.Why) }

// Hint says what to do.
func (e *Error) Hint() string { return e.Help }

func check(root, program string) error {
	if !filepath.IsAbs(program) {
		return &Error{program, "not an absolute path", "write where it is, from / on"}
	}
	path := filepath.Join(root, program)
	info, err := os.Stat(path)
	switch {
	case os.IsNotExist(err):
		return &Error{program, "no such file", "with `chroot`, the path begins in its folder"}
	case err != nil:
		return &Error{program, unwrapped(err), "the user that cygnet runs as must be able to reach it"}
	case !info.Mode().IsRegular():
		return &Error{program, "not a regular file", "name a program; arguments it gets from cygnet alone"}
	case unix.Faccessat(unix.AT_FDCWD, path, unix.X_OK, unix.AT_EACCESS) != nil:
		return &Error{program, "not executable for the user that cygnet runs as", "chmod +x " + path}
	}
	return nil
}

// unwrapped is the cause without the path, which stands before it already.
func unwrapped(err error) string {
	if p, ok := errors.AsType[*os.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

// Run runs the program until ctx ends, and then waits for those that run, which
// it kills.
func (h *Hook) Run(ctx context.Context) {
	defer func() { h.running.Wait(); _ = h.null.Close() }()
	wake := make(chan struct{}, 1)
	defer h.hits.Notify(wake)()
	for {
		h.look(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(gather): // so that a flood of hits costs little
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		}
	}
}

// look runs the program for whom it is due.
func (h *Hook) look(ctx context.Context) {
	got, next, _ := h.hits.Since(h.cursor) // who is in what was lost may come again
	h.cursor = next
	for i := range got {
		e := &got[i]
		if e.Kind != events.TarpitVerified || !e.Source.IsValid() || !h.recent.due(e.Source, e.Time) {
			continue
		}
		if h.recent.full() {
			h.drop(e.Time, "too many sources")
			continue
		}
		select {
		case h.busy <- struct{}{}:
			h.recent.add(e.Source, e.Time)
			h.running.Go(func() { defer func() { <-h.busy }(); h.run(ctx, e) })
		default:
			h.drop(e.Time, "too many at once")
		}
	}
}

// drop counts a client for whom the program was not run, and tells so now and then.
func (h *Hook) drop(now time.Time, why string) {
	h.dropped++
	if !h.toldAt.IsZero() && now.Sub(h.toldAt) < every {
		return
	}
	h.log.Warn("tarpit hook not run: "+why, "program", h.program, "at_once", atOnce, "sources", sources, "count", h.dropped)
	h.dropped, h.toldAt = 0, now
}
