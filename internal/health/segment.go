// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"net/netip"
	"time"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// Segment is what checks need of the segment and of the balancer on it; an
// engine.Engine is one. All is safe for concurrent use.
type Segment interface {
	// MAC is the address that our frames come from.
	MAC() wire.MAC

	// Source is the address to check VIP's servers from on that VLAN (0 is the
	// untagged network), if there is one now.
	Source(vlan uint16, vip netip.Addr) (netip.Addr, bool)

	// Neighbour is the MAC of a server on that VLAN, zero while it is unknown, and when
	// it last answered ARP or neighbour discovery.
	Neighbour(vlan uint16, a netip.Addr) (wire.MAC, time.Time)

	// Ask asks for a server's MAC soon, at most once a second.
	Ask(vlan uint16, a netip.Addr)

	// Emit sends a frame without a tag soon on that VLAN, and says whether it will. The
	// frame stays the caller's.
	Emit(vlan uint16, frame []byte) bool

	// SetHealth takes what was found out about a server of a service.
	SetHealth(service string, server netip.Addr, h engine.Health)
}
