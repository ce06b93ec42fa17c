// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import "sync"

// Ring keeps the newest of what happened, an Event or a line of the log, for
// any number of readers. A writer never waits for a reader: who reads too
// slowly loses the oldest and is told how many. It is safe for concurrent use.
type Ring[T any] struct {
	mu     sync.Mutex
	buf    []T
	next   uint64        // the number of the next one, counted from 0
	arrive chan struct{} // closed at the next one, then replaced
}

// NewRing returns a ring that remembers so many; size is at least 1.
func NewRing[T any](size int) *Ring[T] {
	return &Ring[T]{buf: make([]T, max(size, 1)), arrive: make(chan struct{})}
}

// Add appends e.
func (r *Ring[T]) Add(e T) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.buf[r.next%uint64(len(r.buf))] = e
	r.next++
	close(r.arrive)
	r.arrive = make(chan struct{})
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
	for ; cursor < r.next; cursor++ {
		got = append(got, r.buf[cursor%size])
	}
	return got, r.next, lost
}

// Arrival returns a channel that is closed when the next one is added.
func (r *Ring[T]) Arrival() <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.arrive
}
