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
	Forwarded           Reason = iota // to a server
	AnsweredARP                       // who-has one of our addresses
	AnsweredND                        // a neighbour solicitation for one of our addresses
	AnsweredEcho                      // a ping of one of our addresses
	CapturedSYN                       // a SYN to a captured address, answered as by a listener
	CapturedRST                       // the same, to a port that is closed there: answered by RST
	CapturedHeld                      // a held client's segment, answered: it stays held
	NotOurs                           // the filter let it through, but it is not for us
	Oversize                          // longer than a buffer holds
	Truncated                         // shorter than its headers say
	Malformed                         // headers that contradict themselves or the RFCs
	Checksum                          // a wrong IPv4 header or TCP checksum
	Tagged                            // on a VLAN that nothing of ours is on; reason "vlan"
	BadSource                         // a source that no honest frame has: ours, multicast, loopback
	NoService                         // to a VIP, but to no service on it
	ServiceOff                        // to a service that is taken out, or while on standby
	Refused                           // by client_acl
	NoServer                          // no server is enabled, has a known MAC, and may be given this client
	Loop                              // sent back by a server, or chosen for ourselves
	Fragment                          // its first fragment did not come in time, or had no server; or too many wait
	ICMP                              // to a VIP, and neither echo request nor an error about a flow
	CapturedAsked                     // who-has a captured address, or its solicitation: the control goroutine's
	CapturedVerified                  // completed a handshake with the tarpit, which proves the source: nothing to answer
	CapturedData                      // of a held client, what it sends at once: it will send it again
	CapturedEscaped                   // a held client's RST
	CapturedBackscatter               // a SYN+ACK to a captured address: somebody forges it
	CapturedForged                    // a segment that belongs to no connection of the tarpit
	CapturedWaits                     // a SYN to an address that is not known to be free, yet
	CapturedIgnored                   // by tarpit_ignore
	CapturedLimited                   // over one of tarpit_limit
	CapturedObserved                  // would have been answered, but tarpit_policy is observe
	CapturedOther                     // to a captured address, and nothing that the tarpit answers
	held                              // not an end: a fragment that waits for its first
	reasons             = held
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
	Forwarded:           {"forwarded", Sent},
	AnsweredARP:         {"arp", Answered},
	AnsweredND:          {"nd", Answered},
	AnsweredEcho:        {"echo", Answered},
	CapturedSYN:         {"captured_syn", Answered},
	CapturedRST:         {"captured_rst", Answered},
	CapturedHeld:        {"captured_held", Answered},
	NotOurs:             {"not_ours", Ignored},
	Oversize:            {"oversize", Dropped},
	Truncated:           {"truncated", Dropped},
	Malformed:           {"malformed", Dropped},
	Checksum:            {"checksum", Dropped},
	Tagged:              {"vlan", Dropped},
	BadSource:           {"bad_source", Dropped},
	NoService:           {"no_service", Dropped},
	ServiceOff:          {"disabled", Dropped},
	Refused:             {"refused", Dropped},
	NoServer:            {"no_server", Dropped},
	Loop:                {"loop", Dropped},
	Fragment:            {"fragment", Dropped},
	ICMP:                {"icmp", Dropped},
	CapturedAsked:       {"captured_asked", Ignored},
	CapturedVerified:    {"captured_verified", Ignored},
	CapturedData:        {"captured_data", Ignored},
	CapturedEscaped:     {"captured_escaped", Ignored},
	CapturedBackscatter: {"captured_backscatter", Dropped},
	CapturedForged:      {"captured_forged", Dropped},
	CapturedWaits:       {"captured_waits", Dropped},
	CapturedIgnored:     {"captured_ignored", Dropped},
	CapturedLimited:     {"captured_limited", Dropped},
	CapturedObserved:    {"captured_observed", Dropped},
	CapturedOther:       {"captured_other", Dropped},
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
