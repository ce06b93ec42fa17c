// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"context"
	"time"

	"cygnet/internal/neigh"
)

const houseEvery = 100 * time.Millisecond

// keepHouse publishes a snapshot now and then, makes events of what the tarpit
// answered, and looks for what is worth a hint, until ctx ends.
func (e *Engine) keepHouse(ctx context.Context) {
	ticker := time.NewTicker(houseEvery)
	defer ticker.Stop()
	hints := hints{e: e}
	for {
		select {
		case <-ctx.Done():
			return
		case <-e.applied:
		case <-ticker.C:
			hints.give()
			e.drainCaptures()
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
		Standby: t.cfg.Standby, Owners: t.owners.Count(e.clock.Load()),
		Tarpit: TarpitSnapshot{Addresses: t.addresses},
	}
	if t.tarpit != nil {
		s.Tarpit.List = t.tarpit.cfg.Name
	}
	for _, w := range e.workers {
		s.In = s.In.Add(w.count.in.load())
		s.Out = s.Out.Add(w.count.out.load())
		for r := range s.Reasons {
			s.Reasons[r] = s.Reasons[r].Add(w.count.reasons[r].load())
		}
		s.Tarpit.HitsLost += w.captures.lost.Load()
	}
	for _, svc := range t.services {
		s.Services = append(s.Services, svc.snapshot())
	}
	for _, a := range t.cfg.Sources {
		s.Sources = append(s.Sources, addressSnapshot(t.sources[a]))
	}
	for _, l := range t.lists {
		s.Lists = append(s.Lists, l.snapshot())
	}
	return s
}

func (s *service) snapshot() ServiceSnapshot {
	snap := ServiceSnapshot{Service: s.cfg, Address: AddressSnapshot{Addr: s.cfg.VIP, State: Off}, Traffic: sum(s.tallies)}
	snap.Service.Clients, snap.Service.Servers = nil, nil
	if s.claim != nil {
		snap.Address = addressSnapshot(s.claim)
	}
	for _, srv := range s.servers {
		one := ServerSnapshot{Server: srv.cfg, MAC: srv.neighbour.MAC(), Traffic: sum(srv.tallies)}
		one.Clients = nil
		snap.Servers = append(snap.Servers, one)
	}
	return snap
}

func (l *list) snapshot() ListSnapshot {
	hits := l.hits()
	return ListSnapshot{
		Name: l.cfg.Name, Rules: l.cfg.Rules, Default: l.cfg.Table.Default(),
		Explicit: l.cfg.Explicit, Dead: l.cfg.Dead, Uses: l.cfg.Uses,
		Hits: hits[1:], Misses: hits[0],
	}
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
