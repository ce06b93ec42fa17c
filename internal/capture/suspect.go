// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import "net/netip"

// Suspect takes the news that an IP frame came from a captured address, or that a
// SYN went to one that was never asked for. The frame may be forged, so that nothing
// follows but silence until our questions are answered or not, and not again for a
// minute. Under Immediate we ask, and answer meanwhile.
// An address of which nothing is known is asked for, too, and not answered for
// meanwhile under any policy: its owner may have been silent in ARP for long. Where too many suspicions
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
	if c.cfg.Policy == Observe || !c.mayCapture(a) || !c.mayDoubt() {
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
