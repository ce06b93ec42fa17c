// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
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
}

// lookAhead looks at the frames of the batch at hand, and has their flows fetched:
// of a million, each takes two fetches from memory, which cost more than all the
// rest of a frame if each is waited for in turn.
func (w *worker) lookAhead() {
	w.ahead = w.ahead[:0]
	for i := range w.batch.N {
		s, seen := &w.batch.Slots[i], &w.sights[i]
		if s.Truncated {
			seen.frame = wire.Frame{}
			continue
		}
		w.look(s, seen)
	}
	if len(w.ahead) > 1 {
		w.flows.Warm(w.ahead)
	}
}

// look parses one frame and finds out whose it is.
func (w *worker) look(s *wire.Slot, seen *sight) {
	f := &seen.frame
	if seen.defect = f.Parse(s.Frame()); seen.defect != wire.DefectNone {
		return
	}
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
	w.ahead = append(w.ahead, seen.hash)
}
