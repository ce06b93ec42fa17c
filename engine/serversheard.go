// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"

	"cygnet/internal/wire"
)

// serversHeardRoom is how many addresses are kept from being captured in one run
// because DHCP or a router's advertisement named them, and serversHeardEach how many
// because one MAC did. Whoever forges these cannot keep more, and one machine cannot
// take the places of all; the real ones answer for themselves when we ask.
const (
	serversHeardRoom = 64
	serversHeardEach = 8
)

// serversHeard is which addresses are held because frames named them. One goroutine.
type serversHeard struct {
	held map[netip.Addr]bool
	by   map[wire.MAC]int
}

func newServersHeard() serversHeard {
	return serversHeard{held: map[netip.Addr]bool{}, by: map[wire.MAC]int{}}
}

// add says whether a, which the machine with that MAC named, is to be held now.
func (s *serversHeard) add(a netip.Addr, by wire.MAC) bool {
	if s.held[a] || len(s.held) == serversHeardRoom || s.by[by] == serversHeardEach {
		return false
	}
	s.held[a] = true
	s.by[by]++
	return true
}

// hearServers takes from the frame at hand which addresses belong to routers, DHCP
// and DNS servers: a machine that may be away for a moment, but has its address; and
// which address a DHCP client is about to have, as its probe would say. On a switch
// often nothing but the clients' broadcasts is heard of DHCP.
// The caller holds mu.
func (c *control) hearServers(s *wire.Slot, now int64) {
	right := func() bool { return s.CsumPending || c.frame.TransportChecksumOK() }
	switch {
	case s.Type != wire.PacketBroadcast && c.frame.Kind == wire.KindIPv4: // a router may have passed it on
	case c.frame.IsDHCP() && right():
		c.frame.DHCP().Servers(func(a netip.Addr) { c.holdServer(a, now) })
	case c.frame.IsDHCPFromClient() && right():
		server, taken := c.frame.DHCP().FromClient()
		c.holdServer(server, now)
		if c.remembers(taken) {
			c.e.capturer.Own(taken, now)
		}
	case c.frame.IsRouterAdvertisement(): // its sender's address is link-local, and never captured
		c.frame.RouterAdvertisement().DNSServers(func(a netip.Addr) { c.holdServer(a, now) })
	}
}

// holdServer keeps a from being captured, if it might be.
func (c *control) holdServer(a netip.Addr, now int64) {
	if c.remembers(a) && c.servers.add(a, c.frame.Ethernet().Src()) {
		c.e.capturer.Hold(a, now)
	}
}

// remembers says whether the configuration captures a, on standby too: what is heard
// then counts when we take over.
func (c *control) remembers(a netip.Addr) bool {
	set := c.e.table.Load().remembered
	return a.IsValid() && set != nil && set.Contains(a)
}
