// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"net/netip"
	"slices"

	"cygnet/internal/link"
)

// holdKnown keeps from being captured whom the host's kernel knows on the interface
// of that number, before anything is. If the kernel would not say, the next look
// will. The caller holds mu, or nothing runs yet.
func (d *daemon) holdKnown(index int) {
	if index == 0 || len(d.running.Tarpit.Captured) == 0 {
		return
	}
	neighbours, _ := link.ReadNeighbours(index)
	d.hold(neighbours.Answered)
}

// hold keeps neighbours of the host's kernel, and this host's DNS servers, from being
// captured. The kernel hears none of our own answers, so what it knows is somebody
// else's. The caller holds mu, or nothing runs yet.
func (d *daemon) hold(neighbours []netip.Addr) {
	all := slices.Concat(neighbours, d.resolvers.look(resolvFiles()))
	if all = within(all, d.running.Tarpit.Captured); len(all) > 0 {
		d.engine.Hold(all)
	}
}

// within are those of all that are in one of the prefixes.
func within(all []netip.Addr, prefixes []netip.Prefix) []netip.Addr {
	return slices.DeleteFunc(all, func(a netip.Addr) bool {
		return !slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
	})
}
