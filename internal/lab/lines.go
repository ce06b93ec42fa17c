// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"bytes"
	"fmt"
	"io"
	"sync"

	"cygnet/internal/events"
)

// lines writes the lines of several programs to one writer, each whole and
// after the name of who wrote it. A writer that fails is the caller's to
// notice; the programs go on.
type lines struct {
	mu      sync.Mutex
	w       io.Writer
	instead *events.Ring[string] // where lines go while a view has the terminal; nil: to w
}

// nameWidth is the longest name on the demonstration's segment.
const nameWidth = len("balancer")

// text writes a text as it is, set off by an empty line.
func (l *lines) text(s string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = fmt.Fprintf(l.w, "%s\n", s)
}

// printf writes one line of name's.
func (l *lines) printf(name, format string, args ...any) {
	l.line(name, fmt.Appendf(nil, format, args...))
}

func (l *lines) line(name string, line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := fmt.Sprintf("%-*s | %s", nameWidth, name, line)
	switch {
	case l.instead == nil:
		_, _ = io.WriteString(l.w, text+"\n")
	case name != balancerName: // the view reads that one's log itself
		l.instead.Add(text)
	}
}

// divert has lines go to a ring instead of the writer, and nil back to it.
func (l *lines) divert(to *events.Ring[string]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.instead = to
}

// from gives a writer for a program's output; one goroutine at a time may
// write to it.
func (l *lines) from(name string) io.Writer { return &lineWriter{lines: l, name: name} }

// lineWriter waits for whole lines.
type lineWriter struct {
	lines   *lines
	name    string
	partial []byte
}

// maxLine bounds what is kept of a line without an end.
const maxLine = 16 << 10

func (w *lineWriter) Write(b []byte) (int, error) {
	w.partial = append(w.partial, b...)
	for {
		line, rest, found := bytes.Cut(w.partial, []byte{'\n'})
		if !found && len(w.partial) < maxLine {
			return len(b), nil
		}
		w.lines.line(w.name, line)
		w.partial = bytes.Clone(rest)
	}
}
