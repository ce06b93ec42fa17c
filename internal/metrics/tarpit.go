// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import "cygnet/engine"

func (s scrapeOf) tarpit(snap *engine.Snapshot) {
	t := &snap.Tarpit
	s.put(s.tarpitHits, float64(snap.TarpitHits()))
	s.put(s.tarpitHitsLost, float64(t.HitsLost))
	s.put(s.captured, float64(t.Addresses))
	if h := t.Holds; h != nil {
		s.put(s.heldNow, float64(h.Now))
		s.put(s.heldSeconds, float64(h.Seconds))
		s.put(s.verified, float64(h.Verified))
		s.put(s.unverified, float64(h.Unverified))
		s.put(s.escaped, float64(h.Escaped))
		s.put(s.backscatter, float64(h.Backscatter))
		s.put(s.caughtBytes, float64(h.Bytes))
	}
	c := &t.Capture
	s.put(s.captureState, float64(c.Free), "free")
	s.put(s.captureState, float64(c.Verifying), "verifying")
	s.put(s.captureState, float64(c.Suspended), "suspended")
	s.put(s.captureState, float64(c.Owned), "owned")
	s.put(s.captures, float64(c.Captures))
	s.put(s.conflicts, float64(c.Conflicts))
	s.put(s.captureAnswers, float64(c.ARPReplies), "arp")
	s.put(s.captureAnswers, float64(c.NDReplies), "nd")
	s.put(s.repairs, float64(c.Repairs))
	s.put(s.questions, float64(c.Questions))
	s.put(s.limited, float64(snap.Reasons[engine.CapturedLimited].Frames), "segments")
	s.put(s.limited, float64(c.RepliesLimited), "address_answers")
	s.put(s.limited, float64(c.VerifyLimited), "questions")
	s.put(s.limited, float64(c.NoRoom), "no_room")
}
