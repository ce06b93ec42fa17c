// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package logging is where the log goes: standard error, the journal, syslog or
// a file. What is logged is formatted by whoever logs it and written by one
// goroutine, through a bounded buffer, so that nobody ever waits for a pipe, a
// terminal, a disk or a socket. Whatever a message holds, one is one line, and
// no control character of it reaches a terminal.
package logging

import (
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"cygnet/internal/events"
)

const (
	linesKept   = 1000                   // for `watch` and the dashboard
	usePatience = 300 * time.Millisecond // for the last lines to an old target
)

// Target says where the log goes, in which form, and how much of it.
type Target struct {
	// To is standard error (`-` or nothing), `syslog`, HOST:PORT of a syslog
	// server over UDP, or the name of a file. A word with a `/` is a file.
	To     string
	Format string // text, or nothing, or json; the journal's is always text
	Debug  int    // above 1, lines for debugging are logged too
}

// Log is the log for the whole life of the program, wherever it goes. All its
// methods are safe for concurrent use.
type Log struct {
	stderr io.Writer
	logger *slog.Logger
	ring   *events.Ring[string]
	lost   losses
	out    atomic.Pointer[output]
	muted  atomic.Uint32 // the terminal that lines are kept off; 0 is none

	change sync.Mutex // held while out is replaced or closed
	closed bool
}

// output is a target that is open. It is immutable.
type output struct {
	target   Target
	terminal uint32 // its number where the target is one; 0 where not
	queue    *queue
	form     form
	level    slog.Level
}

// Open returns a log to t, where stderr is standard error. The error says what
// could not be opened, and why.
func Open(t Target, stderr io.Writer) (*Log, error) {
	l := &Log{stderr: stderr, ring: events.NewRing[string](linesKept)}
	l.logger = slog.New(&handler{log: l})
	out, err := l.open(t)
	if err != nil {
		return nil, err
	}
	l.out.Store(out)
	return l, nil
}

// open opens a target and starts the goroutine that writes to it, which ends
// when the queue is closed.
func (l *Log) open(t Target) (*output, error) {
	s, f, err := t.open(l.stderr)
	if err != nil {
		return nil, err
	}
	out := &output{target: t, terminal: terminalOf(s), form: f, level: slog.LevelInfo}
	if t.Debug > 1 { // Pen's examples all say -d, and want no flood
		out.level = slog.LevelDebug
	}
	out.queue = newQueue(s, &l.lost, func(n uint64) entry {
		r := slog.NewRecord(time.Now(), slog.LevelWarn, "log lines lost: they could not be written, or not fast enough", 0)
		r.AddAttrs(slog.Uint64("count", n))
		return f.render(nil, r)
	})
	return out, nil
}

// Logger returns the logger. It is the same one whatever Use does.
func (l *Log) Logger() *slog.Logger { return l.logger }

// Lines returns the newest 1000 lines as text, without their newlines.
func (l *Log) Lines() *events.Ring[string] { return l.ring }

// Lost is how many lines were never written: dropped because the target was
// too slow, refused by it, or left when the log was closed.
func (l *Log) Lost() uint64 { return l.lost.total.Load() }

// Use sends the log to t from now on. On an error it goes where it went.
func (l *Log) Use(t Target) error {
	l.change.Lock()
	defer l.change.Unlock()
	return l.use(t)
}

// Reopen opens a log file anew by its name, after logrotate has renamed it;
// for every other target it does nothing. On an error the old file stays.
func (l *Log) Reopen() error {
	l.change.Lock()
	defer l.change.Unlock()
	if t := l.out.Load().target; t.kind() == toFile {
		return l.use(t)
	}
	return nil
}

func (l *Log) use(t Target) error {
	if l.closed {
		return nil
	}
	out, err := l.open(t)
	if err != nil {
		return err
	}
	l.out.Swap(out).queue.close(usePatience)
	return nil
}

// Close writes what is left, but waits no longer than patience for it. What is
// logged after it is lost.
func (l *Log) Close(patience time.Duration) {
	l.change.Lock()
	defer l.change.Unlock()
	if !l.closed {
		l.closed = true
		l.out.Load().queue.close(patience)
	}
}
