// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"slices"

	"cygnet/internal/capture"
	"cygnet/internal/events"
	"cygnet/internal/neigh"
)

// capture is what captures addresses for the table.
func (t *table) capture(neighbours *neigh.Table) capture.Config {
	c := capture.Config{
		MAC: t.mac, Policy: t.cfg.Tarpit.Policy, Subnets: slices.Concat(t.cfg.Addrs, t.cfg.Tarpit.Segments), Ours: t.untagged.isOurs,
		Replies: t.cfg.Tarpit.Limits.ARP, Verifications: t.cfg.Tarpit.Limits.Verify, Ask: neighbours.Inquire,
	}
	if t.tarpit != nil {
		c.Ignored = t.tarpit.ignoresAsker
	}
	if t.remembered != nil {
		c.Captured, c.Standby = t.remembered.Contains, t.cfg.Standby
	}
	if t.captured != nil {
		c.Prefixes = t.cfg.Tarpit.Captured
	}
	return c
}

// ignoresAsker says whether tarpit_ignore names all that from sends to to, and so its
// questions, too.
func (t *tarpit) ignoresAsker(from, to netip.Addr) bool {
	return slices.ContainsFunc(t.cfg.Ignore, func(i Ignore) bool { return i.Port == 0 && i.matches(from, to) })
}

// captureChanged makes an event of what happened to an address. The caller holds mu.
func (e *Engine) captureChanged(c capture.Change) {
	one := events.Event{Time: e.now, Addr: c.Addr, MAC: c.MAC}
	switch c.Kind {
	case capture.Captured:
		one.Kind = events.TarpitCaptured
		if e.desired.Tarpit.Policy == capture.Observe {
			one.Text = "it would be, but tarpit_policy is observe"
		}
		e.hits.Add(one)
		return
	case capture.Released:
		one.Kind = events.TarpitReleased
		one.Text = "we had answered for it; those who asked are told who has it"
	case capture.Passive:
		one.Kind = events.TarpitPassive
		one.Text = "without an address of ours, whoever is silent for a second counts as free; give the interface an address, or `source ADDR`"
	}
	e.events.Add(one)
}

// Hold keeps addresses from being captured in this run, whatever is heard of them:
// they are a router's, or a DHCP or DNS server's.
func (e *Engine) Hold(addrs []netip.Addr) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range addrs {
		e.capturer.Hold(a, e.clock.Load())
	}
}

// Own keeps addresses from being captured for capture.OwnerLife, as if each had been
// heard now: they are neighbours of the host's kernel. They must be among those that
// are captured, or will be by what is applied next.
func (e *Engine) Own(addrs []netip.Addr) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, a := range addrs {
		e.capturer.Own(a, e.clock.Load())
	}
}
