// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import "fmt"

// Policy says when an address is taken.
type Policy uint8

// The policies.
const (
	Verify    Policy = iota // once nobody answers for it
	Immediate               // at once, unless somebody was heard using it, as Pen
	Observe                 // never: what would be done is decided, counted and told, and nothing is sent
)

var policyWords = [...]string{Verify: "verify", Immediate: "immediate", Observe: "observe"}

// String returns the policy's word in the command language.
func (p Policy) String() string {
	if int(p) >= len(policyWords) {
		return "unknown"
	}
	return policyWords[p]
}

// MarshalText returns what String does.
func (p Policy) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (p *Policy) UnmarshalText(text []byte) error {
	for i, word := range policyWords {
		if word == string(text) {
			*p = Policy(i)
			return nil
		}
	}
	return fmt.Errorf("policy %q: expected verify, immediate or observe", text)
}

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
