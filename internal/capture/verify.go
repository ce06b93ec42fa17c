// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"slices"
	"time"
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
	queueRoom     = 256
	doubtRoom     = queueRoom / 2 // of them: frames that may be forged leave the other half to those who ask
	maxFree6      = 4096          // each has a place in a router's neighbour cache (RFC 6583)
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

// want lets e be asked for, as soon as the limit allows, since somebody asked for it.
// Where too many wait, the one goes that waits longest and is not in doubt.
func (c *Capturer) want(e *entry, now int64) {
	c.wake(now)
	if e.queued {
		c.believe(e)
		return
	}
	if len(c.queue) == queueRoom {
		c.unqueue(slices.IndexFunc(c.queue, func(e *entry) bool { return !e.doubt }), now)
	}
	c.enqueue(e)
}

// doubt lets e be asked for likewise, because of a frame that may be forged; false if
// it does not wait, since too many in doubt do or all places are taken.
func (c *Capturer) doubt(e *entry, now int64) bool {
	if e.queued {
		return true
	}
	if !c.mayDoubt() {
		return false
	}
	c.enqueue(e)
	e.doubt = true
	c.doubts++
	c.wake(now)
	return true
}

func (c *Capturer) mayDoubt() bool { return c.doubts < doubtRoom && len(c.queue) < queueRoom }

func (c *Capturer) enqueue(e *entry) {
	e.queued, e.waited = true, false
	c.queue = append(c.queue, e)
}

// believe notes that e does not wait because of a suspicion alone.
func (c *Capturer) believe(e *entry) {
	if e.doubt {
		e.doubt = false
		c.doubts--
	}
}

// unqueue lets the i-th that waits go. If it was not asked for, it is no more
// Suspended.
func (c *Capturer) unqueue(i int, now int64) {
	e := c.queue[i]
	c.queue = slices.Delete(c.queue, i, i+1)
	c.believe(e)
	e.queued = false
	if !e.gone && e.state == Suspended && e.asks == 0 {
		c.giveUp(e, now)
	}
}

// unqueueAll lets all that wait go.
func (c *Capturer) unqueueAll(now int64) {
	for len(c.queue) > 0 {
		c.unqueue(len(c.queue)-1, now)
	}
}

// askQueued puts the first questions for those that wait, as the limit allows.
func (c *Capturer) askQueued(now int64, emit func([]byte)) {
	for i := 0; i < len(c.queue); {
		e := c.queue[i]
		next := c.verifications.next(now)
		switch {
		case e.gone || e.state != Unknown && e.state != Suspended:
			c.unqueue(i, now)
		case next > now:
			c.wake(next)
			c.countWaiting(c.queue[i:])
			return
		case c.begin(e, stateAsked(e), now, emit), c.passive(e.addr, now):
			c.unqueue(i, now)
		default:
			c.wake(now + int64(askAgain))
			i++
		}
	}
}

// stateAsked is the state of e while it is asked for.
func stateAsked(e *entry) State {
	if e.state == Unknown {
		return Verifying
	}
	return e.state
}

// countWaiting counts those that wait because of the limit, each once.
func (c *Capturer) countWaiting(queue []*entry) {
	for _, e := range queue {
		if !e.waited {
			e.waited = true
			c.counts.VerifyLimited++
		}
	}
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
func (c *Capturer) giveUp(e *entry, now int64) {
	if c.cfg.Policy == Immediate {
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

// Suspect takes the news that an IP frame came from a captured address, or that a
// SYN went to one that was never asked for. The frame may be forged, so that nothing
// follows but silence until our questions are answered or not, and not again for a
// minute. Under Immediate we ask, and answer meanwhile.
// An address of which nothing is known is asked for, too. Where too many suspicions
// wait, nothing follows at all: the next frame says it again.
func (c *Capturer) Suspect(a netip.Addr, now int64) {
	a = a.Unmap()
	if c.down {
		return
	}
	e := c.memory.find(a)
	switch {
	case e == nil || e.state == Unknown:
		c.suspectUnknown(a, now)
	case e.state == Free && now >= e.calm:
		c.suspectFree(e, now)
	}
}

// suspectUnknown lets a be asked for, of which nothing is known.
func (c *Capturer) suspectUnknown(a netip.Addr, now int64) {
	if c.cfg.Policy != Verify || !c.mayCapture(a) || !c.mayDoubt() {
		return
	}
	if e := c.memory.enter(a, false, now); e != nil {
		c.doubt(e, now)
	}
}

// suspectFree lets e, which was free, be asked for again.
func (c *Capturer) suspectFree(e *entry, now int64) {
	if c.cfg.Policy != Observe && !c.doubt(e, now) {
		return
	}
	e.suspected, e.asks = true, 0
	if c.cfg.Policy == Observe {
		c.unknown(e)
		return
	}
	c.memory.set(e, Suspended)
}
