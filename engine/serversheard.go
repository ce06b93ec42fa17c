// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"

	"cygnet/internal/wire"
)

// serversHeardRoom is how many addresses are kept from being captured in one run
// because DHCP or a router's advertisement named them. Whoever forges these cannot
// keep more; the real ones answer for themselves when we ask.
const serversHeardRoom = 64

// serversHeard takes from the frame at hand which addresses belong to routers, DHCP
// and DNS servers: a machine that may be away for a moment, but has its address.
// The caller holds mu.
func (c *control) serversHeard(s *wire.Slot, now int64) {
	switch {
	case c.frame.IsDHCP() && (s.CsumPending || c.frame.TransportChecksumOK()):
		c.frame.DHCP().Servers(func(a netip.Addr) { c.holdServer(a, now) })
	case c.frame.IsRouterAdvertisement(): // its sender's address is link-local, and never captured
		c.frame.RouterAdvertisement().DNSServers(func(a netip.Addr) { c.holdServer(a, now) })
	}
}

// holdServer keeps a from being captured, if it might be.
func (c *control) holdServer(a netip.Addr, now int64) {
	captured := c.e.table.Load().captured
	if captured == nil || !captured.Contains(a) || c.servers[a] || len(c.servers) == serversHeardRoom {
		return
	}
	c.servers[a] = true
	c.e.capturer.Hold(a, now)
}
