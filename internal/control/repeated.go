// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import "cygnet/internal/events"

// repeated adds to a ring what comes on a new connection, less what came on the
// one before: a cygnet begins with all that it still remembers. That is in the
// order of before, and ends with the last that we had, unless so much happened
// since that it remembers nothing from before.
//
// What is compared is the content, of which the time is a part. Times alone
// would not do: clocks are set, and what happened in the same millisecond comes
// in any order.
type repeated[T comparable] struct {
	ring *events.Ring[T]
	had  map[T]int // how often; nil once all is new
	last T         // of what we had
	left int       // how many more may come from before
}

// again returns one for a ring that may hold something from before; a cygnet
// remembers so many.
func again[T comparable](ring *events.Ring[T], remembered int) *repeated[T] {
	r := &repeated[T]{ring: ring}
	old, _, _ := ring.Since(0)
	if len(old) == 0 {
		return r
	}
	r.had, r.last, r.left = map[T]int{}, old[len(old)-1], remembered
	for _, v := range old {
		r.had[v]++
	}
	return r
}

// forget takes all that comes for new.
func (r *repeated[T]) forget() { r.had = nil }

func (r *repeated[T]) add(v T) {
	if r.had == nil {
		r.ring.Add(v)
		return
	}
	r.left--
	if r.had[v] > 0 {
		r.had[v]--
	} else {
		r.ring.Add(v) // it was lost to us before, or nothing of before is remembered
	}
	if r.had[r.last] == 0 || r.left == 0 {
		r.forget()
	}
}
