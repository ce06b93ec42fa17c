// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"slices"
	"time"

	"cygnet/engine"
)

// The numbers of damping; the package comment says the rule.
const (
	hurry       = time.Minute // falls within this are in a hurry
	hurriedFall = 3           // from this one on it is held down
	firstHold   = 10 * time.Second
	longestHold = 5 * time.Minute
)

const resultsKept = 8

// course is what the results of a server make of it so far: learned state, owned
// by its watch. Times are given, so it has no clock.
type course struct {
	rise, fall int // how many results in a row it takes

	state  engine.HealthState
	since  time.Time // when state became what it is
	proven bool      // it has passed, at the address that it has now
	row    int       // results in a row that are like the last one
	passes bool      // the last one was a pass
	why    string    // the last result that was no pass
	soft   bool
	last   []engine.Result

	falls []time.Time   // the last ones, at most hurriedFall
	hold  time.Duration // of the last fall; 0 is none
	held  time.Time     // when that ends
}

func newCourse(rise, fall int, now time.Time) course {
	return course{rise: rise, fall: fall, state: engine.HealthUnchecked, since: now}
}

// restart forgets the results in a row: what they were found out by is no more.
func (c *course) restart(rise, fall int) {
	c.rise, c.fall, c.row = rise, fall, 0
}

// doubt makes the next result decide alone: the results so far were of another
// server, or of less than is asked now.
func (c *course) doubt() {
	c.proven, c.row = false, 0
}

// add takes a result. soft says that a failure is one of the service alone.
func (c *course) add(r engine.Result, soft bool) {
	if r.Pass != c.passes {
		c.row = 0
	}
	c.passes = r.Pass
	c.row = min(c.row+1, max(c.rise, c.fall))
	c.last = append(slices.Clone(c.last[max(0, len(c.last)-resultsKept+1):]), r) // the old ones are shared
	if !r.Pass {
		c.why, c.soft = r.Text, soft
	}
	c.settle(r.Time)
}

// settle changes state if it is time. After a hold it is, without a result.
func (c *course) settle(now time.Time) {
	if c.row < c.needed() {
		return
	}
	switch {
	case c.passes:
		c.proven = true
		if c.state != engine.HealthUp && !now.Before(c.held) {
			c.change(engine.HealthUp, now)
		}
	case c.state == engine.HealthUp:
		c.change(engine.HealthDown, now)
		c.damp(now)
	case c.state == engine.HealthUnchecked:
		c.change(engine.HealthDown, now)
	}
}

// needed is how many results in a row like the last one it takes.
func (c *course) needed() int {
	switch {
	case !c.proven:
		return 1
	case c.passes:
		return c.rise
	}
	return c.fall
}

func (c *course) change(to engine.HealthState, now time.Time) {
	c.state, c.since = to, now
}

// damp holds a server down that has fallen too often.
func (c *course) damp(now time.Time) {
	c.falls = append(c.falls, now)
	c.falls = c.falls[max(0, len(c.falls)-hurriedFall):]
	switch {
	case c.hold > 0 && now.Sub(c.held) <= hurry:
		c.hold = min(2*c.hold, longestHold)
	case len(c.falls) == hurriedFall && now.Sub(c.falls[0]) <= hurry:
		c.hold = firstHold
	default:
		c.hold = 0
	}
	if c.hold > 0 {
		c.held = now.Add(c.hold)
	}
}

// waits says until when it is held down although it could rise; zero where it
// is not.
func (c *course) waits() time.Time {
	if c.state == engine.HealthDown && c.passes && c.row >= c.needed() {
		return c.held
	}
	return time.Time{}
}

// health is c as it is told.
func (c *course) health(kind string, now time.Time) engine.Health {
	h := engine.Health{
		State: c.state, Check: kind, Soft: c.state == engine.HealthDown && c.soft,
		Why: c.why, Since: c.since, Last: c.last,
	}
	against := (c.state == engine.HealthUp) != c.passes
	if c.state == engine.HealthUp && c.passes && c.why != noSource {
		h.Why = "" // that is over
	}
	if c.row > 0 && against {
		h.Turn, h.Turns = c.row, c.needed()
	}
	if c.state == engine.HealthDown && now.Before(c.held) {
		h.Held = c.held
	}
	return h
}
