// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"time"

	"cygnet/engine"
	"cygnet/internal/capture"
	"cygnet/internal/holds"
)

// pitReading is what follows about the tarpit from a snapshot and earlier ones.
type pitReading struct {
	limits   pitLimits
	conflict time.Time // when the last conflict was counted, by the balancer's clock; zero before one was seen to come
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
	if r.before == nil {
		return
	}
	p.conflict = last.pit.conflict
	if grown(r.before.Tarpit.Capture.Conflicts, now.Conflicts) > 0 {
		p.conflict = r.snap.Time
	}
}

// observing says whether the tarpit only tells what it would do.
func (r *reading) observing() bool { return r.snap.Tarpit.Policy == capture.Observe }

// grown is by how much a counter grew; one that began anew did not.
func grown(before, now uint64) uint64 { return now - min(before, now) }
