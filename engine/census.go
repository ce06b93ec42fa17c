// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"cygnet/internal/flow"
)

// census is what the workers' flow tables tell of flows and clients. State: the
// housekeeper's.
type census struct {
	e       *Engine
	workers []workerCensus

	flows           []FlowSnapshot
	clients, latest []ClientSnapshot
}

// workerCensus is the last census of one worker, and its rates.
type workerCensus struct {
	last  flow.Moment
	known bool // last is one

	flows           []FlowSnapshot
	clients, latest []ClientSnapshot
}

func newCensus(e *Engine) *census {
	c := &census{e: e, workers: make([]workerCensus, len(e.workers))}
	for _, w := range e.workers {
		w.flows.Take(flow.NewCensus(CensusRows))
	}
	return c
}

// take takes what workers have found since the last call.
func (c *census) take(now time.Time) {
	news := false
	t, moment := c.e.table.Load(), flow.At(c.e.clock.Load())
	for i, w := range c.e.workers {
		found := w.flows.Taken()
		if found == nil {
			continue
		}
		c.workers[i].read(found, &teller{t: t, now: now, moment: moment})
		w.flows.Take(found)
		news = true
	}
	if news {
		c.merge()
	}
}

// read translates what one worker found.
func (c *workerCensus) read(found *flow.Census, t *teller) {
	if t.every = 0; c.known {
		t.every = uint64(found.At.Since(c.last))
	}
	c.last, c.known = found.At, true
	c.flows = translate(found.Flows, t.flow)
	c.clients, c.latest = translate(found.Clients, t.client), translate(found.Latest, t.client)
}

func translate[R, S any](rows []R, one func(*R) (S, bool)) []S {
	out := make([]S, 0, len(rows))
	for i := range rows {
		if s, ok := one(&rows[i]); ok {
			out = append(out, s)
		}
	}
	return out
}

// merge makes one list of what the workers found.
func (c *census) merge() {
	c.flows, c.clients, c.latest = nil, nil, nil
	for i := range c.workers {
		w := &c.workers[i]
		c.flows = append(c.flows, w.flows...)
		c.clients, c.latest = append(c.clients, w.clients...), append(c.latest, w.latest...)
	}
	slices.SortStableFunc(c.flows, func(a, b FlowSnapshot) int {
		return cmp.Or(cmp.Compare(b.Rate, a.Rate), cmp.Compare(b.Traffic.Bytes, a.Traffic.Bytes))
	})
	c.clients, c.latest = joined(c.clients), joined(c.latest)
	slices.SortStableFunc(c.clients, func(a, b ClientSnapshot) int {
		return cmp.Or(cmp.Compare(b.Rate, a.Rate), cmp.Compare(b.Bytes, a.Bytes))
	})
	slices.SortStableFunc(c.latest, func(a, b ClientSnapshot) int { return b.Seen.Compare(a.Seen) })
	c.flows = c.flows[:min(len(c.flows), CensusRows)]
	c.clients, c.latest = c.clients[:min(len(c.clients), CensusRows)], c.latest[:min(len(c.latest), CensusRows)]
}

// joined adds up the rows of one client of one service that several workers have.
func joined(rows []ClientSnapshot) []ClientSnapshot {
	type key struct {
		addr    netip.Addr
		service string
	}
	first := map[key]int{}
	var out []ClientSnapshot
	for _, r := range rows {
		k := key{r.Addr, r.Service}
		i, ok := first[k]
		if !ok {
			first[k] = len(out)
			out = append(out, r)
			continue
		}
		o := &out[i]
		o.Open, o.Opened, o.Bytes, o.Rate = o.Open+r.Open, o.Opened+r.Opened, o.Bytes+r.Bytes, o.Rate+r.Rate
		if r.Seen.After(o.Seen) {
			o.Seen, o.Server = r.Seen, r.Server
		}
		if r.Started.Before(o.Started) {
			o.Started = r.Started
		}
	}
	return out
}

// teller translates numbers into names, and moments into times.
type teller struct {
	t      *table
	now    time.Time
	moment flow.Moment
	every  uint64 // milliseconds that Recent is of; 0 is unknown
}

func (t *teller) time(m flow.Moment) time.Time {
	return t.now.Add(-time.Duration(t.moment.Since(m)) * time.Millisecond)
}

func (t *teller) rate(recent uint64) uint64 {
	if t.every == 0 {
		return 0
	}
	return recent * 1000 / t.every
}

// server names the server of that number, if it is one of that service.
func (t *teller) server(id, number uint32) (svc *service, label string) {
	if int(id) >= len(t.t.byID) || int(number) >= len(t.t.servers) {
		return nil, "" // newer than the table
	}
	svc = t.t.byID[id]
	if srv := t.t.servers[number]; srv != nil && srv.service == svc {
		label = srv.cfg.label()
	}
	return svc, label
}

func (t *teller) flow(r *flow.FlowRow) (s FlowSnapshot, ok bool) {
	svc, label := t.server(r.Key.Service, r.Server)
	if svc == nil {
		return s, false
	}
	return FlowSnapshot{
		Service: svc.cfg.Name, Server: label,
		Client: netip.AddrPortFrom(netip.AddrFrom16(r.Key.Client).Unmap(), r.Key.ClientPort),
		VIP:    netip.AddrPortFrom(svc.cfg.VIP, r.Key.Port),
		Proto:  r.Key.Proto, State: r.State.String(),
		Started: t.time(r.Started), Seen: t.time(r.Seen),
		Traffic: Traffic{Frames: r.Frames, Bytes: r.Bytes}, Rate: t.rate(r.Recent),
	}, true
}

func (t *teller) client(r *flow.ClientRow) (s ClientSnapshot, ok bool) {
	svc, label := t.server(r.Service, r.Server)
	if svc == nil {
		return s, false
	}
	return ClientSnapshot{
		Addr: netip.AddrFrom16(r.Client).Unmap(), Service: svc.cfg.Name, Server: label,
		Open: uint64(r.Open), Opened: uint64(r.Opened), Started: t.time(r.Started), Seen: t.time(r.Seen),
		Bytes: r.Bytes, Rate: t.rate(r.Recent),
	}, true
}
