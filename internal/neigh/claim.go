// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"net/netip"
	"sync/atomic"
	"time"

	"cygnet/internal/wire"
)

// How an address is claimed. RFC 5227 section 1.1 waits up to 7 s for a
// conflict; a service that must forward within 2 s cannot, and asks for hosts
// on its own wire, which answer in milliseconds. The second announcement, two
// seconds later, and one defence in ten seconds are that section's
// ANNOUNCE_NUM, ANNOUNCE_INTERVAL and DEFEND_INTERVAL.
const (
	claimAsks     = 3
	claimEvery    = 300 * time.Millisecond // so the verdict falls after 900 ms
	againTaken    = 5 * time.Second        // until we try again for an address that is taken
	againHeld     = 60 * time.Second       // until we ask again for one that we hold
	againDisputed = 10 * time.Second       // the same, while another host answers for it too
	secondAfter   = 2 * time.Second
	defendEvery   = 10 * time.Second
)

type claimState uint8

const (
	claimAsking claimState = iota // is it free? silent until we know
	claimTaken                    // another host answers for it: silent
	claimHeld                     // we answer for it
)

// Claim is an address that we want to answer for. Everything but what its
// methods tell belongs to the goroutine that drives the Table.
type Claim struct {
	addr netip.Addr

	// Learned: one writer, read atomically.
	held atomic.Bool
	kept atomic.Bool   // the host's kernel holds it on this very interface: not for us to announce or to answer
	foe  atomic.Uint64 // the other host's MAC while it is taken or disputed

	state    claimState
	asks     int   // questions put in this round
	next     int64 // when to go on
	heard    bool  // another host answered for it since the last question, or round of them
	reported int64 // when another host was last reported; 0 = never

	announceAt int64 // when to announce next; 0 = no need
	second     bool  // a second announcement follows this one
	announced  int64 // when that last happened; 0 = never
	wanted     bool  // used by Configure
}

// Addr returns the claimed address.
func (c *Claim) Addr() netip.Addr { return c.addr }

// Held says whether we answer for the address. It is safe for concurrent use.
func (c *Claim) Held() bool { return c.held.Load() }

// Kept says whether the host's kernel answers for the address already, on this
// very interface. It is safe for concurrent use.
func (c *Claim) Kept() bool { return c.kept.Load() }

// Rival returns the MAC of the other host that answers for the address, the
// zero MAC if there is none. It is safe for concurrent use.
func (c *Claim) Rival() wire.MAC { return wire.MACFromUint64(c.foe.Load()) }

// restart begins a round of questions, in silence: what we knew of the segment
// may be no longer true.
func (c *Claim) restart(now int64) {
	if c.state == claimHeld {
		c.state = claimAsking
	}
	c.held.Store(false)
	c.asks, c.next, c.announceAt = 0, now, 0
}

// rival takes the news that another host uses the address. Of many that do, or
// one that lies about its MAC, one is reported in defendEvery.
func (c *Claim) rival(mac wire.MAC, now int64) (Change, bool) {
	was := c.Rival()
	c.heard = true
	c.foe.Store(mac.Uint64())
	if c.state == claimHeld {
		c.announceSoon(now)
		c.next = min(c.next, now+int64(againDisputed))
	} else {
		c.state, c.asks, c.next = claimTaken, 0, now+int64(againTaken)
	}
	news := was.IsZero() || was != mac && now >= c.reported+int64(defendEvery)
	if news {
		c.reported = now
	}
	return Change{Kind: Disputed, Addr: c.addr, MAC: mac, Was: was, Held: c.state == claimHeld}, news
}

// announceSoon asks for one more announcement, as early as the limit allows.
func (c *Claim) announceSoon(now int64) {
	switch {
	case c.kept.Load() || c.announceAt != 0:
	case c.announced == 0:
		c.announceAt = max(now, 1)
	default:
		c.announceAt = max(now, c.announced+int64(defendEvery))
	}
}

// due does what the time asks for and reports what changed.
func (c *Claim) due(now int64, say speaker, report func(Change)) {
	if now >= c.next {
		c.step(now, say, report)
	}
	if c.state == claimHeld && c.announceAt != 0 && now >= c.announceAt {
		say.announce(c.addr)
		c.announceAt, c.announced = 0, max(now, 1)
		if c.second {
			c.announceAt, c.second = now+int64(secondAfter), false
		}
	}
}

// step asks once more, or draws the conclusion of a round of questions.
func (c *Claim) step(now int64, say speaker, report func(Change)) {
	switch {
	case c.state == claimHeld:
		c.endDispute(report)
		say.ask(c.addr)
		c.heard = false
		c.next = now + int64(againHeld)
		if !c.Rival().IsZero() {
			c.next = now + int64(againDisputed)
		}
	case c.asks < claimAsks:
		if c.asks == 0 {
			c.heard = false
		}
		say.ask(c.addr)
		c.asks++
		c.next = now + int64(claimEvery)
	default:
		c.hold(now, report)
	}
}

// hold makes the address ours: nobody answered a whole round of questions.
func (c *Claim) hold(now int64, report func(Change)) {
	c.endDispute(report)
	c.state = claimHeld
	c.held.Store(true)
	c.next = now + int64(againHeld)
	c.second = c.announced == 0
	c.announceSoon(now)
	report(Change{Kind: Announced, Addr: c.addr})
}

// endDispute reports that the other host has not answered since the last
// question.
func (c *Claim) endDispute(report func(Change)) {
	if foe := c.Rival(); !foe.IsZero() && !c.heard {
		c.foe.Store(0)
		report(Change{Kind: Undisputed, Addr: c.addr, Was: foe})
	}
}
