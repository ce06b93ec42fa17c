// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import "encoding/json"

// Reason is how a frame ended: the one word that says what became of it and
// why. It is at once the index of a counter, the label of a metric, the word in
// the log and the row on the dashboard. Every frame a worker receives ends in
// exactly one.
type Reason uint8

// The reasons. To add one is to add a line here and one in reasonInfos.
const (
	Forwarded     Reason = iota // to a server
	AnsweredARP                 // who-has one of our addresses
	AnsweredND                  // a neighbour solicitation for one of our addresses
	AnsweredEcho                // a ping of one of our addresses
	CapturedARP                 // who-has a captured address
	CapturedSYN                 // a SYN to a captured address
	NotOurs                     // the filter let it through, but it is not for us
	Oversize                    // longer than a buffer holds
	Truncated                   // shorter than its headers say
	Malformed                   // headers that contradict themselves or the RFCs
	Checksum                    // a wrong IPv4 header or TCP checksum
	Tagged                      // on a VLAN; reason "vlan"
	BadSource                   // a source that no honest frame has: ours, multicast, loopback
	NoService                   // to a VIP, but to no service on it
	ServiceOff                  // to a service that is taken out, or while on standby
	Refused                     // by client_acl
	NoServer                    // no server is enabled, has a known MAC, and may be given this client
	Loop                        // sent back by a server, or chosen for ourselves
	Fragment                    // its first fragment did not come in time, or had no server; or too many wait
	ICMP                        // to a VIP, and neither echo request nor an error about a flow
	CapturedOther               // to a captured address, and not a SYN we answer
	held                        // not an end: a fragment that waits for its first
	reasons       = held
)

// Reasons is the number of reasons; all are below it.
const Reasons = int(reasons)

// Verdict is what became of a frame, in the coarsest sense.
type Verdict uint8

// The verdicts.
const (
	Sent     Verdict = iota // on to a server
	Answered                // by us
	Ignored                 // not for us
	Dropped
)

// reasonInfos must have one line for every reason; a test walks them.
var reasonInfos = [reasons]struct {
	word    string
	verdict Verdict
}{
	Forwarded:     {"forwarded", Sent},
	AnsweredARP:   {"arp", Answered},
	AnsweredND:    {"nd", Answered},
	AnsweredEcho:  {"echo", Answered},
	CapturedARP:   {"captured_arp", Answered},
	CapturedSYN:   {"captured_syn", Answered},
	NotOurs:       {"not_ours", Ignored},
	Oversize:      {"oversize", Dropped},
	Truncated:     {"truncated", Dropped},
	Malformed:     {"malformed", Dropped},
	Checksum:      {"checksum", Dropped},
	Tagged:        {"vlan", Dropped},
	BadSource:     {"bad_source", Dropped},
	NoService:     {"no_service", Dropped},
	ServiceOff:    {"disabled", Dropped},
	Refused:       {"refused", Dropped},
	NoServer:      {"no_server", Dropped},
	Loop:          {"loop", Dropped},
	Fragment:      {"fragment", Dropped},
	ICMP:          {"icmp", Dropped},
	CapturedOther: {"captured_other", Dropped},
}

// String returns the reason's word.
func (r Reason) String() string {
	if r >= reasons {
		return "unknown"
	}
	return reasonInfos[r].word
}

// Verdict returns what became of a frame that ended so.
func (r Reason) Verdict() Verdict {
	if r >= reasons {
		return Dropped
	}
	return reasonInfos[r].verdict
}

// sends says whether the frame, as it stands in its slot now, leaves again.
func (r Reason) sends() bool {
	return r < reasons && reasonInfos[r].verdict <= Answered
}

// ReasonCounts is traffic by how it ended. As JSON it is an object with the
// reasons' words for its keys; a word that this version does not know is
// ignored when it is read.
type ReasonCounts [Reasons]Traffic

// MarshalJSON implements json.Marshaler.
func (c ReasonCounts) MarshalJSON() ([]byte, error) {
	byWord := make(map[string]Traffic, Reasons)
	for r, n := range c {
		byWord[Reason(r).String()] = n
	}
	return json.Marshal(byWord)
}

// UnmarshalJSON implements json.Unmarshaler.
func (c *ReasonCounts) UnmarshalJSON(b []byte) error {
	var byWord map[string]Traffic
	if err := json.Unmarshal(b, &byWord); err != nil {
		return err
	}
	for r := range c {
		c[r] = byWord[Reason(r).String()]
	}
	return nil
}
