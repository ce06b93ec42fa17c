// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"time"

	"cygnet/engine"
	"cygnet/internal/holds"
)

// pitReading is what follows about the tarpit from a snapshot and earlier ones.
type pitReading struct {
	limits    pitLimits
	asks      bool      // it asked whether somebody holds an address, since the snapshot before
	observing bool      // what it would have answered came last, not what it answered
	conflict  time.Time // when the last conflict was counted, by the balancer's clock; zero before one was seen to come
}

// pitLimits is what was over a limit in the last longAgo.
type pitLimits struct{ segments, replies, questions uint64 }

func (l pitLimits) any() bool { return l != pitLimits{} }

// book is what the balancer knows of whom the tarpit holds; never nil.
func (r *reading) book() *holds.Stats {
	if r.snap == nil || r.snap.Tarpit.Holds == nil { // one that came over a socket may lack it
		return &holds.Stats{}
	}
	return r.snap.Tarpit.Holds
}

func (r *reading) readTarpit(last *reading, long *engine.Snapshot) {
	now, p := &r.snap.Tarpit.Capture, &r.pit
	if long != nil {
		was := &long.Tarpit.Capture
		p.limits = pitLimits{
			segments:  grown(long.Reasons[engine.CapturedLimited].Frames, r.snap.Reasons[engine.CapturedLimited].Frames),
			replies:   grown(was.RepliesLimited, now.RepliesLimited),
			questions: grown(was.VerifyLimited, now.VerifyLimited),
		}
	}
	syns, observed := r.snap.Reasons[engine.CapturedSYN].Frames, r.snap.Reasons[engine.CapturedObserved].Frames
	if r.before == nil {
		p.observing = observed > 0 && syns == 0
		return
	}
	p.conflict, p.observing = last.pit.conflict, last.pit.observing
	if grown(r.before.Tarpit.Capture.Conflicts, now.Conflicts) > 0 {
		p.conflict = r.snap.Time
	}
	p.asks = grown(r.before.Tarpit.Capture.Questions, now.Questions) > 0
	switch {
	case grown(r.before.Reasons[engine.CapturedSYN].Frames, syns) > 0:
		p.observing = false
	case grown(r.before.Reasons[engine.CapturedObserved].Frames, observed) > 0:
		p.observing = true
	}
}

// grown is by how much a counter grew; one that began anew did not.
func grown(before, now uint64) uint64 { return now - min(before, now) }
