// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import "time"

// An engine to which nobody sends anything rests: each time that a thread wakes
// costs some 100 us of a small machine, and the clock alone would wake one every tick.
const (
	// restAfter is for how long workers must have got no frame.
	restAfter = 2 * tick

	// restTick is how coarse the clock is then. The first frames see it; they end
	// the rest.
	restTick = 250 * time.Millisecond

	// restHouseEvery is how often the housekeeper looks around. Whoever wants a
	// snapshot makes one.
	restHouseEvery = 500 * time.Millisecond
)

// waker is a queue whose Recv another goroutine can end: others' frames then need
// not wait for its turn.
type waker interface{ Wake() }

// patient is a queue that can be told how long Recv is to wait, by whoever calls
// that.
type patient interface{ SetWait(wait time.Duration) }

// stir ends the rest, if there is one: the worker handled frames.
func (w *worker) stir() {
	if w.resting.Load() && w.resting.Swap(false) {
		w.wake()
	}
}

// received is how many frames workers have got.
func (e *Engine) received() (frames uint64) {
	for _, w := range e.workers {
		frames += w.count.in.load().Frames
	}
	return frames
}

// wake makes the goroutine look for what it was asked for.
func (c *control) wake() {
	if q, ok := c.q.(waker); ok {
		q.Wake()
	}
}

// patience is how long the goroutine may wait for a frame: while workers get some,
// until the clock is to tick, and otherwise until there is something to do. The
// caller holds mu.
func (c *control) patience() time.Duration {
	now := c.e.clock.Load()
	if frames := c.e.received(); frames != c.received {
		c.received, c.busy = frames, now
	}
	rests := now-c.busy >= int64(restAfter)
	c.e.resting.Store(rests)
	// A worker counts frames first and then looks whether to stir us. So either it
	// sees that we rest, or else we see here what it counted.
	if !rests || c.e.received() != c.received {
		return tick
	}
	due := min(c.e.neighbours.due(), c.e.capturer.Due())
	return min(max(time.Duration(due-now), tick), restTick)
}

// wait sets how long the next Recv waits.
func (c *control) wait(patience time.Duration) {
	if q, ok := c.q.(patient); ok {
		q.SetWait(patience)
	}
	if c.e.dozing.Load() && !c.e.resting.Load() {
		c.e.stir()
	}
}

// stir ends the housekeeper's rest, and gets a fresh snapshot.
func (e *Engine) stir() {
	select {
	case e.stirred <- struct{}{}:
	default:
	}
}
