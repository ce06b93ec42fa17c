// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"cygnet/internal/flow"
	"cygnet/internal/wire"
)

// What a worker with 64 K flows takes: 5 MB once all are used, nothing before.
const (
	defaultFlows   = 65536
	defaultClients = 65536
)

// newFlows makes a worker's flow table, which asks the table at hand for what it
// needs to know of services and servers.
func (w *worker) newFlows(flows, clients int, memory func([]byte)) *flow.Table {
	return flow.New(orDefault(flows, defaultFlows), orDefault(clients, defaultClients), flow.Hooks{
		Count: func(id uint32, delta int32) {
			tally := w.of.members[id]
			tally.open.Store(tally.open.Load() + int64(delta))
		},
		Idle: func(id uint32) *flow.Idle {
			if w.t.byID[id] == nil {
				return nil
			}
			return &w.t.idles[id]
		},
		Serves: func(id uint32) bool { return w.t.keep[id] },
		Memory: memory,
		Exists: func(id uint32) bool { return w.t.servers[id] != nil },
	})
}

func orDefault(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// segment is what a flow table wants to know of the frame at hand. Of UDP, and
// of a first fragment, which may end before them, the flags are none.
type segment struct {
	flags uint8
	seq   uint32
}

func segmentOf(f *wire.Frame) (s segment) {
	if f.Proto == wire.ProtoTCP {
		s.seq = f.TCP().Seq()
		if f.Part == wire.Whole {
			s.flags = f.TCP().Flags()
		}
	}
	return s
}

// begins says that the segment is a SYN, and nothing else besides.
func (s segment) begins() bool {
	return s.flags&(flow.SYN|flow.ACK|flow.RST|flow.FIN) == flow.SYN
}

// ends says that after the segment there is little to be said: no flow is
// remembered for it.
func (s segment) ends() bool { return s.flags&(flow.RST|flow.FIN) != 0 }

// follow finds the server of the flow that the frame at hand is of: the one it
// has, or a new one; nil when nobody can serve it.
func (w *worker) follow(s *wire.Slot, svc *service) (*server, Reason) {
	f, seg := w.frame, segmentOf(w.frame)
	fl := w.flows.FindHashed(&w.seen.key, w.seen.hash, w.moment)
	if fl != nil {
		srv := w.t.servers[fl.Server()]
		if w.stays(fl, svc, srv, f.Proto, seg.begins()) {
			w.note(s, fl, srv, seg)
			return srv, Forwarded
		}
		if srv != nil && seg.begins() && fl.Asked(seg.seq) {
			w.retried(srv) // which did not answer: the next one is not to blame
		}
	}
	if svc.cfg.Leaving {
		return nil, ServiceOff
	}
	if fl == nil {
		if w.captures(f.Src) {
			w.suspects.add(f.Src) // a client with an address that may be captured
		}
		fl = w.add(seg)
	}
	// A flow whose beginning was not seen is one from before a restart: what
	// chose its server then was the hash.
	if w.choosing.has = 0; fl != nil {
		w.choosing.has = fl.Server()
	}
	srv := w.choose(svc, f.Src, f.SrcPort, fl != nil && (seg.begins() || f.Proto == wire.ProtoUDP))
	if srv == nil {
		if fl != nil {
			w.flows.Drop(fl)
		}
		return nil, NoServer
	}
	if fl != nil {
		w.give(s, fl, srv, seg)
	}
	return srv, Forwarded
}

// add makes an entry for the flow of the frame at hand, unless the segment ends
// it or there is no room.
func (w *worker) add(seg segment) *flow.Flow {
	if seg.ends() {
		return nil
	}
	seq := seg.seq
	if w.frame.Proto == wire.ProtoTCP && !seg.begins() {
		seq-- // as if the SYN had been the octet before
	}
	fl := w.flows.AddHashed(&w.seen.key, w.seen.hash, seq, w.moment)
	if fl != nil && w.frame.Proto == wire.ProtoTCP && !seg.begins() {
		w.adopted.Store(w.adopted.Load() + 1)
	}
	return fl
}

// give gives the flow to srv and notes the frame at hand.
func (w *worker) give(s *wire.Slot, fl *flow.Flow, srv *server, seg segment) {
	if seg.begins() {
		w.flows.Reopen(fl, seg.seq, w.moment)
	}
	if seg.begins() || fl.Server() != srv.member.id {
		tally := w.of.members[srv.id]
		tally.opened.Store(tally.opened.Load() + 1)
	}
	w.flows.Assign(fl, srv.member.id)
	w.note(s, fl, srv, seg)
	if srv.service.tracking >= 0 {
		w.flows.Introduce(fl, w.moment)
	}
}

// note counts the frame at hand in its flow.
func (w *worker) note(s *wire.Slot, fl *flow.Flow, srv *server, seg segment) {
	if w.frame.Proto == wire.ProtoUDP {
		w.flows.Datagram(fl, w.segments, s.Len, w.moment)
		return
	}
	if w.flows.Segment(fl, seg.flags, seg.seq, w.segments, s.Len, w.moment) {
		w.retried(srv)
	}
}

// retried counts that a SYN to srv was sent again.
func (w *worker) retried(srv *server) {
	tally := w.of.members[srv.id]
	tally.retried.Store(tally.retried.Load() + 1)
}

// How a worker looks through its flows: in passes that begin no more often than
// every passEvery, and of more than passFlows that much more seldom; so many with
// each batch, and more when there is none. A pass over 65536 flows takes 64 batches;
// over a million of an idle worker, 16 s.
const (
	passEvery   = 1000 // milliseconds
	passFlows   = 1 << 18
	agePerBatch = 1024
	ageWhenIdle = 16384
)

// age forgets flows whose time is over.
func (w *worker) age() {
	if !w.passing {
		every := passEvery * max(1, uint32(w.flows.Len()/passFlows))
		if w.passes.Load() > 0 && w.moment.Since(w.passed) < every {
			return
		}
		w.passing, w.passed = true, w.moment
	}
	n := agePerBatch
	if w.batch.N == 0 {
		n = ageWhenIdle
	}
	if w.flows.Age(w.moment, n) {
		w.passing = false
		w.passes.Store(w.passes.Load() + 1)
	}
}
