// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"context"
	"slices"
	"time"

	"cygnet/internal/flow"
	"cygnet/internal/neigh"
)

const (
	houseEvery = 100 * time.Millisecond

	// A snapshot of a server takes about a microsecond and half a kilobyte, so that one of
	// thousands is not made each time: of so many in houseEvery, and at least every
	// longestRounds times.
	serversARound = 400
	longestRounds = 10
)

// keepHouse publishes a snapshot now and then, makes events of what the tarpit
// answered, and looks for what is worth a hint, until ctx ends. While nobody
// sends anything it does so less often.
func (e *Engine) keepHouse(ctx context.Context) {
	timer := time.NewTimer(houseEvery)
	defer timer.Stop()
	defer e.dozing.Store(false)
	hints := hints{e: e}
	rounds := 0 // since the last snapshot
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.stirred:
			if e.dozing.Swap(false) {
				timer.Reset(houseEvery)
			}
			e.keep(func() {})
		case <-timer.C:
			resting := e.resting.Load() // from before: all of what was is kept below
			e.house.Lock()
			resting = e.tidy() && resting
			hints.give()
			e.book.enter()
			if rounds++; rounds >= e.snapshot.Load().rounds() && !resting { // at rest, who wants one makes it
				rounds = 0
				e.publish()
			}
			e.house.Unlock()
			e.dozing.Store(resting)
			timer.Reset(houseWait(resting))
		}
	}
}

// keep does some of the housekeeper's work, and publishes.
func (e *Engine) keep(work func()) {
	e.house.Lock()
	defer e.house.Unlock()
	work()
	e.publish()
}

// rounds is how many of the housekeeper's rounds one more such snapshot is worth.
func (s *Snapshot) rounds() int {
	servers := 0
	for i := range s.Services {
		servers += len(s.Services[i].Servers)
	}
	return min(1+servers/serversARound, longestRounds)
}

func houseWait(resting bool) time.Duration {
	if resting {
		return restHouseEvery
	}
	return houseEvery
}

// tidy ends what only waited for the time or for flows to end, and takes what the
// workers found in their flow tables. It says whether the wait at the start is over.
func (e *Engine) tidy() (waited bool) {
	e.mu.Lock()
	e.stopWaiting()
	e.settleFlows()
	now, waited := e.now, e.waited
	e.mu.Unlock()
	e.census.take(now)
	return waited
}

func (e *Engine) publish() { e.snapshot.Store(e.take(false)) }

// take makes a snapshot; whole is with the very last hits of long lists, too.
func (e *Engine) take(whole bool) *Snapshot {
	e.mu.Lock()
	started, now, counts := e.started, e.now, e.capturer.Counts()
	e.mu.Unlock()
	t := e.table.Load()
	s := &Snapshot{
		Time: now, Started: started, Generation: t.generation, MAC: t.mac,
		Standby: t.cfg.Standby,
		Tarpit:  TarpitSnapshot{Policy: t.cfg.Tarpit.Policy, Addresses: t.addresses, Capture: counts, Holds: e.book.ledger.Stats(now)},
	}
	if t.tarpit != nil {
		s.Tarpit.List = t.tarpit.list.cfg.Name
	}
	for _, w := range e.workers {
		s.In = s.In.Add(w.count.in.load())
		s.Out = s.Out.Add(w.count.out.load())
		for r := range s.Reasons {
			s.Reasons[r] = s.Reasons[r].Add(w.count.reasons[r].load())
		}
		s.Tarpit.HitsLost += w.catches.lost.Load()
		s.Flows.add(w.flows.Stats(), w.adopted.Load())
	}
	if e.census != nil {
		s.TopFlows, s.TopClients, s.LatestClients = e.census.flows, e.census.clients, e.census.latest
	}
	s.Services = slices.Grow(s.Services, len(t.services))
	for _, svc := range t.services {
		s.Services = append(s.Services, svc.snapshot())
	}
	for _, src := range t.cfg.Sources {
		one := addressSnapshot(t.on(src.VLAN).sources[src.Addr])
		one.VLAN = src.VLAN
		s.Sources = append(s.Sources, one)
	}
	for _, l := range t.lists {
		s.Lists = append(s.Lists, l.snapshot(now, whole))
	}
	return s
}

// add adds what one worker's table holds.
func (t *FlowTable) add(s flow.Stats, adopted uint64) {
	t.Room, t.Open, t.Opening, t.Closing = t.Room+s.Room, t.Open+s.Open, t.Opening+s.Opening, t.Closing+s.Closing
	t.Added, t.Unstored, t.Adopted, t.Clients = t.Added+s.Added, t.Unstored+s.Unstored, t.Adopted+adopted, t.Clients+s.Clients
}

func (s *service) snapshot() ServiceSnapshot {
	snap := ServiceSnapshot{
		Service: s.cfg, Address: AddressSnapshot{Addr: s.cfg.VIP, State: Off}, Traffic: sum(s.counts), Flows: uint64(s.open()),
	}
	snap.Service.Clients, snap.Service.Servers, snap.Service.Gone = nil, nil, nil
	snap.Service.Emergency, snap.Service.Abuse = nil, nil
	if s.claim != nil {
		snap.Address = addressSnapshot(s.claim)
	}
	snap.Address.VLAN = s.cfg.VLAN
	if !s.off && !s.cfg.Leaving {
		snap.Serving = s.whoServes()
	}
	snap.Servers = slices.Grow(snap.Servers, len(s.servers))
	for _, srv := range s.servers {
		snap.Servers = append(snap.Servers, srv.snapshot())
	}
	snap.Emergency, snap.Abuse = asideSnapshot(s.emergency), asideSnapshot(s.abuse)
	return snap
}

func asideSnapshot(s *server) *ServerSnapshot {
	if s == nil {
		return nil
	}
	one := s.snapshot()
	return &one
}

func (s *server) snapshot() ServerSnapshot {
	m := s.member
	one := ServerSnapshot{
		Server: s.cfg, MAC: s.neighbour.MAC(), Traffic: sum(m.counts),
		Flows: uint64(m.open()), Opened: m.opened(), Retried: m.retriedSYNs(), Health: *m.health.Load(),
	}
	one.Clients = nil
	return one
}

// Of a list that is longer than longList, hits are counted together no more often than
// every longListEvery: with a hundred thousand rules, that is a megabyte to be read and
// one to be written.
const (
	longList      = 4096
	longListEvery = time.Second
)

// snapshot is called with house held, or before and after anything runs.
func (l *list) snapshot(now time.Time, whole bool) ListSnapshot {
	if l.told == nil || whole || len(l.cfg.Rules) < longList || now.Sub(l.toldAt) >= longListEvery {
		l.told, l.toldAt = l.hits(), now
	}
	hits := l.told
	return ListSnapshot{
		Name: l.cfg.Name, Rules: l.cfg.Rules, Default: l.cfg.Table.Default(),
		Explicit: l.cfg.Explicit, Dead: l.cfg.Dead, Uses: l.cfg.Uses,
		Hits: hits[1:], Misses: hits[0],
	}
}

func sum(cs []*counts) (all Traffic) {
	for _, c := range cs {
		all = all.Add(c.load())
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
