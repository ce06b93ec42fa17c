// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import "time"

// past is the longest, in milliseconds, that a Moment kept here is behind now:
// what was before is said to be then, as it could not be told from the future.
// It is beyond MaxIdle, so nothing lives longer by it.
const past = 2 * uint32(MaxIdle/time.Millisecond)

// Age looks at the next flows and clients in turn, at most n, and forgets flows
// whose time is over, whose service or server is no more, and clients without
// flows whose service is no more; a client keeps no server that is no more. It
// returns whether it came to the end of a pass, where it stops; at once if there
// is nothing to look at. A pass must not take longer than a flow needs for 4 GiB,
// nor than MaxIdle.
func (t *Table) Age(now Moment, n int) (ended bool) {
	if t.next == 0 && t.clients.next == 0 {
		t.beginCensus()
	}
	for ; n > 0 && t.next < t.high; n-- {
		t.visit(&t.flows[t.next], now)
		t.next++
	}
	c := &t.clients
	for ; n > 0 && c.next < c.high; n-- {
		t.visitClient(&c.entries[c.next], now)
		c.next++
	}
	if t.next < t.high || c.next < c.high {
		return false
	}
	t.next, c.next = 0, 0
	t.rest()
	t.endCensus(now)
	return true
}

// Len returns how many flows and clients Age has to look at in a pass: as many
// as there were at once since there were none.
func (t *Table) Len() int { return int(t.high) + int(t.clients.high) }

// visit is Age's look at one flow.
func (t *Table) visit(f *Flow, now Moment) {
	if f.state == Free {
		return
	}
	if t.over(f, now) || f.server != 0 && !t.hooks.Serves(f.server) {
		t.forget(f)
		return
	}
	recent := t.tell(f)
	f.started = f.started.notBefore(now)
	if t.census != nil {
		t.census.noteFlow(f, recent)
	}
}

// visitClient is Age's look at one client.
func (t *Table) visitClient(e *client, now Moment) {
	if e.standing == nobody {
		return
	}
	if e.open == 0 && t.hooks.Idle(e.service) == nil {
		t.clients.forget(e)
		return
	}
	if e.server != 0 && !t.hooks.Exists(e.server) {
		e.server = 0
	}
	recent := e.bytes - e.prior
	e.prior = e.bytes
	e.started = e.started.notBefore(now)
	e.seen = e.seen.notBefore(now)
	if t.census != nil {
		t.census.noteClient(e, recent, now)
	}
}

// notBefore returns m, or the moment that is past before now, if m is earlier.
func (m Moment) notBefore(now Moment) Moment {
	if now.Since(m) > past {
		return now - Moment(past)
	}
	return m
}

// rest makes Age's way short where nothing is left: all entries count as never
// used again.
func (t *Table) rest() {
	if t.counts[Opening]+t.counts[Established]+t.counts[Closing]+t.counts[Reset] == 0 {
		t.high, t.free, t.hand = 0, 0, 0
	}
	if c := &t.clients; c.known == 0 {
		c.high, c.free, c.hand = 0, 0, 0
	}
}
