// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package health finds out which servers serve. A Monitor checks each one again
// and again, by the path that clients' frames take: a check goes to the VIP at the
// server's own MAC, from a source address of ours. So it fails where the VIP is
// missing on the server's lo, where the server answers from another address, and
// where the service is dead, and does not pass because the host answers ping.
//
//	Monitor ── watch, one a server of a service: when to check
//	             ├ Checker: arp, tcp, http, dns: one check, one outcome
//	             └ course: what the results so far make of it
//	                 └ Segment.SetHealth
//	Segment.Heard ─► Monitor.Heard ─► probe, by our port ─► Checker, netstack
//
// # When a server is up or down
//
// A server is unchecked until its first result, and that alone decides: a pass and
// it is up, a failure and it is down. A server that has not passed yet, at the
// address that it has now, needs a single pass to be up. From then on it falls after
// Fall failures in a row and rises after Rise passes in a row.
//
// A server that falls again and again is held down: with the third fall within 60 s
// it does not rise for 10 s, and with each further fall within 60 s after it could
// rise again for twice as long, at most 5 minutes. It is checked all the same
// meanwhile, and rises when the hold ends if its last Rise results are passes by
// then.
//
// Where no check can be made, nothing is concluded: while the link is down, without
// a source address, and where our own frames did not leave.
package health
