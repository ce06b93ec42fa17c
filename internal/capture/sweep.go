// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"slices"
	"time"
)

// The sweep asks for the captured addresses before anybody else does, so that the
// first scan meets answers.
const (
	sweepListen = 30 * time.Second      // until it begins: most hosts are heard by then
	sweepEvery  = 60 * time.Millisecond // an address: 50 questions a second, three for each
	sweepAddrs  = 4096                  // at most
	sweepSkip   = 256                   // addresses looked at in one Tick
)

// sweep goes through the IPv4 addresses that may be captured, once.
type sweep struct {
	prefixes []netip.Prefix
	place    int        // the prefix at hand; len(prefixes) = done
	next     netip.Addr // in it; the zero Addr = its first
	left     int
	at       int64
}

// start begins anew.
func (s *sweep) start(prefixes []netip.Prefix, at int64) {
	*s = sweep{prefixes: slices.Clone(prefixes), left: sweepAddrs, at: at}
}

func (s *sweep) done() bool { return s.place >= len(s.prefixes) || s.left == 0 }

// addr returns the address at hand, false if there is none.
func (s *sweep) addr() (netip.Addr, bool) {
	for !s.done() {
		p := s.prefixes[s.place].Masked()
		if !s.next.IsValid() {
			s.next = p.Addr()
		}
		if p.Addr().Is4() && p.Contains(s.next) {
			return s.next, true
		}
		s.place, s.next = s.place+1, netip.Addr{}
	}
	return netip.Addr{}, false
}

// advance goes on to the following address.
func (s *sweep) advance() {
	s.left--
	if s.next = s.next.Next(); !s.next.IsValid() {
		s.place++
	}
}

// sweepDue asks for the next address of the sweep. It comes after those that somebody
// asked for, and so gets what the limit leaves.
func (c *Capturer) sweepDue(now int64, emit func([]byte)) {
	s := &c.sweep
	if s.done() {
		return
	}
	if now < s.at {
		c.wake(s.at)
		return
	}
	s.at = now + int64(sweepEvery)
	for range sweepSkip {
		a, ok := s.addr()
		if !ok {
			return
		}
		if c.maySweep(a) {
			c.sweepOne(a, now, emit)
			break
		}
		s.advance()
	}
	c.wake(s.at)
}

// maySweep says whether a is to be asked for: nothing is known of it.
func (c *Capturer) maySweep(a netip.Addr) bool {
	e := c.memory.find(a)
	return (e == nil || e.state == Unknown) && c.mayCapture(a)
}

func (c *Capturer) sweepOne(a netip.Addr, now int64, emit func([]byte)) {
	s := &c.sweep
	if c.verifications.next(now) > now {
		return
	}
	e := c.memory.enter(a, false, now)
	if e == nil || c.begin(e, Verifying, now, emit) {
		s.advance()
		return
	}
	s.at = now + int64(recheckLater)
}
