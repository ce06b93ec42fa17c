// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"slices"
	"time"
)

// newcomer is a host that was heard taking an address, while we do not know where to
// send those to whom we had said that it is ours. It may never tell: an IPv6 host need
// not announce itself (RFC 4861 section 7.2.6), and its frames go past us. So we ask
// for it once it should answer, and its answer lets askers be told.
type newcomer struct {
	addr netip.Addr
	left int // questions
	at   int64
}

const newcomers = 256 // that are asked for at once; more are not, and caches end by themselves

// newcomerAfter is when, after each other, it is asked: duplicate address detection
// takes a second (RFC 4862 section 5.1, 5.4), address conflict probes seven at most
// (RFC 5227 section 1.1).
func newcomerAfter() [3]time.Duration {
	return [...]time.Duration{1500 * time.Millisecond, 2 * time.Second, 5 * time.Second}
}

// expect lets a be asked for, if somebody believes that it is ours.
func (c *Capturer) expect(a netip.Addr, now int64) {
	if c.cfg.Policy == Observe || c.down || c.askers.of[a] == nil || len(c.newcomers) == newcomers ||
		slices.ContainsFunc(c.newcomers, func(n *newcomer) bool { return n.addr == a }) {
		return
	}
	after := newcomerAfter()
	n := &newcomer{addr: a, left: len(after), at: now + int64(after[0])}
	c.newcomers = append(c.newcomers, n)
	c.wake(n.at)
}

// meet asks for the newcomers that are due, as the limit of verifications allows.
func (c *Capturer) meet(now int64, emit func([]byte)) {
	after := newcomerAfter()
	c.newcomers = slices.DeleteFunc(c.newcomers, func(n *newcomer) bool {
		if c.askers.of[n.addr] == nil || c.cfg.Ask == nil {
			return true // they were told, or are no more
		}
		if now >= n.at && c.verifications.take(now) {
			if c.cfg.Ask(n.addr, emit) {
				c.counts.Questions++
			}
			if n.left--; n.left == 0 {
				return true
			}
			n.at = now + int64(after[len(after)-n.left])
		}
		c.wake(max(n.at, c.verifications.next(now)))
		return false
	})
}
