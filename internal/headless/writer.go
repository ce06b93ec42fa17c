// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"io"
	"slices"
	"sync/atomic"
	"time"
)

// lines is how many log lines wait for a slow pipe or terminal before the
// next ones are dropped.
const lines = 1024

// Writer hands lines to one goroutine that writes them, so that a stuck pipe
// or terminal blocks nobody: what does not fit is dropped, and a line says how
// many were. It is safe for concurrent use.
type Writer struct {
	queue   chan []byte
	done    chan struct{}
	dropped atomic.Uint64
}

// NewWriter returns a Writer to w, which it alone writes to until Close. It
// calls lost, from its own goroutine, to say there how many lines were dropped.
func NewWriter(w io.Writer, lost func(lines uint64)) *Writer {
	b := &Writer{queue: make(chan []byte, lines), done: make(chan struct{})}
	go b.run(w, lost)
	return b
}

func (b *Writer) run(w io.Writer, lost func(lines uint64)) {
	defer close(b.done)
	for line := range b.queue {
		// A log that cannot be written has nowhere to say so.
		_, _ = w.Write(line)
		if n := b.dropped.Swap(0); n > 0 {
			lost(n)
		}
	}
}

// Write takes one line and never blocks or fails.
func (b *Writer) Write(line []byte) (int, error) {
	select {
	case b.queue <- slices.Clone(line):
	default:
		b.dropped.Add(1)
	}
	return len(line), nil
}

// Close writes what is left, but waits no longer than patience for it. Nobody
// may write after it.
func (b *Writer) Close(patience time.Duration) {
	close(b.queue)
	select {
	case <-b.done:
	case <-time.After(patience):
	}
}
