// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"testing"
	"time"
)

// Without an address of ours the second question of one host, a second after its
// first, decides; and it is told once.
func TestThePassiveRule(t *testing.T) {
	s := newSegment(t)
	s.mute = true
	s.pass(4 * time.Second)
	s.want(s.hear(whoHas))
	s.wantChanges(Change{Kind: Passive})
	s.pass(900 * time.Millisecond)
	s.want(s.hear(whoHas)) // too soon
	s.want(s.hear(owner + " > " + bcast + " arp who-has " + free4 + " tell 10.77.0.8"))
	s.pass(1100 * time.Millisecond)
	s.want(s.hear(whoHas)) // the other's question began anew
	s.pass(1100 * time.Millisecond)
	s.want(s.hear(whoHas), isAt)
	s.wantChanges(Change{Kind: Captured, Addr: addr(free4)})
	s.want(s.hear(whoHas), isAt)

	// A recheck cannot ask: it has to be unanswered again.
	s.want(s.pass(17 * time.Minute))
	s.want(s.hear(whoHas))
	s.pass(6 * time.Second)
	s.want(s.hear(whoHas)) // too late
	s.pass(time.Second)
	s.want(s.hear(whoHas), isAt)
	s.wantChanges()

	s.Suspect(addr(free4), s.now)
	s.pass(20 * time.Millisecond)
	s.wantState(free4, Unknown)

	s.Configure(s.cfg, s.now)
	s.pass(5 * time.Second)
	s.hear(whoHas)
	s.wantChanges() // as passive as before

	s.mute = false
	s.pass(time.Second)
	s.want(s.hear(asking+" > "+bcast+" arp who-has 10.77.0.81 tell 10.77.0.9"),
		us+" > "+bcast+" arp who-has 10.77.0.81 tell "+ours+" pad=18")
	s.mute = true
	s.hear(asking + " > " + bcast + " arp who-has 10.77.0.82 tell 10.77.0.9")
	s.pass(2 * time.Second)
	s.wantChanges() // it may be for a moment only
	s.pass(2 * time.Second)
	s.wantChanges(Change{Kind: Passive})
	s.wantState("10.77.0.81", Unknown) // its verification could not be completed
}

// A source is claimed within a second of the start: what was asked for meanwhile is
// verified then.
func TestAskingWaitsForASource(t *testing.T) {
	s := newSegment(t)
	s.mute = true
	s.want(s.hear(whoHas))
	s.want(s.pass(1100 * time.Millisecond))
	s.want(s.hear(whoHas))
	s.wantState(free4, Unknown)
	s.mute = false
	s.want(s.pass(time.Second), question, question, question)
	s.wantState(free4, Free)
	s.wantChanges(Change{Kind: Captured, Addr: addr(free4)})
}

func TestObserveSendsNothing(t *testing.T) {
	s := newSegment(t, policy(Observe), func(c *Config) { c.Prefixes = prefixes("10.77.0.64/26") })
	s.want(s.pass(time.Minute))
	s.want(s.hear(whoHas))
	s.want(s.pass(1100 * time.Millisecond))
	s.want(s.hear(whoHas))
	s.wantChanges(Change{Kind: Captured, Addr: addr(free4)})
	s.wantState(free4, Free)
	if n := s.Counts(); n.Captures != 1 || n.ARPReplies != 1 || n.Questions != 0 {
		t.Errorf("counts are %+v", n)
	}
	s.Suspect(addr(free4), s.now)
	s.wantState(free4, Unknown)
	s.want(s.pass(time.Minute))
	s.hear(whoHas)
	s.pass(1100 * time.Millisecond)
	s.hear(whoHas)
	s.wantState(free4, Free)
	s.want(s.pass(20 * time.Minute))
	s.want(s.hear(owner + " > " + bcast + " arp who-has " + free4 + " tell " + free4))
	s.wantState(free4, Owned)
	s.wantChanges() // nobody was told anything
}

func TestImmediateAnswersAtOnce(t *testing.T) {
	s := newSegment(t, policy(Immediate), func(c *Config) { c.Prefixes = prefixes("10.77.0.64/26") })
	s.want(s.pass(time.Minute)) // no sweep
	s.want(s.hear(whoHas), isAt)
	s.wantChanges(Change{Kind: Captured, Addr: addr(free4)})
	s.wantState(free4, Free)
	s.Suspect(addr(free4), s.now)
	s.want(s.hear(whoHas), isAt)
	s.want(s.pass(time.Second), question, question, question)
	s.mute = true
	s.pass(time.Minute)
	s.Suspect(addr(free4), s.now)
	s.pass(4 * time.Second)
	s.wantState(free4, Free)
	s.hear(owner + " > " + bcast + " arp who-has " + free4 + " tell 0.0.0.0")
	s.want(s.hear(whoHas))
	s.wantState(free4, Owned)
	s.wantChanges(released)
}

// An owner that was silent in ARP for long is asked for by the first IP frame from
// it, before anybody gets an answer.
func TestImmediateAsksForASuspectOfWhichNothingIsKnown(t *testing.T) {
	s := newSegment(t, policy(Immediate), func(c *Config) { c.Verifications = 1 })
	s.Suspect(addr("10.77.0.81"), s.now)
	s.Suspect(addr(free4), s.now)
	s.want(s.hear(whoHas)) // waits for the other's question
	s.want(s.pass(20*time.Millisecond), us+" > "+bcast+" arp who-has 10.77.0.81 tell "+ours+" pad=18")
	s.pass(500 * time.Millisecond)
	s.want(s.hear(asking + " > " + bcast + " arp who-has 10.77.0.81 tell 10.77.0.9"))
	s.hear(owner + " > " + us + " arp 10.77.0.81 is-at " + owner + " to " + ours)
	s.wantState("10.77.0.81", Owned)
	s.want(s.pass(2*time.Second), question, question, question)
	s.wantChanges(Change{Kind: Captured, Addr: addr(free4)})
	s.want(s.hear(whoHas), isAt)
}

// Where the questions for it cannot be completed, nothing is concluded.
func TestImmediateGivesUpASuspectOfWhichNothingIsKnown(t *testing.T) {
	s := newSegment(t, policy(Immediate))
	s.Suspect(addr(free4), s.now)
	s.want(s.pass(20*time.Millisecond), question)
	s.mute = true
	s.want(s.pass(5 * time.Second))
	s.wantState(free4, Unknown)
	s.wantChanges()
}

// What another policy found free was not verified.
func TestAnotherPolicyStartsOver(t *testing.T) {
	s := newSegment(t, policy(Immediate))
	s.hear(whoHas)
	s.hear(owner + " > " + bcast + " arp who-has 10.77.0.99 tell 10.77.0.99")
	s.changes = nil
	s.cfg.Policy = Verify
	s.Configure(s.cfg, s.now)
	s.wantState(free4, Unknown)
	s.wantState("10.77.0.99", Owned)
	s.want(s.hear(whoHas), question)
	s.cfg.Verifications = 1
	s.Configure(s.cfg, s.now)
	s.hear(asking + " > " + bcast + " arp who-has 10.77.0.81 tell 10.77.0.9") // waits
	s.cfg.Policy = Observe
	s.Configure(s.cfg, s.now)
	s.want(s.pass(time.Minute))
	s.wantState(free4, Unknown)
}
