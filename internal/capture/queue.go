// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import "slices"

const (
	queueRoom = 256
	doubtRoom = queueRoom / 2 // of them: frames that may be forged leave the other half to those who ask
)

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

// countWaiting counts those that wait because of the limit, each once.
func (c *Capturer) countWaiting(queue []*entry) {
	for _, e := range queue {
		if !e.waited {
			e.waited = true
			c.counts.VerifyLimited++
		}
	}
}
