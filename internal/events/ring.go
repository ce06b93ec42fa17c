// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import (
	"slices"
	"sync"
)

// Ring keeps the newest of what happened, an Event or a line of the log, for
// any number of readers. A writer never waits for a reader: who reads too
// slowly loses the oldest and is told how many. It is safe for concurrent use.
type Ring[T any] struct {
	mu     sync.Mutex
	buf    []T
	next   uint64        // the number of the next one, counted from 0
	arrive chan struct{} // closed at the next one; nil while nobody waits
	notify []chan<- struct{}
}

// NewRing returns a ring that remembers so many; size is at least 1.
func NewRing[T any](size int) *Ring[T] {
	return &Ring[T]{buf: make([]T, max(size, 1))}
}

// Add appends e.
func (r *Ring[T]) Add(e T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.buf[r.next%uint64(len(r.buf))] = e
	r.next++
	if r.arrive != nil {
		close(r.arrive)
		r.arrive = nil
	}
	for _, c := range r.notify {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// End returns the number of the next one to come: the cursor of a reader who
// wants only what happens from now on.
func (r *Ring[T]) End() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.next
}

// Since returns those from number cursor on, the cursor to ask with next
// time, and how many between the two were overwritten before they were read.
func (r *Ring[T]) Since(cursor uint64) (got []T, next, lost uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := uint64(len(r.buf))
	if oldest := r.next - min(r.next, size); cursor < oldest {
		lost, cursor = oldest-cursor, oldest
	}
	if cursor < r.next {
		got = make([]T, 0, r.next-cursor)
	}
	for ; cursor < r.next; cursor++ {
		got = append(got, r.buf[cursor%size])
	}
	return got, r.next, lost
}

// Arrival returns a channel that is closed when the next one is added.
func (r *Ring[T]) Arrival() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.arrive == nil {
		r.arrive = make(chan struct{})
	}
	return r.arrive
}

// Notify has each Add send on c, unless that would block, until stop is
// called. With a buffer of one, c says that something came since its reader
// last looked, and it may stand for several rings at once.
func (r *Ring[T]) Notify(c chan<- struct{}) (stop func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notify = append(r.notify, c)
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if i := slices.Index(r.notify, c); i >= 0 {
			r.notify = slices.Delete(r.notify, i, i+1)
		}
	}
}
