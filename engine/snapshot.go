// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"context"
	"net/netip"
	"time"

	"cygnet/acl"
	"cygnet/internal/neigh"
	"cygnet/internal/wire"
)

const snapshotEvery = 100 * time.Millisecond

// Snapshot is a copy of all counters and states at one moment. It never
// changes and may be kept. Counters count from the engine's start.
type Snapshot struct {
	Time       time.Time // of the engine's last tick; zero before the first
	Started    time.Time // of its first
	Generation uint64    // how often the table was replaced
	MAC        wire.MAC
	In, Out    Traffic
	Reasons    [Reasons]Traffic // frames received, by how they ended
	Services   []ServiceSnapshot
	Sources    []AddressSnapshot
	Lists      []ListSnapshot
	Tarpit     TarpitSnapshot
	Standby    bool // as configured
	Owners     int  // hosts heard on the segment within neigh.OwnerLife
}

// AddressState says whether we answer for an address.
type AddressState uint8

// The states of an address.
const (
	Asking     AddressState = iota // whether it is free; silent so far
	Taken                          // another host answers for it: silent
	Held                           // we answer for it
	Disputedly                     // we do, and another host does, too
)

// String returns the state's word.
func (s AddressState) String() string {
	return [...]string{"asking", "taken", "announced", "disputed"}[s&3]
}

// AddressSnapshot is an address that we answer for, or want to.
type AddressSnapshot struct {
	Addr  netip.Addr
	State AddressState
	Rival wire.MAC // the other host, if State says that there is one
}

// ServiceSnapshot is a service at one moment.
type ServiceSnapshot struct {
	Service // as configured
	Address AddressSnapshot
	Traffic Traffic
	Servers []ServerSnapshot
}

// ServerSnapshot is a server at one moment.
type ServerSnapshot struct {
	Server           // as configured
	MAC     wire.MAC // zero while unknown
	Traffic Traffic
	Flows   uint64 // open flows; this version keeps none
}

// ListSnapshot is an access list at one moment.
type ListSnapshot struct {
	Name    string
	Rules   []acl.Rule // by position; shared, so only for reading
	Default acl.Action
	Hits    []uint64 // how often each rule decided, by position
	Misses  uint64   // how often none did, and the default decided
}

// TarpitSnapshot is the tarpit at one moment.
type TarpitSnapshot struct {
	List      string // that permits what is captured; empty when there is no tarpit
	Addresses uint64 // that it answers for while no host is heard using them
	HitsLost  uint64 // hits that were counted, but came too fast to be events
}

// Dropped returns the frames that were dropped, for whatever reason.
func (s *Snapshot) Dropped() (t Traffic) {
	for r, n := range s.Reasons {
		if Reason(r).Verdict() == Dropped {
			t = t.Add(n)
		}
	}
	return t
}

// TarpitHits returns the connections that the tarpit accepted: each SYN it
// answered, also one sent again.
func (s *Snapshot) TarpitHits() uint64 { return s.Reasons[CapturedSYN].Frames }

// keepHouse publishes a snapshot now and then, and looks for what is worth a
// hint, until ctx ends.
func (e *Engine) keepHouse(ctx context.Context) {
	ticker := time.NewTicker(snapshotEvery)
	defer ticker.Stop()
	hints := hints{e: e}
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.applied:
		case <-ticker.C:
			hints.give()
		}
		e.publish()
	}
}

func (e *Engine) publish() { e.snapshot.Store(e.take()) }

// take makes a snapshot.
func (e *Engine) take() *Snapshot {
	e.mu.Lock()
	started, now := e.started, e.now
	e.mu.Unlock()
	t := e.table.Load()
	s := &Snapshot{
		Time: now, Started: started, Generation: t.generation, MAC: t.mac,
		Owners: t.owners.Count(e.clock.Load()),
	}
	for _, w := range e.workers {
		s.In = s.In.Add(w.count.in.load())
		s.Out = s.Out.Add(w.count.out.load())
		for r := range s.Reasons {
			s.Reasons[r] = s.Reasons[r].Add(w.count.reasons[r].load())
		}
	}
	for _, svc := range t.services {
		s.Services = append(s.Services, svc.snapshot())
	}
	for _, a := range t.cfg.Sources {
		s.Sources = append(s.Sources, addressSnapshot(t.sources[a]))
	}
	return s
}

func (s *service) snapshot() ServiceSnapshot {
	snap := ServiceSnapshot{Service: s.cfg, Address: addressSnapshot(s.claim), Traffic: sum(s.tallies)}
	for _, srv := range s.servers {
		snap.Servers = append(snap.Servers, ServerSnapshot{
			Server: srv.cfg, MAC: srv.neighbour.MAC(), Traffic: sum(srv.tallies),
		})
	}
	return snap
}

func sum(ts []*tally) (all Traffic) {
	for _, t := range ts {
		all = all.Add(t.load())
	}
	return all
}

func addressSnapshot(c *neigh.Claim) AddressSnapshot {
	a := AddressSnapshot{Addr: c.Addr(), Rival: c.Rival()}
	switch {
	case c.Held() && a.Rival.IsZero():
		a.State = Held
	case c.Held():
		a.State = Disputedly
	case !a.Rival.IsZero():
		a.State = Taken
	}
	return a
}
