// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"net/netip"
	"sync/atomic"
	"time"

	"cygnet/internal/wire"
)

// When a neighbour is asked for. RFC 1122 section 2.3.2.1 wants entries
// checked on the order of a minute and not more than one broadcast a second
// for one address; the very first questions come faster, because a service
// waits for the answer and a switch may not have learned our port yet.
const (
	refreshEvery  = 10 * time.Second       // a known MAC is confirmed this often, by unicast
	refreshTries  = 3                      // unanswered questions until it is lost
	retryEvery    = time.Second            // between these
	firstRetry    = 250 * time.Millisecond // after the first question of all, then doubled
	slowestRetry  = 15 * time.Second       // where nobody answers
	silentTries   = 4                      // unanswered questions, over 3.75 s, until it is said so
	refreshJitter = 8 * time.Millisecond   // times the address's last byte: up to 2 s
)

// Neighbour is an address of the segment and, once somebody answered for it,
// its MAC. Everything but the MAC belongs to the goroutine that drives the
// Table.
type Neighbour struct {
	addr netip.Addr
	mac  atomic.Uint64 // wire.MAC.Uint64, 0 = unknown: learned, one writer

	silence atomic.Bool // it was reported that nobody answers: learned likewise

	next      int64         // when to ask again
	last      int64         // when it was last asked for
	asked     int64         // when the question that is open now was first put
	tries     int           // questions since the last answer
	confirmed int64         // when it last answered
	pause     time.Duration // between questions that nobody answers
	wanted    bool          // used by Configure
}

// Addr returns the neighbour's address.
func (n *Neighbour) Addr() netip.Addr { return n.addr }

// MAC returns the neighbour's MAC, the zero MAC while it is unknown. It is
// safe for concurrent use and does not allocate.
func (n *Neighbour) MAC() wire.MAC { return wire.MACFromUint64(n.mac.Load()) }

// Known says whether the MAC is known. It is safe for concurrent use.
func (n *Neighbour) Known() bool { return n.mac.Load() != 0 }

// Confirmed returns when it last answered, 0 if it never did. It belongs to the
// goroutine that drives the Table.
func (n *Neighbour) Confirmed() int64 { return n.confirmed }

// Silent says that nobody answers for the address: not at all so far, or no more.
// A new one is not, until it has been asked for a while. It is safe for concurrent
// use.
func (n *Neighbour) Silent() bool { return n.silence.Load() }

// answer takes the news that mac answers, or sent something, for n.
func (n *Neighbour) answer(mac wire.MAC, reply bool, now int64) (Change, bool) {
	was := n.MAC()
	switch {
	case was == mac:
		n.settle(now)
		return Change{}, false
	case !reply:
		// Somebody with this address speaks, but did not answer us: ask, and
		// believe the answer. A known neighbour is asked by broadcast, so that
		// both the old and the new holder hear it.
		n.askSoon(now)
		return Change{}, false
	case n.tries == 0 || (!was.IsZero() && n.confirmed >= n.asked):
		// Nobody asked, or the one we know has answered already.
		n.askSoon(now)
		return Change{}, false
	}
	n.mac.Store(mac.Uint64())
	n.silence.Store(false)
	n.settle(now)
	if was.IsZero() {
		return Change{Kind: Resolved, Addr: n.addr, MAC: mac}, true
	}
	return Change{Kind: Moved, Addr: n.addr, MAC: mac, Was: was}, true
}

// settle closes the open question.
func (n *Neighbour) settle(now int64) {
	low := n.addr.As16()[15]
	n.confirmed, n.tries, n.pause = now, 0, 0
	n.next = now + int64(refreshEvery) + int64(low)*int64(refreshJitter)
}

// askSoon brings the next question forward, at most one a second whoever
// makes us ask, and makes it a broadcast.
func (n *Neighbour) askSoon(now int64) {
	if n.tries == 0 {
		n.tries = 1
		n.asked = now + 1 // later than an answer of this very moment
	}
	n.next = min(n.next, max(now, n.last+int64(retryEvery)))
}

// restart asks anew, as at the start: the segment may be another.
func (n *Neighbour) restart(now int64) {
	n.tries, n.pause, n.next, n.last = 0, 0, now, 0
	if n.Known() {
		n.askSoon(now)
	}
}

// due asks for n if it is time, and says when nobody answered for too long.
func (n *Neighbour) due(now int64, ask func(*Neighbour, wire.MAC)) (c Change, happened bool) {
	if now < n.next {
		return Change{}, false
	}
	switch {
	case n.Known() && n.tries >= refreshTries:
		c, happened = Change{Kind: Lost, Addr: n.addr, Was: n.MAC()}, true
		n.mac.Store(0)
		n.silence.Store(true)
	case !n.Known() && n.tries >= silentTries && !n.silence.Load():
		c, happened = Change{Kind: Silent, Addr: n.addr}, true
		n.silence.Store(true)
	}
	to := wire.BroadcastMAC()
	if n.tries == 0 {
		n.asked = now
		if n.Known() {
			to = n.MAC() // a unicast poll first, RFC 1122 section 2.3.2.1 (2)
		}
	}
	ask(n, to)
	n.last = now
	n.tries++
	n.next = now + int64(n.retry())
	return c, happened
}

// retry returns how long to wait for the answer to the question just put.
func (n *Neighbour) retry() time.Duration {
	if n.Known() {
		return retryEvery
	}
	n.pause = min(max(2*n.pause, firstRetry), slowestRetry)
	return n.pause
}
