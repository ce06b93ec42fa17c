// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package neigh speaks ARP (RFC 826, RFC 5227) and neighbour discovery
// (RFC 4861) for the frames that answer no frame: it finds out servers' MACs,
// makes sure that an address is free before we answer for it, announces it,
// and remembers who else is on the segment.
//
// A Table is a state machine: fed with frames (Learn) and with time (Tick), it
// hands out frames and reports changes. It has no goroutine, clock or socket of
// its own. One goroutine drives it; what it learned (a Neighbour's MAC, whether
// a Claim is held, the Owners) is read atomically by any number of others.
// Times are monotonic nanoseconds since any fixed moment.
package neigh
