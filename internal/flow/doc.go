// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package flow remembers, in tables of a fixed size, what was decided for frames
// that do not say it themselves: which server the flow or the client of a frame
// has, and where the later fragments of a datagram go.
//
// A Table has the flows of one queue, as far as one side of a conversation tells:
// the frames of the client. The servers answer past us.
//
//	              ACK                         FIN
//	SYN ─► Opening ─► Established ─────────────────────► Closing
//	                   │      ▲                             │
//	                RST▼      │ACK                       RST▼
//	                 Reset ───┘                           Reset
//
// RST and FIN shorten an opening flow too. Each state has its idle time; after
// it, a flow is over. A flow that is Opening or Established never makes room for
// another: where there is no room, nothing is remembered, and whoever asks has to
// decide alike for each frame.
//
//	bucket: 64 bytes, 10 tags and references ──► Flow: 64 bytes
//
// A lookup touches one of each at most, however full the table is. Memory that no
// flow ever used is not touched.
package flow
