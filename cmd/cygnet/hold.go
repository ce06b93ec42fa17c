// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"net/netip"
	"slices"

	"cygnet/internal/link"
)

// neighbours are those of the host's kernel, as the last look found them.
type neighbours struct {
	index int // of their interface
	stale map[netip.Addr]bool
}

// owned are those whose address is taken, by what a look found within what is captured.
// The kernel notes everybody as stale who asks for an address of this host itself, with
// whatever address he says: such a one counts when it is new, and not again for as long
// as it stays so.
func (n *neighbours) owned(index int, found link.Neighbours, captured []netip.Prefix) []netip.Addr {
	if index != n.index {
		*n = neighbours{index: index}
	}
	all, was := within(found.Answered, captured), n.stale
	n.stale = map[netip.Addr]bool{}
	for _, a := range within(found.Stale, captured) {
		if !was[a] {
			all = append(all, a)
		}
		n.stale[a] = true
	}
	return all
}

// holdKnown keeps from being captured whom the host's kernel knows on the interface
// of that number, before anything is. If the kernel would not say, the next look
// will. The caller holds mu, or nothing runs yet.
func (d *daemon) holdKnown(index int) {
	if index == 0 || len(d.running.Tarpit.Captured) == 0 {
		return
	}
	if found, err := link.ReadNeighbours(index); err == nil {
		d.own(index, found)
	}
	d.holdResolvers()
}

// own keeps neighbours of the host's kernel from being captured, as if they were heard
// now. The kernel hears none of our own answers, so what it knows is somebody else's.
// The caller holds mu, or nothing runs yet.
func (d *daemon) own(index int, found link.Neighbours) {
	if known := d.neighbours.owned(index, found, d.running.Tarpit.Captured); len(known) > 0 {
		d.engine.Own(known)
	}
}

// holdResolvers keeps this host's DNS servers from being captured in this run. The
// caller holds mu, or nothing runs yet.
func (d *daemon) holdResolvers() {
	servers := slices.Clone(d.resolvers.look(resolvFiles()))
	if servers = within(servers, d.running.Tarpit.Captured); len(servers) > 0 {
		d.engine.Hold(servers)
	}
}

// within are those of all that are in one of the prefixes; all is changed.
func within(all []netip.Addr, prefixes []netip.Prefix) []netip.Addr {
	return slices.DeleteFunc(all, func(a netip.Addr) bool {
		return !slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
	})
}
