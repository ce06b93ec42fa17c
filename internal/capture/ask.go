// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"time"
)

const (
	askAgain = 100 * time.Millisecond // where Ask could not
	lackFor  = 3 * time.Second        // so long Ask must have failed: a source is claimed within 1 s

	// The passive rule. Whoever got an answer does not ask again so soon.
	silentFor = time.Second
	silentMax = 5 * time.Second
)

// lack is whether we have an address of one family to ask from.
type lack struct {
	since  int64 // failures before count from here
	able   bool  // the last time we had one
	failed bool  // the last time we had none
	told   bool  // Passive was reported, since we last had one
}

func (c *Capturer) lackOf(a netip.Addr) *lack {
	if a.Is4() {
		return &c.lacks[0]
	}
	return &c.lacks[1]
}

// passive says whether the passive rule decides over a.
func (c *Capturer) passive(a netip.Addr, now int64) bool {
	l := c.lackOf(a)
	return c.cfg.Policy == Observe || l.failed && now-l.since >= int64(lackFor)
}

// ask puts a question, and says whether it could.
func (c *Capturer) ask(e *entry, now int64, emit func([]byte)) bool {
	l := c.lackOf(e.addr)
	if c.cfg.Ask != nil && c.cfg.Ask(e.addr, emit) {
		c.counts.Questions++
		*l = lack{able: true}
		e.asks++
		c.later(e, now+int64(questionEvery))
		return true
	}
	if l.able {
		l.able, l.since = false, now
	}
	l.failed = true
	if !l.told && c.cfg.Policy == Verify && c.passive(e.addr, now) {
		l.told = true
		c.report(Change{Kind: Passive})
	}
	return false
}
