// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

// Kind says what a client did.
type Kind uint8

// The kinds.
const (
	SYN         Kind = iota // asked for a connection; its source may be forged
	Handshake               // completed it, and so proved its source
	Data                    // sent something
	Probe                   // asked whether the window is still closed, or kept alive: it is held
	Escaped                 // gave up: RST
	Backscatter             // answered a SYN that somebody sent in a captured address's name
	kinds
)

// Record is one segment to a captured address, as a worker saw it. Addresses are
// of 16 bytes, IPv4 ones mapped (RFC 4291 section 2.5.5.2).
type Record struct {
	Source, Captured [16]byte
	SourcePort, Port uint16 // the client's and the captured one
	Kind             Kind
	Held             int32  // milliseconds since our SYN+ACK, by the client's own echo of our timestamp; negative is not known
	Bytes            uint32 // Data: of payload

	// Proven says that only who got our SYN+ACK can have sent the segment, but for two
	// guesses in 2^32. Others may be of a client that is known, and prove nothing of one
	// that is not: a guess in thousands makes one.
	Proven bool
}
