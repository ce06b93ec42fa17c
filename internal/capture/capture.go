// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"

	"cygnet/internal/wire"
)

// Config is what a Capturer goes by.
type Config struct {
	MAC      wire.MAC                       // ours
	Policy   Policy                         // see there
	Captured func(netip.Addr) bool          // may be captured; nil is nothing
	Prefixes []netip.Prefix                 // the same, disjoint, for the scan at the start
	Subnets  []netip.Prefix                 // the interface's: askers are in one of them, where there are any
	Ours     func(netip.Addr) bool          // addresses of ours: no honest asker has one
	Ignored  func(from, to netip.Addr) bool // askers that get no answer, see tarpit_ignore; nil is nobody

	// Ask puts the question who holds target, from an address of ours; false where
	// we have none to ask from, and false, too, while one is being claimed.
	Ask func(target netip.Addr, emit func(frame []byte)) bool

	Replies, Verifications int // a second, at most; 0 is without limit
}

// ChangeKind says what a Change reports.
type ChangeKind uint8

// What a Capturer reports.
const (
	Captured ChangeKind = iota // nobody holds the address: it is ours from now on (Observe: it would be)
	Released                   // its owner was heard: we had told somebody that it is ours
	Passive                    // we have no address to ask from, and go by unanswered questions of others
)

// Change is something that happened to an address.
type Change struct {
	Kind ChangeKind
	Addr netip.Addr
	MAC  wire.MAC // Released: the owner
}

// Counts are what a Capturer did, since it was made, and what it knows now.
type Counts struct {
	Free      uint64 `json:"free"`      // addresses that nobody holds, verified
	Verifying uint64 `json:"verifying"` // being asked for
	Suspended uint64 `json:"suspended"`
	Owned     uint64 `json:"owned"` // hosts heard on the segment within OwnerLife

	Captures       uint64 `json:"captures"`        // times that an address became ours
	Conflicts      uint64 `json:"conflicts"`       // times that an owner showed up after we had answered for its address
	ARPReplies     uint64 `json:"arp_replies"`     // answers for captured addresses
	NDReplies      uint64 `json:"nd_replies"`      // the same, of neighbour discovery
	Repairs        uint64 `json:"repairs"`         // frames that told an asker the owner's MAC
	Questions      uint64 `json:"questions"`       // of ours, whether somebody holds an address
	RepliesLimited uint64 `json:"replies_limited"` // not answered: too many a second
	VerifyLimited  uint64 `json:"verify_limited"`  // not asked for yet: too many a second
}

// Capturer drives the States. Its methods are for one goroutine at a time.
type Capturer struct {
	states *States
	report func(Change)
}

// New returns a Capturer that captures nothing. It calls report, from the goroutine
// that drives it, for every change; report must not call back and must not wait.
func New(report func(Change)) *Capturer { return &Capturer{states: &States{}, report: report} }

// States returns what others may read.
func (c *Capturer) States() *States { return c.states }

// Configure says what to go by from now on.
func (c *Capturer) Configure(cfg Config, now int64) {}

// SetLink says whether the link carries frames.
func (c *Capturer) SetLink(up bool, now int64) {}

// Learn takes what a received frame says about who uses which address, and answers
// it if it asks for a captured one. f must have been parsed without a defect and
// not be tagged; it is not changed. Frames that we sent must not come here.
func (c *Capturer) Learn(f *wire.Frame, now int64, emit func(frame []byte)) {}

// Suspect takes the news that an IP frame came from a captured address.
func (c *Capturer) Suspect(a netip.Addr, now int64) {}

// Hold takes the news that a belongs to somebody, whatever is heard: a router that
// moves between machines, a DHCP or DNS server, a neighbour of the host's kernel.
func (c *Capturer) Hold(a netip.Addr, now int64) {}

// Tick does what is due at now. The frames it hands to emit are the caller's.
func (c *Capturer) Tick(now int64, emit func(frame []byte)) {}

// Counts returns what it did and knows.
func (c *Capturer) Counts(now int64) Counts { return Counts{} }
