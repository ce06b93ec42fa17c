// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"

	"cygnet/internal/flow"
	"cygnet/internal/wire"
)

// choice is the choice at hand, for the functions that a plan asks.
type choice struct {
	svc     *service
	client  netip.Addr
	limited bool   // max and hard count
	known   uint32 // the number of the server that the client had last; 0 is none
	has     uint32 // the number of the server that counts the flow already; 0 is none
}

// admit says whether this client may use svc at all: Forwarded if it may.
func (w *worker) admit(svc *service, client netip.Addr) Reason {
	if svc.off {
		return ServiceOff
	}
	return w.admitBy(svc, svc.clients == nil || w.permits(svc.clients, client))
}

// admitSeen is admit of the frame at hand: its service's list was asked ahead.
func (w *worker) admitSeen() Reason {
	seen := w.seen
	if seen.svc.off {
		return ServiceOff
	}
	if seen.rule != nil {
		w.count.rule(seen.rule)
	}
	return w.admitBy(seen.svc, seen.rule == nil || seen.permit)
}

func (w *worker) admitBy(svc *service, permitted bool) Reason {
	switch {
	case !permitted:
		return Refused
	case w.sentBack(svc):
		return Loop
	}
	return Forwarded
}

// choose finds a server for a flow of svc that has none; nil when nobody can
// serve. Where the flow cannot be remembered, the choice depends on nothing but
// the client, what is known of it where it is tracked, the servers and who of them
// can serve, so that the flow's next frame finds the same one.
func (w *worker) choose(svc *service, client netip.Addr, port uint16, remembered bool) *server {
	w.choosing = choice{svc: svc, client: client, limited: remembered && svc.limited, has: w.choosing.has}
	if svc.tracking >= 0 || w.choosing.limited {
		srv, known := w.lastServer(svc, client)
		if known && svc.tracking >= 0 && w.mayServe(srv) {
			return srv
		}
		if known && svc.tracking >= 0 && svc.cfg.Stubborn {
			return nil
		}
	}
	if remembered && svc.fewest {
		if srv := w.fewest(svc, port); srv != nil {
			return srv
		}
		return w.instead(svc, client, port)
	}
	if !svc.ports {
		port = 0
	}
	hash := w.t.key.Client(client, port)
	if svc.cfg.Stubborn {
		if i := svc.plan.First(hash); i >= 0 && w.mayServe(svc.servers[i]) {
			return svc.servers[i]
		}
		return nil
	}
	usable := svc.usable
	if svc.picky || w.choosing.limited {
		usable = w.admits
	}
	if i := svc.plan.Pick(hash, usable); i >= 0 {
		return svc.servers[i]
	}
	return w.instead(svc, client, port)
}

// lastServer returns the server that this client had last, if it is known; where
// clients are not tracked, that counts for max and hard only. The emergency server
// keeps no client: it serves while no other can.
func (w *worker) lastServer(svc *service, client netip.Addr) (*server, bool) {
	within := uint32(max(svc.tracking, 0))
	id, ok := w.flows.Tracked(client.As16(), svc.id, within, w.moment)
	if !ok {
		return nil, false
	}
	srv := w.t.servers[id]
	if srv == nil || srv.service != svc || srv == svc.emergency {
		return nil, false
	}
	w.choosing.known = id
	return srv, true
}

// mayServe says whether srv may be given the client at hand now.
func (w *worker) mayServe(srv *server) bool {
	c := &w.choosing
	return srv.usable() && (srv.clients == nil || w.permits(srv.clients, c.client)) &&
		(!c.limited || c.hasRoom(srv))
}

// mayServeAtLeast says whether srv, which fails its checks, may be given the client
// at hand all the same, since it answers ARP.
func (w *worker) mayServeAtLeast(srv *server) bool {
	c := &w.choosing
	return srv.atLeast() && (srv.clients == nil || w.permits(srv.clients, c.client)) &&
		(!c.limited || c.hasRoom(srv))
}

// hasRoom says whether one more flow is within the limits of s: max for a client
// that it does not know, hard for each. A flow that it has already is not one more.
func (c *choice) hasRoom(s *server) bool {
	n, known := s.member.open(), s.member.id == c.known
	if s.member.id == c.has {
		n--
	}
	return (s.cfg.Hard == 0 || n < int64(s.cfg.Hard)) && (known || s.cfg.Max == 0 || n < int64(s.cfg.Max))
}

// fewest returns the server with the fewest flows for its weight. Of those that
// are level the client's port decides, so that not all workers begin with the
// same one.
func (w *worker) fewest(svc *service, port uint16) (best *server) {
	n := len(svc.servers)
	var flows, weight int64
	for i := range n {
		srv := svc.servers[(int(port)+i)%n]
		if !w.mayServe(srv) {
			continue
		}
		open, share := srv.member.open(), int64(max(srv.cfg.Weight, 1))
		if best == nil || open*weight < flows*share {
			best, flows, weight = srv, open, share
		}
	}
	return best
}

// instead finds who serves when no server can: the emergency server, or else one
// that answers ARP and fails only its checks, which may be what is wrong. Limits
// are kept: a server that is full is not taken.
func (w *worker) instead(svc *service, client netip.Addr, port uint16) *server {
	if e := svc.emergency; e != nil && e.usable() {
		return e
	}
	if svc.emergency != nil && svc.emergency.member.waits() {
		return svc.emergency
	}
	if i := svc.plan.Pick(w.t.key.Client(client, port), w.atLeast); i >= 0 {
		return svc.servers[i]
	}
	return nil
}

// stays says whether the flow f of svc stays on srv, its server, which may be
// nil; begins, that a SYN is at hand. What is open stays where it is as long as
// its server may finish it. A server that fails only its checks may: its hosts'
// kernel would have reset what it cannot serve. A SYN and a datagram need one that
// is up: nothing is lost with a change.
func (w *worker) stays(f *flow.Flow, svc *service, srv *server, proto uint8, begins bool) bool {
	switch {
	case !srv.keepsFlows() || srv.service != svc:
		return false
	case srv.member.waits():
		return true
	case !srv.neighbour.Known():
		return !srv.neighbour.Silent() // its address has changed: the answer is near
	case begins && !f.Live():
		return false
	case begins, proto != wire.ProtoTCP:
		return srv.serves() || svc.failingOpen.Load() && srv.member.level.Load() == levelSoft
	}
	return srv.member.level.Load() != levelDown
}
