// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// waiting is how many log lines wait for a slow pipe, terminal, disk or socket
// before the next ones are dropped.
const waiting = 1024

// entry is one line of the log in the form that its sink writes.
type entry struct {
	level  slog.Level
	line   []byte            // ends in a newline
	fields map[string]string // for the journal only
}

// sink is where lines end. One goroutine uses it, and it may block.
type sink interface {
	write(e entry) error
	close() error
}

// losses counts lines that were never written, whatever they were meant for.
type losses struct {
	total atomic.Uint64
	said  atomic.Uint64 // of them, as far as the log itself tells
}

// queue hands lines to one goroutine that writes them, so that a stuck sink
// blocks nobody: what does not fit is dropped, and a line says how many were.
// It is safe for concurrent use.
type queue struct {
	lost *losses
	done chan struct{} // closed when the goroutine ends

	mu      sync.Mutex
	closed  bool
	entries chan entry
}

// newQueue returns a queue to s, which it alone uses until close, and closes
// then. The line that tells of n lost ones is notice(n).
func newQueue(s sink, lost *losses, notice func(n uint64) entry) *queue {
	q := &queue{lost: lost, done: make(chan struct{}), entries: make(chan entry, waiting)}
	go q.run(s, notice)
	return q
}

func (q *queue) run(s sink, notice func(n uint64) entry) {
	defer close(q.done)
	for e := range q.entries {
		// A log that cannot be written has nowhere to say so. The next line
		// tries again: a full disk may have room then.
		if s.write(e) != nil {
			q.lost.total.Add(1)
			continue
		}
		total := q.lost.total.Load()
		if n := total - q.lost.said.Load(); n > 0 && s.write(notice(n)) == nil {
			q.lost.said.Store(total)
		}
	}
	_ = s.close() // everything was written before
}

// put takes one line and never blocks. It is false when the queue is closed.
func (q *queue) put(e entry) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	select {
	case q.entries <- e:
	default:
		q.lost.total.Add(1)
	}
	return true
}

// close writes what is left, but waits no longer than patience for it: what
// then still waits is lost. A write that never returns keeps its goroutine.
func (q *queue) close(patience time.Duration) {
	q.mu.Lock()
	q.closed = true
	close(q.entries)
	q.mu.Unlock()
	select {
	case <-q.done:
	case <-time.After(patience):
		for range q.entries {
			q.lost.total.Add(1)
		}
	}
}
