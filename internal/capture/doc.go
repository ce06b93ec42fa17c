// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package capture decides for which unused addresses of the segment the tarpit
// answers, and answers ARP (RFC 826, RFC 5227) and neighbour discovery (RFC 4861)
// for them. It asks before it takes, never answers a probe or an announcement, never
// defends, and lets go with the owner's first ARP or neighbour discovery frame.
//
// A Capturer is a state machine: fed with frames (Learn), suspicions (Suspect) and
// time (Tick), it hands out frames and reports changes. It has no goroutine, clock
// or socket of its own. One goroutine drives it; the States of addresses are read
// atomically by any number of others. Times are monotonic nanoseconds since any
// fixed moment.
package capture
