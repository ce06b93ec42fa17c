// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

func prefixes(texts ...string) (p []netip.Prefix) {
	for _, text := range texts {
		p = append(p, netip.MustParsePrefix(text))
	}
	return p
}

func TestAChangeKeepsWhatIsKnown(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.Configure(s.cfg, s.now)
	s.want(s.hear(whoHas), isAt)
	s.want(s.hear(solicits), advertises)

	s.cfg.Captured = func(a netip.Addr) bool { return a == addr(free6) || a == addr("2001:db8::51") }
	s.Configure(s.cfg, s.now)
	s.wantState(free4, Unknown)
	s.want(s.hear(whoHas))
	s.want(s.hear(solicits), advertises)
	s.hear(asking + " > " + us + " icmp6 " + client6 + " > 2001:db8::51 ns 2001:db8::51 slla=" + asking)
	s.cfg.Captured = nil
	s.Configure(s.cfg, s.now)
	s.want(s.hear(solicits))
	s.want(s.pass(time.Minute))
	if n := s.Counts(); n.Free != 0 {
		t.Errorf("%d are free, want none", n.Free)
	}
}

func TestAnotherMACStartsOver(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Prefixes = prefixes("10.77.0.80/31") })
	s.free()
	s.pass(time.Minute)
	s.hear(owner + " > " + bcast + " arp who-has 10.77.0.99 tell 10.77.0.99")
	s.changes = nil
	s.cfg.MAC = mac("02:00:00:00:00:fe")
	s.Configure(s.cfg, s.now)
	s.wantState(free4, Unknown)
	s.wantState("10.77.0.99", Owned)
	s.hear(whoHas)
	s.pass(time.Second)
	s.wantChanges()
	s.want(s.hear(whoHas), strings.ReplaceAll(isAt, us, "02:00:00:00:00:fe"))
	if n := len(s.pass(time.Minute)); n != 3 {
		t.Errorf("%d questions of the new sweep, want those for the other address", n)
	}
}

// Silence says nothing while the link is down, and somebody may come meanwhile.
func TestTheLinkGoesDownAndUp(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.hear(owner + " > " + bcast + " arp who-has 10.77.0.99 tell 10.77.0.99")
	s.hear(asking + " > " + bcast + " arp who-has 10.77.0.81 tell 10.77.0.9")
	s.SetLink(false, s.now)
	s.want(s.pass(20 * time.Minute))
	s.want(s.hear(whoHas))
	s.SetLink(true, s.now)
	for _, a := range []string{free4, free6, "10.77.0.81"} {
		s.wantState(a, Unknown)
	}
	s.wantState("10.77.0.99", Owned)
	s.want(s.hear(whoHas), question)
	s.pass(time.Second)
	s.want(s.hear(whoHas), isAt)
	s.wantChanges() // it was ours before
}

func TestTheSweepAsksForAllBeforeTheFirstScan(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Prefixes = prefixes("10.77.0.64/26", "2001:db8::/112") })
	s.hear(owner + " > " + bcast + " arp who-has 10.77.0.70 tell 10.77.0.70")
	s.hear(whoHas)
	s.want(s.pass(30*time.Second), question, question)
	sent := s.pass(time.Second)
	second := s.pass(time.Second)
	if len(second) < 45 || len(second) > 51 {
		t.Errorf("%d questions in the second second of the sweep, want about 50", len(second))
	}
	sent = append(append(sent, second...), s.pass(5*time.Second)...)
	if n := s.Counts(); n.Free != 63 || len(sent) != 62*3 {
		t.Errorf("%d are free after %d questions, want 63 and %d", n.Free, len(sent), 62*3)
	}
	if slices.ContainsFunc(sent, func(f string) bool { return strings.Contains(f, "10.77.0.70 tell") }) {
		t.Error("asked for an address that has an owner")
	}
	s.want(s.pass(5 * time.Minute))

	// A change asks for what is new.
	s.cfg.Captured = func(a netip.Addr) bool { return a.Is4() }
	s.cfg.Prefixes = prefixes("10.77.0.60/30", "10.77.0.64/26")
	s.Configure(s.cfg, s.now)
	s.want(s.pass(29 * time.Second))
	if sent := s.pass(5 * time.Second); len(sent) != 4*3 {
		t.Errorf("asked %d questions for 4 new addresses", len(sent))
	}
}

func TestTheSweepIsBounded(t *testing.T) {
	s := newSegment(t, func(c *Config) {
		c.Captured = func(a netip.Addr) bool { return !netip.MustParsePrefix("10.0.1.0/24").Contains(a) }
		c.Prefixes = prefixes("10.0.0.0/8")
	})
	s.pass(7 * time.Minute)
	if n := s.Counts(); n.Questions != (sweepAddrs-256)*3 {
		t.Errorf("%d questions, want those for %d addresses", n.Questions, sweepAddrs-256)
	}
}

func TestTheSweepTakesWhatTheLimitLeaves(t *testing.T) {
	s := newSegment(t, func(c *Config) {
		c.Prefixes = prefixes("10.77.0.64/26")
		c.Verifications = 5
	})
	s.pass(33 * time.Second)
	if n := s.Counts(); n.Free+n.Verifying < 18 || n.Free+n.Verifying > 21 || n.VerifyLimited != 0 {
		t.Errorf("after three seconds of the sweep counts are %+v, want 20 addresses begun", n)
	}
	s.hear(asking + " > " + bcast + " arp who-has 10.77.0.127 tell 10.77.0.9")
	s.pass(1200 * time.Millisecond)
	s.wantState("10.77.0.127", Free) // it did not wait for its turn
}

// Nothing is looked at between the times at which something is due.
func TestAnIdleTickReturnsAtOnce(t *testing.T) {
	s := newSegment(t)
	s.free()
	if wait := time.Duration(s.due - s.now); wait < 10*time.Second {
		t.Errorf("the next Tick has something to do after %v", wait)
	}
	s.pass(time.Minute)
	if wait := time.Duration(s.due - s.now); wait < 10*time.Minute {
		t.Errorf("the next Tick has something to do after %v", wait)
	}
	s.memory.timers[0].at = s.now
	s.want(s.pass(time.Second))
	if n := testing.AllocsPerRun(100, func() { s.Tick(s.now, nil) }); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
}
