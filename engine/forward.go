// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"cygnet/internal/flow"
	"cygnet/internal/wire"
)

// forward sends a frame of a flow on to the flow's server.
func (w *worker) forward(s *wire.Slot, v *vip) Reason {
	f, svc := w.frame, w.seen.svc
	if svc == nil {
		return v.without(NoService)
	}
	var srv *server
	switch why := w.admitSeen(); {
	case why == Refused && svc.abuse != nil:
		srv = svc.abuse
	case why != Forwarded:
		return why
	default:
		if srv, why = w.follow(s, svc); srv == nil {
			return why
		}
	}
	if f.Part == wire.FirstFragment {
		w.remember(srv)
	}
	return w.pass(s, srv)
}

// without is the end of a frame to a VIP and to none of its services, for that
// reason: where the host's kernel shares the VIP, the frame is the kernel's.
func (v *vip) without(r Reason) Reason {
	if v.shared() {
		return NotOurs
	}
	return r
}

// sentBack says whether the frame at hand comes from one of the servers of the
// very service it is for: that server does not hold the VIP and routes the
// frame back, until its TTL ends, up to 255 rounds later.
func (w *worker) sentBack(svc *service) bool {
	src := w.frame.Ethernet().Src()
	if !svc.neighbours.IsNeighbour(src) || svc.serverOf(src) == nil {
		return false
	}
	svc.looping.Store(src.Uint64())
	return true
}

// pass makes the frame at hand srv's: the server's MAC as its destination, ours
// as its source, and nothing else changes. The source is ours so that switches
// do not learn the client's MAC on our port; the TTL stays, since this is not a
// router.
func (w *worker) pass(s *wire.Slot, srv *server) Reason {
	mac := srv.neighbour.MAC()
	if mac.IsZero() || srv.member.waits() {
		return NoServer
	}
	if mac == w.t.mac {
		srv.service.looping.Store(mac.Uint64())
		return Loop
	}
	w.frame.Ethernet().SetDst(mac)
	w.frame.Ethernet().SetSrc(w.t.mac)
	w.tally(srv, s)
	return Forwarded
}

// tally counts the frame in s as srv's.
func (w *worker) tally(srv *server, s *wire.Slot) {
	frames, bytes := uint64(w.segments), uint64(s.Len)
	ofServer, ofService := w.countsOf(srv)
	w.count.add(&ofServer.tally, frames, bytes)
	w.count.add(&ofService.tally, frames, bytes)
}

// countsOf returns what the worker counts of srv and its service: by their numbers, in
// memory that is near, unless srv is of an earlier table, when a first fragment came.
func (w *worker) countsOf(srv *server) (ofServer, ofService *counts) {
	if int(srv.id) < len(w.t.servers) && w.t.servers[srv.id] == srv {
		return w.of.members[srv.id], w.of.services[srv.service.id]
	}
	return srv.member.counts[w.id], srv.service.counts[w.id]
}

// forwardError sends an ICMP error to the server of the flow it is about. The
// error quotes a packet that the VIP sent, so the quote's destination is the
// flow's client.
func (w *worker) forwardError(s *wire.Slot, v *vip) Reason {
	in := &w.inner
	if !w.frame.Inner(in) || in.Src != w.frame.Dst {
		return v.without(ICMP)
	}
	svc := v.service(in.Proto, in.SrcPort)
	if svc == nil {
		return v.without(ICMP)
	}
	switch why := w.admit(svc, in.Dst); {
	case why == Refused && svc.abuse != nil:
		return w.pass(s, svc.abuse)
	case why != Forwarded:
		return why
	}
	srv := w.serverOf(svc, in)
	if srv == nil {
		return NoServer
	}
	return w.pass(s, srv)
}

// serverOf finds the server of the flow that a frame in the other direction, from
// the VIP, is of. It makes no flow.
func (w *worker) serverOf(svc *service, in *wire.Frame) *server {
	key := flow.Key{
		Client: in.Dst.As16(), Service: svc.id, ClientPort: in.DstPort, Port: in.SrcPort, Proto: in.Proto,
	}
	if fl := w.flows.Find(&key, w.moment); fl != nil {
		if srv := w.t.servers[fl.Server()]; w.stays(fl, svc, srv, in.Proto, false) {
			return srv
		}
	}
	if svc.cfg.Leaving {
		return nil
	}
	w.choosing.has = 0
	return w.choose(svc, in.Dst, in.DstPort, false)
}
