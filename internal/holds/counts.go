// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

import (
	"math"
	"time"
)

// counts are what somebody did. Times are milliseconds since the book began.
type counts struct {
	syns, verified uint64
	now            int64 // connections that are held
	ended          int64 // for how long those were held that are over
	starts         int64 // the sum of the starts of those that are held
	first, last    int64
}

func (c *counts) seen(at int64) {
	if c.syns == 0 && c.verified == 0 {
		c.first = at
	}
	c.last = at
}

func (c *counts) syn(at int64) {
	c.seen(at)
	c.syns++
}

func (c *counts) open(start, at int64) {
	c.seen(at)
	c.verified++
	c.now++
	c.starts += start
}

func (c *counts) end(start, last int64) {
	c.now--
	c.starts -= start
	c.ended += last - start
}

// held is for how long all were held, in milliseconds.
func (c *counts) held(at int64) int64 { return c.ended + c.now*at - c.starts }

// tally is what others are told of them at the moment at, which is called now.
func (c *counts) tally(at int64, now time.Time) Tally {
	return Tally{
		SYNs: c.syns, Verified: c.verified, Now: uint64(c.now), Held: span(c.held(at)),
		First: now.Add(span(c.first - at)), Last: now.Add(span(c.last - at)),
	}
}

// span turns milliseconds into a Duration, which ends at 292 years: ten thousand
// connections get there in eleven days.
func span(ms int64) time.Duration {
	const most = math.MaxInt64 / int64(time.Millisecond)
	return time.Duration(max(min(ms, most), -most)) * time.Millisecond
}
