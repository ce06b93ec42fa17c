// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"maps"
	"math"
	"net/netip"
	"slices"
	"sync/atomic"

	"cygnet/internal/wire"
)

// ChangeKind says what a Change reports.
type ChangeKind uint8

// What the table reports.
const (
	Resolved   ChangeKind = iota // a neighbour's MAC became known
	Moved                        // a neighbour answers from another MAC
	Lost                         // a neighbour answers no more
	Silent                       // a neighbour has not answered at all so far
	Announced                    // a claimed address is held from now on
	Disputed                     // another host answers for a claimed address
	Undisputed                   // it does so no more
)

// Change is something that happened to a neighbour or to a claim.
type Change struct {
	Kind ChangeKind
	Addr netip.Addr
	MAC  wire.MAC // who answers now
	Was  wire.MAC // who answered before
	Held bool     // Disputed: we go on answering; otherwise we stay silent
}

// Host is who we are on the segment.
type Host struct {
	MAC     wire.MAC
	Addrs   []netip.Prefix // the interface's own addresses with their subnets
	Sources []netip.Addr   // further addresses to ask from, each claimed first
}

// Table knows our neighbours and our claims. Configure, SetLink, Learn and Tick
// are for one goroutine at a time; see the package comment for what others may
// read.
type Table struct {
	host       Host
	neighbours map[netip.Addr]*Neighbour
	claims     map[netip.Addr]*Claim

	// The same by address, so that Tick does things in one order.
	neighbourOrder []*Neighbour
	claimOrder     []*Claim

	report func(Change)
	macs   atomic.Pointer[macSet] // learned: every known neighbour's
	due    int64                  // nothing to do before
	down   bool                   // the link carries no frames: nothing is asked, concluded or announced
}

// New returns an empty table. It calls report, from the goroutine that drives
// it, for every change; report must not call back and must not wait.
func New(report func(Change)) *Table {
	t := &Table{
		neighbours: map[netip.Addr]*Neighbour{},
		claims:     map[netip.Addr]*Claim{},
		report:     report,
	}
	none := newMACSet(0)
	t.macs.Store(&none)
	return t
}

// Configure says who we are, whom we need to reach and which addresses we want
// to answer for; kept names those of them that the host's kernel holds on this
// very interface. What stays wanted keeps its state, unless we are another card
// now.
func (t *Table) Configure(host Host, neighbours, claims, kept []netip.Addr) {
	another := host.MAC != t.host.MAC
	t.host = host
	t.want(neighbours)
	for _, c := range t.claims {
		c.wanted = false
	}
	for _, a := range slices.Concat(claims, host.Sources) {
		c := t.claims[a]
		if c == nil {
			c = &Claim{addr: a}
			t.claims[a] = c
		}
		c.wanted = true
		keeps := slices.Contains(kept, a)
		if c.kept.Swap(keeps) && !keeps {
			c.restart(0) // it is for us to answer now
		}
		if another {
			c.announced = 0 // nobody knows this card
			c.announceSoon(0)
		}
	}
	t.drop()
	t.due = 0
}

// want marks the neighbours that are wanted, and makes those that are new.
func (t *Table) want(neighbours []netip.Addr) {
	for _, n := range t.neighbours {
		n.wanted = false
	}
	for _, a := range neighbours {
		if t.neighbours[a] == nil {
			t.neighbours[a] = &Neighbour{addr: a}
		}
		t.neighbours[a].wanted = true
	}
}

// drop removes what nobody wants any more. Who still holds a pointer to it
// sees it unknown or not held.
func (t *Table) drop() {
	for a, n := range t.neighbours {
		if !n.wanted {
			n.mac.Store(0)
			delete(t.neighbours, a)
		}
	}
	for a, c := range t.claims {
		if !c.wanted {
			c.held.Store(false)
			delete(t.claims, a)
		}
	}
	t.neighbourOrder = byAddr(t.neighbours)
	t.claimOrder = byAddr(t.claims)
	t.publish()
}

func byAddr[T any](m map[netip.Addr]T) []T {
	order := make([]T, 0, len(m))
	for _, a := range slices.SortedFunc(maps.Keys(m), netip.Addr.Compare) {
		order = append(order, m[a])
	}
	return order
}

// Neighbour returns the neighbour a, nil if Configure did not name it.
func (t *Table) Neighbour(a netip.Addr) *Neighbour { return t.neighbours[a] }

// AskSoon asks for a neighbour with the next Tick, unless it has been asked for
// within a second, or its answer is being waited for.
func (t *Table) AskSoon(a netip.Addr, now int64) {
	if n := t.neighbours[a]; n != nil && n.tries == 0 {
		n.next = min(n.next, max(now, n.last+int64(retryEvery)))
		t.sooner(n.next)
	}
}

// Claim returns the claim for a, nil if Configure did not name it.
func (t *Table) Claim(a netip.Addr) *Claim { return t.claims[a] }

// IsNeighbour says whether mac is a known neighbour's. It is safe for
// concurrent use and does not allocate.
func (t *Table) IsNeighbour(mac wire.MAC) bool {
	return t.macs.Load().has(mac)
}

// publish rebuilds what IsNeighbour reads.
func (t *Table) publish() {
	macs := newMACSet(len(t.neighbours))
	for _, n := range t.neighbours {
		if n.Known() {
			macs.add(n.MAC())
		}
	}
	t.macs.Store(&macs)
}

// changed takes a neighbour's change on its way to report.
func (t *Table) changed(c Change, happened bool) {
	if !happened {
		return
	}
	if c.Kind == Resolved || c.Kind == Moved || c.Kind == Lost {
		t.publish()
	}
	t.report(c)
}

// Tick does what is due at now. The frames it hands to emit are the caller's.
func (t *Table) Tick(now int64, emit func(frame []byte)) {
	if t.down || now < t.due {
		return
	}
	say := speaker{host: &t.host, claims: t.claims, emit: emit}
	t.due = math.MaxInt64
	for _, c := range t.claimOrder {
		c.due(now, say, t.report)
		t.sooner(c.next, c.announceAt)
	}
	for _, n := range t.neighbourOrder {
		if now < n.next {
			t.sooner(n.next)
			continue
		}
		if from, ready := say.sender(n.addr); ready {
			c, happened := n.due(now, func(n *Neighbour, to wire.MAC) { say.askFrom(from, n.addr, to) })
			t.changed(c, happened)
			t.sooner(n.next, 0)
		} else {
			t.sooner(now, 0) // a source is being claimed: its verdict is near
		}
	}
}

// Due returns when Tick has something to do next: math.MaxInt64 is never, as long
// as no other method is called.
func (t *Table) Due() int64 {
	if t.down {
		return math.MaxInt64
	}
	return t.due
}

// sooner makes sure that Tick looks again at the given times; 0 is never.
func (t *Table) sooner(times ...int64) {
	for _, at := range times {
		if at != 0 && at < t.due {
			t.due = at
		}
	}
}

// SetLink says whether the link carries frames; a new Table takes it that it
// does. While it does not, nobody can answer, so nothing is concluded from
// silence. When it does again, neighbours may have moved, switches forgot us,
// and another host may hold an address of ours: everything is asked anew.
func (t *Table) SetLink(up bool, now int64) {
	if up == !t.down {
		return
	}
	t.down, t.due = !up, 0
	if !up {
		return
	}
	for _, n := range t.neighbours {
		n.restart(now)
	}
	for _, c := range t.claims {
		c.restart(now)
	}
}

// AsksFromZero says whether IPv4 neighbours are asked from 0.0.0.0, for lack
// of any address of ours: hosts may take that for a conflict probe
// (RFC 5227 section 2.1.1).
func (t *Table) AsksFromZero() bool {
	say := speaker{host: &t.host, claims: t.claims}
	for _, n := range t.neighbours {
		if from, ready := say.sender(n.addr); ready && n.addr.Is4() && from.IsUnspecified() {
			return true
		}
	}
	return false
}

// Inquire asks everybody who holds a, which is neither a neighbour nor claimed,
// from an address of ours; false where there is none, or one is being claimed.
func (t *Table) Inquire(a netip.Addr, emit func(frame []byte)) bool {
	say := speaker{host: &t.host, claims: t.claims, emit: emit}
	from, ready := say.sender(a)
	if !ready || from.IsUnspecified() {
		return false
	}
	say.askFrom(from, a, wire.BroadcastMAC())
	return true
}
