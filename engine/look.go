// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"cygnet/acl"
	"cygnet/internal/flow"
	"cygnet/internal/wire"
)

// sight is what a frame is before it is decided over.
type sight struct {
	frame  wire.Frame
	defect wire.Defect
	what   class
	vip    *vip // that it is to, with some classes

	// Of a frame of a flow: its service, nil where there is none, and what its
	// flow is found by.
	svc  *service
	key  flow.Key
	hash uint64

	// What the service's list says of the client, if it has one.
	place    acl.Place
	permit   bool
	position int // of the rule that decides
	rule     *ruleCount
}

// ahead are the frames of the batch at hand that are of flows, and what is fetched for
// them. State: owned.
type ahead struct {
	sights  []*sight
	hashes  []uint64
	numbers []uint32 // of the servers that they are likely to go to
	servers []*server
	vips    []*vip

	kept uint64 // for nobody, so that the compiler keeps the loads
}

func newAhead(batch int) ahead {
	return ahead{
		sights: make([]*sight, 0, batch), hashes: make([]uint64, 0, batch),
		numbers: make([]uint32, batch), servers: make([]*server, 0, batch), vips: make([]*vip, 0, batch),
	}
}

// forget drops all that it holds of a table.
func (a *ahead) forget() {
	clear(a.sights[:cap(a.sights)])
	clear(a.servers[:cap(a.servers)])
	clear(a.vips[:cap(a.vips)])
}

// lookAhead looks at the frames of the batch at hand, and has fetched what they need:
// of a million flows, each takes two fetches from memory, and of a thousand servers and
// a list of a hundred thousand entries some more; they cost more than all the rest of a
// frame if each is waited for in turn.
func (w *worker) lookAhead() {
	w.ahead.sights, w.ahead.hashes = w.ahead.sights[:0], w.ahead.hashes[:0]
	for i := range w.batch.N {
		w.parse(&w.batch.Slots[i], &w.sights[i])
	}
	if w.t.wide && w.batch.N > 1 {
		w.warmServices()
	}
	for i := range w.batch.N {
		if seen := &w.sights[i]; seen.defect == wire.DefectNone {
			w.look(&w.batch.Slots[i], seen)
		}
	}
	w.askLists()
	if len(w.ahead.sights) > 1 {
		w.flows.Warm(w.ahead.hashes, w.ahead.numbers)
		if w.t.wide {
			w.warmServers()
		}
	}
}

// askLists asks the services' lists, each for all its clients: where to look first, what
// is there, and who counts it. Each step is done for all before the next: of a list of a
// hundred thousand entries each takes a fetch from memory, and so they go on together.
func (w *worker) askLists() {
	var sum uint32
	lists := 0
	for _, seen := range w.ahead.sights {
		if l := seen.svc.clients; l != nil {
			seen.place = l.cfg.Table.Place(seen.frame.Src)
			sum += seen.place.Touch()
			lists++
		}
	}
	if lists == 0 {
		return
	}
	for _, seen := range w.ahead.sights {
		if l := seen.svc.clients; l != nil {
			seen.permit, seen.position = l.cfg.Table.LookupAt(seen.place, seen.frame.Src)
		}
	}
	for _, seen := range w.ahead.sights {
		if l := seen.svc.clients; l != nil {
			seen.rule = l.counts[w.id][seen.position]
		}
	}
	counted := uint64(sum)
	for _, seen := range w.ahead.sights {
		if seen.rule != nil {
			counted += seen.rule.now
		}
	}
	w.ahead.kept = counted
}

// warmServers fetches what forwarding reads of servers, and what it counts of them:
// what is of one kind side by side.
func (w *worker) warmServers() {
	a := &w.ahead
	a.servers = a.servers[:0]
	var sum uint64
	for i, seen := range a.sights {
		if srv := w.t.servers[a.numbers[i]]; srv != nil {
			a.servers = append(a.servers, srv)
			sum += uint64(srv.state)
		}
		sum += w.of.services[seen.svc.id].now.Frames
	}
	for _, srv := range a.servers {
		sum += srv.neighbour.MAC().Uint64() + uint64(srv.member.level.Load()) + w.of.members[srv.id].now.Frames
	}
	a.kept = sum
}

// parse parses one frame.
func (w *worker) parse(s *wire.Slot, seen *sight) {
	if s.Truncated {
		seen.frame, seen.defect = wire.Frame{}, wire.DefectTruncated
		return
	}
	seen.defect = seen.frame.Parse(s.Frame())
}

// warmServices fetches what tells whose frames are.
func (w *worker) warmServices() {
	a := &w.ahead
	a.vips = a.vips[:0]
	var sum uint64
	for i := range w.batch.N {
		f := &w.sights[i].frame
		if net := w.t.on(f.Tagged); net != nil {
			sum += net.vips.touch(f.Dst) + net.ours.touch(f.Src)
		}
	}
	for i := range w.batch.N {
		f := &w.sights[i].frame
		net := w.t.on(f.Tagged)
		if net == nil {
			continue
		}
		if v, ok := net.vips.get(f.Dst); ok {
			a.vips = append(a.vips, v)
			sum += uint64(v.exact.key)
		}
	}
	for _, v := range a.vips {
		if svc := v.exact.first; svc != nil {
			sum += uint64(svc.id)
		}
	}
	a.kept = sum
}

// look finds out whose one frame is.
func (w *worker) look(s *wire.Slot, seen *sight) {
	f := &seen.frame
	w.frame = f
	seen.what, seen.vip = w.classify(s)
	if seen.what != ofFlow {
		return
	}
	if seen.svc = seen.vip.service(f.Proto, f.DstPort); seen.svc == nil {
		return
	}
	seen.key = flow.Key{
		Client: f.Src.As16(), Service: seen.svc.id, ClientPort: f.SrcPort, Port: f.DstPort, Proto: f.Proto,
	}
	seen.hash = w.flows.Hash(&seen.key)
	seen.rule = nil
	w.ahead.sights, w.ahead.hashes = append(w.ahead.sights, seen), append(w.ahead.hashes, seen.hash)
}
