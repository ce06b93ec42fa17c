// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"time"

	"cygnet/internal/wire"
)

// What package health asks of an engine. All may be called from any goroutine at
// any time.

// MAC returns the address that our frames come from.
func (e *Engine) MAC() wire.MAC { return e.table.Load().mac }

// Source returns the source address to check VIP's servers from: one that is
// ours, of the VIP's family, and in a subnet with it where there is a choice. There
// may be none.
func (e *Engine) Source(vip netip.Addr) (netip.Addr, bool) { panic("stub") }

// Neighbour returns the MAC of a server, the zero MAC while it is unknown, and
// when it last answered ARP or neighbour discovery, the zero time if it has not.
func (e *Engine) Neighbour(a netip.Addr) (wire.MAC, time.Time) { panic("stub") }

// Ask asks a server for its MAC soon. At most one question a second is put for
// an address that has just been asked for.
func (e *Engine) Ask(a netip.Addr) { panic("stub") }

// Emit sends a frame soon, from Ethernet header to payload, by the control
// goroutine. The frame stays the caller's. It returns false where too many wait
// already, or the frame is longer than 1514 bytes.
func (e *Engine) Emit(frame []byte) bool { panic("stub") }

// SetHealth takes what checks found out about a server of a service, by the
// server's number. It reports when State changes, and remembers all for the
// Snapshot. Without such a server it does nothing.
func (e *Engine) SetHealth(service string, number int, h Health) { panic("stub") }
