// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/logging"
	"cygnet/tui"
)

const (
	// lastWords is how long a terminal may take for what restores it.
	lastWords = 150 * time.Millisecond

	// viewPatience is how long a view that was asked to end is waited for. One
	// that is stuck, on a terminal that we could not open anew, is left behind.
	viewPatience = 500 * time.Millisecond

	// hangUpEvery is how often we look whether the terminal is still there.
	hangUpEvery = time.Second
)

var (
	errHungUp = errors.New("the terminal has hung up")
	errStuck  = errors.New("the terminal takes nothing more")
)

// viewer shows a dashboard, as tui.Run does.
type viewer func(ctx context.Context, in io.Reader, out io.Writer, opt tui.Options) (tui.Ending, error)

// screen is a terminal while a view is on it. The view reads, writes, asks for
// its size and sets its mode through it; a terminal that is stuck holds up the
// view, and never its end.
type screen struct {
	*terminal
	before unix.Termios
	cut    atomic.Bool // something of the view did not get through
	over   atomic.Bool // the view must not write any more
}

// show shows a view until it ends, ctx does, or the terminal hangs up: then it
// is lost, with ctx's cause or errHungUp. The terminal is as it was before,
// unless it takes nothing.
func (t *terminal) show(ctx context.Context, view viewer, opt tui.Options) (tui.Ending, error) {
	s := &screen{terminal: t}
	if err := s.prepare(); err != nil {
		return tui.Lost, err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	var watching sync.WaitGroup
	watching.Go(func() { s.watch(ctx, end) })
	stop := context.AfterFunc(ctx, s.hurry)
	ending, err := s.run(ctx, view, opt)
	stop()
	end(nil)
	watching.Wait()
	if err != nil && s.hungUp() {
		err = errHungUp // the view may have seen it first, as an error of reading
	}
	s.restore()
	if !errors.Is(err, errStuck) && t.own {
		t.out.Close() // who is left behind may still use its number
	}
	return ending, err
}

// prepare remembers how the terminal is, and gives one that does not know its
// size, as a serial line, the size that they all have had.
func (s *screen) prepare() error {
	before, err := unix.IoctlGetTermios(s.fd(), unix.TCGETS)
	if err != nil {
		return fmt.Errorf("mode of the terminal: %w", err)
	}
	s.before = *before
	size, err := unix.IoctlGetWinsize(s.fd(), unix.TIOCGWINSZ)
	if err == nil && (size.Col == 0 || size.Row == 0) {
		// Where it cannot be set the view has to do without.
		_ = unix.IoctlSetWinsize(s.fd(), unix.TIOCSWINSZ, &unix.Winsize{Col: 80, Row: 24})
	}
	return nil
}

// run runs the view, and does not wait for one that does not end when it must.
func (s *screen) run(ctx context.Context, view viewer, opt tui.Options) (tui.Ending, error) {
	type result struct {
		ending tui.Ending
		err    error
	}
	done := make(chan result, 1)
	go func() {
		ending, err := view(ctx, s, s, opt)
		done <- result{ending, err}
	}()
	select {
	case r := <-done:
		return r.ending, r.err
	case <-ctx.Done():
	}
	select {
	case r := <-done:
		return r.ending, r.err
	case <-time.After(viewPatience):
		s.over.Store(true)
		return tui.Lost, errors.Join(context.Cause(ctx), errStuck)
	}
}

// watch ends the view when the terminal has hung up.
func (s *screen) watch(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(hangUpEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if s.hungUp() {
			end(errHungUp)
			return
		}
	}
}

// hurry has what is being read or written end soon.
func (s *screen) hurry() {
	// Without a file of our own there is no deadline: run goes on without the view.
	_ = s.in.SetDeadline(time.Now().Add(lastWords))
}

// The sequences that restore a terminal.
const (
	cancelSequence = "\x18"                                                         // CAN: whatever was cut off in its middle
	plainScreen    = "\x1b[0m"                                                      // no colours
	allModesOff    = plainScreen + "\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l" + // the mouse
		"\x1b[?2004l" + "\x1b[?1049l" + "\x1b[?25h" // bracketed paste, the other screen, the hidden cursor
	clearScreen = plainScreen + "\x1b[2J\x1b[H"
)

// restore makes the terminal what it was before, whatever the view could do of
// that: its mode in any case, the rest as far as it takes it in a moment.
func (s *screen) restore() {
	_ = unix.IoctlSetTermios(s.fd(), unix.TCSETS, &s.before) // it may be gone
	text := ""
	if s.cut.Load() || s.over.Load() {
		text = cancelSequence + allModesOff
	}
	if os.Getenv("TERM") == "linux" { // it has no other screen before Linux 7.0
		text += clearScreen
	}
	if text == "" {
		return
	}
	_ = s.out.SetWriteDeadline(time.Now().Add(lastWords))
	_, _ = io.WriteString(logging.Patient{W: s.out, For: lastWords}, text)
}

// fd is the terminal's descriptor.
func (s *screen) fd() int { return fileNumber(s.in) }

// Fd is for those who ask for the size or set the mode.
func (s *screen) Fd() uintptr { return uintptr(s.fd()) }

// Name is for those who want a whole file: Bubble Tea can break off reading from
// no less.
func (s *screen) Name() string { return s.path }

func (s *screen) Read(b []byte) (int, error) { return s.in.Read(b) }

func (s *screen) Write(b []byte) (int, error) {
	if s.over.Load() {
		return 0, os.ErrClosed
	}
	n, err := s.out.Write(b)
	if err != nil {
		s.cut.Store(true)
	}
	return n, err
}

// Close does nothing: the terminal is not the view's.
func (s *screen) Close() error { return nil }
