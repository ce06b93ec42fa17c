// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import "time"

// bucket is a token bucket that holds one second's worth. It remembers, instead of
// tokens, the time at which it will be full again: the generic cell rate algorithm
// (ITU-T I.371, annex A).
type bucket struct {
	rate int   // tokens a second; 0 is without limit
	full int64 // when it is full
}

// next returns the earliest time at which a token can be taken; it is not after now
// if one can be taken now.
func (b *bucket) next(now int64) int64 {
	if b.rate <= 0 {
		return now
	}
	return max(b.full, now) + b.cost() - int64(time.Second)
}

// take takes a token; false if there is none.
func (b *bucket) take(now int64) bool {
	if b.next(now) > now {
		return false
	}
	b.full = max(b.full, now)
	if b.rate > 0 {
		b.full += b.cost()
	}
	return true
}

// cost is how long it takes until a token is replaced.
func (b *bucket) cost() int64 { return int64(time.Second) / int64(b.rate) }
