// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"math"
	"net/netip"
	"slices"

	"cygnet/internal/wire"
)

// Config is what a Capturer goes by.
type Config struct {
	MAC      wire.MAC                       // ours
	Policy   Policy                         // see there
	Captured func(netip.Addr) bool          // may be captured; nil is nothing. Of no other address a host is remembered
	Standby  bool                           // nothing is captured for now; who has what is remembered all the same
	Prefixes []netip.Prefix                 // the same, disjoint, for the scan at the start
	Subnets  []netip.Prefix                 // the interface's: askers are in one of them, where there are any
	Ours     func(netip.Addr) bool          // addresses of ours: no honest asker has one
	Ignored  func(from, to netip.Addr) bool // askers that get no answer, see tarpit_ignore; nil is nobody

	// Ask puts the question who holds target, from an address of ours; false where
	// we have none to ask from, and false, too, while one is being claimed.
	Ask func(target netip.Addr, emit func(frame []byte)) bool

	Replies, Verifications int // a second, at most; 0 is without limit. Of repairs there are as many as replies
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
	MAC  wire.MAC // Released: the owner's; zero where it is not known
}

// Counts are what a Capturer did, since it was made, and what it knows now.
type Counts struct {
	Free      uint64 `json:"free"`      // addresses that nobody holds, verified
	Verifying uint64 `json:"verifying"` // being asked for
	Suspended uint64 `json:"suspended"`
	Owned     uint64 `json:"owned"`   // addresses that may be captured, with a host heard within OwnerLife; and those held
	Passive   bool   `json:"passive"` // there is no address to ask from, of some family: the unanswered questions of others decide

	Captures       uint64 `json:"captures"`        // times that an address became ours
	Conflicts      uint64 `json:"conflicts"`       // times that an owner showed up after we had answered for its address
	ARPReplies     uint64 `json:"arp_replies"`     // answers for captured addresses
	NDReplies      uint64 `json:"nd_replies"`      // the same, of neighbour discovery
	Repairs        uint64 `json:"repairs"`         // frames that told an asker the owner's MAC
	Questions      uint64 `json:"questions"`       // of ours, whether somebody holds an address
	RepliesLimited uint64 `json:"replies_limited"` // not answered: too many a second
	VerifyLimited  uint64 `json:"verify_limited"`  // not asked for yet: too many a second
	NoRoom         uint64 `json:"no_room"`         // not answered: all that is remembered in its place is owned
}

// Capturer drives the States. Its methods are for one goroutine at a time.
type Capturer struct {
	cfg    Config
	report func(Change)

	states *States
	memory memory
	lacks  [2]lack // of IPv4 and IPv6

	replies, verifications bucket
	mends                  bucket // of repairs, as many as replies: questions shall not keep them back

	queue     []*entry // to be asked for, the one that waits longest first
	doubts    int      // of them: those in doubt
	sweep     sweep
	askers    askers
	repairs   []*repair
	newcomers []*newcomer

	counts Counts
	down   bool  // the link carries no frames: nothing is sent or concluded
	due    int64 // nothing to do before
}

// New returns a Capturer that captures nothing. It calls report, from the goroutine
// that drives it, for every change; report must not call back and must not wait.
func New(report func(Change)) *Capturer {
	s := &States{}
	return &Capturer{
		states: s, report: report,
		memory: memory{states: s},
		askers: askers{of: map[netip.Addr]*askersOf{}},
	}
}

// States returns what others may read.
func (c *Capturer) States() *States { return c.states }

// Configure says what to go by from now on. What is known stays known, unless it was
// found by another policy, or others know our captured addresses by another MAC.
func (c *Capturer) Configure(cfg Config, now int64) {
	was := c.cfg
	c.cfg = cfg
	c.replies.rate, c.mends.rate, c.verifications.rate = cfg.Replies, cfg.Replies, cfg.Verifications
	anew := cfg.MAC != was.MAC || cfg.Policy != was.Policy
	if anew {
		c.repairs, c.newcomers = nil, nil
		c.unqueueAll(now)
	}
	none := func(a netip.Addr) bool { return !c.mayCapture(a) }
	c.askers.drop(none)
	c.repairs = slices.DeleteFunc(c.repairs, func(r *repair) bool { return none(r.addr) })
	c.memory.all(func(e *entry) {
		switch {
		case e.state != Owned && !c.mayCapture(e.addr), !e.held && !c.remembers(e.addr):
			c.memory.remove(e)
		case anew && e.state != Owned:
			c.unknown(e)
			e.reported = e.reported && cfg.Policy == was.Policy
		}
	})
	c.waitForSource(now)
	switch {
	case cfg.Policy != Verify:
		c.sweep = sweep{}
	case anew || !slices.Equal(cfg.Prefixes, c.sweep.prefixes):
		c.sweep.start(cfg.Prefixes, now+int64(sweepListen))
	}
	c.wake(now)
}

// SetLink says whether the link carries frames; a new Capturer takes it that it
// does. While it does not, nobody can answer, so nothing is concluded from silence.
// When it does again, somebody may have come meanwhile.
func (c *Capturer) SetLink(up bool, now int64) {
	if up == !c.down {
		return
	}
	c.down = !up
	if !up {
		c.repairs, c.newcomers = nil, nil
		c.unqueueAll(now)
		return
	}
	c.memory.all(func(e *entry) {
		if e.state != Owned {
			c.unknown(e)
		}
	})
	c.waitForSource(now)
	if c.cfg.Policy == Verify {
		c.sweep.start(c.cfg.Prefixes, now+int64(sweepListen))
	}
	c.wake(now)
}

// waitForSource lets some time pass before a lack of an address to ask from counts.
func (c *Capturer) waitForSource(now int64) {
	for i := range c.lacks {
		c.lacks[i] = lack{since: now, told: c.lacks[i].told}
	}
}

// Tick does what is due at now. The frames it hands to emit are the caller's.
func (c *Capturer) Tick(now int64, emit func(frame []byte)) {
	if c.down || now < c.due {
		return
	}
	c.due = math.MaxInt64
	for e := c.memory.timers.due(now); e != nil; e = c.memory.timers.due(now) {
		c.step(e, now, emit)
	}
	c.askQueued(now, emit)
	c.sweepDue(now, emit)
	c.meet(now, emit)
	c.tellDue(now, emit)
	if len(c.memory.timers) > 0 {
		c.wake(c.memory.timers[0].at)
	}
}

// Due returns when Tick has something to do next: math.MaxInt64 is never, as long
// as no other method is called.
func (c *Capturer) Due() int64 {
	if c.down {
		return math.MaxInt64
	}
	return c.due
}

// wake makes sure that Tick looks again at the given time.
func (c *Capturer) wake(at int64) { c.due = min(c.due, at) }

// Counts returns what it did and knows.
func (c *Capturer) Counts() Counts {
	n := c.counts
	n.Free, n.Verifying = c.memory.counts[Free], c.memory.counts[Verifying]
	n.Suspended, n.Owned = c.memory.counts[Suspended], c.memory.counts[Owned]
	n.Passive = c.cfg.Policy == Verify && (c.lacks[0].told || c.lacks[1].told)
	return n
}
