// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"time"

	"cygnet/internal/wire"
)

// How an address is verified. nmap asks at 0 and 1.2 s and Linux at 0, 1.02 and 2.04
// s; both must get an answer to their second question.
const (
	questions     = 3
	questionEvery = 300 * time.Millisecond // so the verdict falls after 900 ms
	recheckEvery  = 15 * time.Minute
	recheckSpread = 2 * time.Minute // rechecks fall within so much around that
	recheckLater  = time.Second     // where it must wait for others
	calmFor       = 60 * time.Second
	maxFree6      = 4096 // each has a place in a router's neighbour cache (RFC 6583)
)

// later lets e be due at the given time.
func (c *Capturer) later(e *entry, at int64) {
	c.memory.timers.set(e, at)
	c.wake(at)
}

// begin puts the first question for e, and so makes its state the given one; false
// if it could not.
func (c *Capturer) begin(e *entry, state State, now int64, emit func([]byte)) bool {
	if !c.ask(e, now, emit) {
		return false
	}
	c.verifications.take(now)
	if e.state != state {
		c.memory.set(e, state)
	}
	return true
}

// stateAsked is the state of e while it is asked for.
func stateAsked(e *entry) State {
	if e.state == Unknown {
		return Verifying
	}
	return e.state
}

// step goes on with e, which is due. The timer of a state that it has left says
// nothing.
func (c *Capturer) step(e *entry, now int64, emit func([]byte)) {
	switch {
	case e.state == Owned:
		c.ownerDue(e, now)
	case e.asks >= questions:
		c.free(e, now)
	case e.asks > 0:
		if !c.ask(e, now, emit) {
			c.cannotAsk(e, now)
		}
	case e.state == Free:
		c.recheck(e, now, emit)
	}
}

// ownerDue forgets an owner that was not heard for OwnerLife.
func (c *Capturer) ownerDue(e *entry, now int64) {
	switch {
	case e.held:
	case young(second(e.used), now):
		c.later(e, e.used+int64(OwnerLife))
	default:
		c.memory.remove(e)
	}
}

// recheck asks whether a free address is still free. It stays so meanwhile.
func (c *Capturer) recheck(e *entry, now int64, emit func([]byte)) {
	switch {
	case c.cfg.Policy == Observe:
		c.unknown(e)
	case len(c.queue) > 0 || c.verifications.next(now) > now:
		c.later(e, now+int64(recheckLater))
	case !c.begin(e, Free, now, emit):
		c.cannotAsk(e, now)
	}
}

// cannotAsk lets e wait until we have an address to ask from, if there may be one.
func (c *Capturer) cannotAsk(e *entry, now int64) {
	if c.passive(e.addr, now) {
		c.giveUp(e, now)
	} else {
		c.later(e, now+int64(askAgain))
	}
}

// giveUp ends the questions for e without a verdict: it has to be found free anew.
// Under Immediate one that was ours before stays so.
func (c *Capturer) giveUp(e *entry, now int64) {
	if c.cfg.Policy == Immediate && e.state != Verifying {
		c.free(e, now)
	} else {
		c.unknown(e)
	}
}

// unknown lets nothing be known of e.
func (c *Capturer) unknown(e *entry) {
	e.asks, e.first = 0, 0
	c.memory.set(e, Unknown)
}

// free makes e ours: nobody has it.
func (c *Capturer) free(e *entry, now int64) {
	e.asks, e.first = 0, 0
	if e.suspected {
		e.suspected, e.calm = false, now+int64(calmFor)
	}
	if e.state != Free {
		c.memory.set(e, Free)
		c.correct(e.addr, wire.MAC{})
	}
	c.later(e, now+c.recheckAfter(e.addr))
	if !e.reported {
		e.reported = true
		c.counts.Captures++
		c.report(Change{Kind: Captured, Addr: e.addr})
	}
	if c.memory.free6.Len() > maxFree6 {
		c.memory.remove(c.memory.free6.Front().Value.(*entry))
	}
}

// recheckAfter spreads the rechecks by address, and by MAC: of two of us that
// captured the same address, one asks first, and lets go.
func (c *Capturer) recheckAfter(a netip.Addr) int64 {
	hi, lo := keyOf(a)
	spread := mix(hi^c.cfg.MAC.Uint64(), lo) >> 16 % uint64(recheckSpread)
	return int64(recheckEvery-recheckSpread/2) + int64(spread)
}
