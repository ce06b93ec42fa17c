// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

// Policy says when an address is taken.
type Policy uint8

// The policies.
const (
	Verify    Policy = iota // once nobody answers for it
	Immediate               // at once, unless somebody was heard using it, as Pen
	Observe                 // never: what would be done is decided, counted and told, and nothing is sent
)

// State is what is known of who uses an address.
type State uint8

// The states.
const (
	Unknown   State = iota // nobody has asked for it yet
	Verifying              // we ask whether anybody holds it
	Free                   // nobody answered: it is ours until somebody does
	Suspended              // an IP frame came from it, which may be forged: we ask again
	Owned                  // a host was heard using it
)
