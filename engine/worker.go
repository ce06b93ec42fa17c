// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"cygnet/internal/flow"
	"cygnet/internal/wire"
)

// worker moves the frames of one queue: receive, handle, send, publish. It is
// one goroutine, and nothing else writes its state.
type worker struct {
	id int
	q  Queue

	// Read once a batch.
	table *atomic.Pointer[table]
	clock *atomic.Int64 // monotonic nanoseconds, coarse
	epoch *atomic.Int64 // when the clock was zero, in milliseconds of Unix time
	t     *table
	of    *workersCounts // of t: what this worker counts
	now   int64
	using atomic.Uint64 // the table's generation, for whoever waits until one is out of use

	resting *atomic.Bool // the engine's
	wake    func()       // the control goroutine

	// Owned.
	batch     *wire.Batch
	sights    []sight     // of its frames, as look saw them
	seen      *sight      // of the frame at hand
	frame     *wire.Frame // the frame at hand, in seen
	net       *network    // that it is on; only while it is looked at
	segments  int         // how many frames on the wire it was merged from
	inner     wire.Frame  // what an ICMP error quotes
	fragments *fragments
	flows     *flow.Table
	moment    flow.Moment // now, as flow tables tell time
	ahead     ahead
	adopted   atomic.Uint64
	passing   bool          // the worker looks through its flows
	passed    flow.Moment   // when that last began
	passes    atomic.Uint64 // that have ended
	count     *counters
	wall      uint64 // now, in milliseconds of Unix time: what our timestamps tell
	catches   catches
	suspects  suspects
	limits    *limits

	// The choice at hand. The functions are made once, so that asking allocates
	// nothing.
	choosing choice
	admits   func(i int) bool // mayServe
	atLeast  func(i int) bool // see instead
}

func newWorker(id int, q Queue, cfg Config, e *Engine, memory func([]byte)) *worker {
	w := &worker{
		id: id, q: q, table: &e.table, clock: &e.clock, epoch: &e.epoch,
		batch:     wire.NewBatch(wire.BatchSize, wire.SlotRoom),
		sights:    make([]sight, wire.BatchSize),
		ahead:     newAhead(wire.BatchSize),
		fragments: newFragments(),
		limits:    newLimits(),
		count:     newCounters(wire.BatchSize),
	}
	w.flows = w.newFlows(cfg.Flows, cfg.Clients, memory)
	w.admits = func(i int) bool { return w.mayServe(w.choosing.svc.servers[i]) }
	w.atLeast = func(i int) bool { return w.mayServeAtLeast(w.choosing.svc.servers[i]) }
	return w
}

// Run works until ctx ends, or its queue is closed.
func (w *worker) Run(ctx context.Context) error {
	var over atomic.Bool // ctx takes a lock to say so
	defer context.AfterFunc(ctx, func() { over.Store(true) })()
	for !over.Load() {
		w.batch.Reset()
		if err := w.q.Recv(w.batch); err != nil {
			return fmt.Errorf("worker %d: receive: %w", w.id, err)
		}
		if err := w.step(); err != nil {
			return fmt.Errorf("worker %d: send: %w", w.id, err)
		}
		if w.batch.N > 0 {
			w.stir()
		}
	}
	return nil
}

// step handles one batch. It looks at all frames before it decides over any, so
// that what flows are found by is fetched for all at once.
func (w *worker) step() error {
	last := w.t
	if w.begin(); w.t != last {
		w.forget()
	}
	w.expireFragments()
	w.age()
	w.lookAhead()
	for i := range w.batch.N {
		s := &w.batch.Slots[i]
		received := s.Len
		w.seen = &w.sights[i]
		w.frame = &w.seen.frame
		w.end(s, received, w.handle(s))
	}
	err := w.q.Send(w.batch)
	if w.fragments.ready {
		if released := w.sendReleased(); err == nil {
			err = released
		}
	}
	w.finish()
	return err
}

// begin takes the table and the time that hold for the batch at hand.
func (w *worker) begin() {
	w.t, w.now = w.table.Load(), w.clock.Load()
	w.of = &w.t.counts[w.id]
	w.moment = flow.At(w.now)
	w.wall = uint64(w.epoch.Load() + w.now/int64(time.Millisecond))
	w.using.Store(w.t.generation)
}

// forget drops what of the last table its sights still hold, so that it is freed.
func (w *worker) forget() {
	clear(w.sights)
	w.ahead.forget()
}

// finish makes visible what the batch at hand has changed, and drops the views of its
// frames: the link may take back their memory.
func (w *worker) finish() {
	for i := range w.batch.N {
		w.sights[i].frame.Data = nil
	}
	w.inner.Data = nil
	w.count.publish()
	w.flows.Publish()
}

// handle decides over one frame, which was looked at, and leaves it in its slot as
// it is to be sent, if it is. This is the life of a frame: look, then this.
func (w *worker) handle(s *wire.Slot) Reason {
	if s.Truncated {
		return Oversize
	}
	if defect := w.seen.defect; defect != wire.DefectNone {
		return defectReason(defect)
	}
	w.segments = s.Segments(w.frame.HeaderLen())
	v := w.seen.vip
	switch w.seen.what {
	case arpForUs:
		return w.answerARP(s)
	case askedForCaptured:
		return CapturedAsked
	case solicitation:
		return w.answerSolicitation(s)
	case echoRequest:
		return w.answerEcho(s)
	case captured:
		return w.answerCaptured(s)
	case ofFlow:
		return w.forward(s, v)
	case laterFragment:
		return w.forwardFragment(s, v)
	case icmpError:
		return w.forwardError(s, v)
	case onVLAN:
		return Tagged
	case forged:
		return BadSource
	case otherICMP:
		return ICMP
	case unserved:
		return v.without(NoService)
	case outOfService:
		return v.without(ServiceOff)
	}
	return NotOurs
}

// end counts how a frame of so many bytes ended and marks it to be sent, if
// it is. It counts as the frames on the wire that were merged into it.
func (w *worker) end(s *wire.Slot, received int, r Reason) {
	frames := uint64(s.Segments(w.frame.HeaderLen()))
	w.count.add(&w.count.in, frames, uint64(received))
	w.count.frame++
	if r == held {
		return
	}
	w.count.add(&w.count.reasons[r], frames, uint64(received))
	if s.Send = r.sends(); s.Send {
		w.count.add(&w.count.out, frames, uint64(s.Len))
	}
}

// defectReason says how a frame ends that could not be parsed.
func defectReason(d wire.Defect) Reason {
	switch d {
	case wire.DefectTruncated:
		return Truncated
	case wire.DefectChecksum:
		return Checksum
	}
	return Malformed
}
