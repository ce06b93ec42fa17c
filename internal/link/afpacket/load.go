// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import "time"

// A ring takes a fifth less of the processor for each frame, but its blocks come up to
// a millisecond late. So frames come by it only while their number is what matters.
const (
	// ringAfter is after how many full batches in a row, without waiting, a queue is
	// taken to be busy: 2048 frames were never waited for.
	ringAfter = 32

	// Busy no more is a queue that in this time has waited for half of it.
	loadSpan = 100 * time.Millisecond
)

// load tells whether a queue is busy. It belongs to the goroutine that calls Recv.
type load struct {
	busy  bool
	full  int // batches in a row
	since time.Time
	slept time.Duration // since then
}

// took notes a batch of n frames, of which there was room for so many, and reports
// whether the queue has just become busy.
func (l *load) took(n, room int) bool {
	switch {
	case l.busy:
		return false
	case n < room:
		l.full = 0
		return false
	}
	if l.full++; l.full < ringAfter {
		return false
	}
	*l = load{busy: true}
	return true
}

// waited notes that there was nothing to do for a while, and reports whether the queue
// has just ceased to be busy.
func (l *load) waited(from, to time.Time) bool {
	if l.since.IsZero() {
		l.since = from
	}
	l.slept += to.Sub(from)
	span := to.Sub(l.since)
	if span < loadSpan {
		return false
	}
	if l.slept > span/2 {
		*l = load{}
		return true
	}
	l.since, l.slept = to, 0
	return false
}
