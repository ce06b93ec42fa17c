// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

const announces = owner + " > " + bcast + " arp who-has " + free4 + " tell " + free4
const probes = owner + " > " + bcast + " arp who-has " + free4 + " tell 0.0.0.0"

const repaired = us + " > " + asking + " arp " + free4 + " is-at " + owner + " to 10.77.0.9 pad=18"

var released = Change{Kind: Released, Addr: addr(free4), MAC: mac(owner)}

func TestAskersAreToldTheOwner(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.hear(whoHas)
	s.hear(whoHas) // twice, and told once
	s.want(s.hear(announces), repaired)
	s.wantChanges(released)
	s.want(s.pass(980 * time.Millisecond))
	s.want(s.pass(2*time.Second), repaired, repaired)
	s.want(s.pass(time.Minute))
	s.want(s.hear(announces))
	s.wantChanges()
	if n := s.Counts(); n.Conflicts != 1 || n.Repairs != 3 {
		t.Errorf("counts are %+v", n)
	}
}

// A prober does not answer yet: who is sent to it gets no answer.
func TestAProbeReleasesAndItsUseIsTold(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.hear(whoHas)
	s.want(s.hear(probes))
	s.wantChanges(released)
	s.want(s.pass(1400 * time.Millisecond))
	s.want(s.hear(announces), repaired)
	s.wantChanges()
}

func TestAskersOfIPv6AreToldTheOwner(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.hear(solicits)
	s.want(s.hear(owner + " > " + group6 + " icmp6 :: > ff02::1:ff00:50 ns " + free6))
	s.wantChanges(Change{Kind: Released, Addr: addr(free6), MAC: mac(owner)})
	s.want(s.hear(owner+" > 33:33:00:00:00:01 icmp6 "+free6+" > ff02::1 na "+free6+" flags=O tlla="+owner),
		us+" > "+asking+" icmp6 "+free6+" > "+client6+" na "+free6+" flags=O tlla="+owner)
}

func TestWhoIsNotTold(t *testing.T) {
	t.Run("the owner", func(t *testing.T) {
		s := newSegment(t)
		s.free()
		s.hear(owner + " > " + bcast + " arp who-has " + free4 + " tell 10.77.0.5")
		s.want(s.hear(announces))
		s.wantChanges(released)
	})
	t.Run("after ten minutes", func(t *testing.T) {
		s := newSegment(t)
		s.free()
		s.hear(whoHas)
		s.pass(10*time.Minute + time.Second)
		s.want(s.hear(announces))
		s.wantChanges(released)
	})
	t.Run("of a group's MAC", func(t *testing.T) {
		s := newSegment(t)
		s.free()
		s.hear(whoHas)
		s.want(s.hear(owner + " > " + us + " arp " + free4 + " is-at 03:bf:0a:4d:00:50 to " + ours))
		s.wantState(free4, Owned)
	})
	t.Run("over a link that is down", func(t *testing.T) {
		s := newSegment(t)
		s.free()
		s.hear(whoHas)
		s.hear(announces)
		s.SetLink(false, s.now)
		s.want(s.pass(5 * time.Second))
		s.SetLink(true, s.now)
		s.want(s.pass(5 * time.Second))
	})
	t.Run("observed", func(t *testing.T) {
		s := newSegment(t)
		s.free()
		s.hear(whoHas)
		s.cfg.Policy = Observe
		s.Configure(s.cfg, s.now)
		s.want(s.hear(announces))
		s.want(s.pass(5 * time.Second))

		s = newSegment(t)
		s.free()
		s.hear(whoHas)
		s.want(s.hear(announces), repaired)
		s.cfg.Policy = Observe
		s.Configure(s.cfg, s.now)
		s.want(s.pass(5 * time.Second))
	})
	t.Run("more than eight", func(t *testing.T) {
		s := newSegment(t)
		s.free()
		for i := range 12 {
			s.hear(asking + " > " + bcast + " arp who-has " + free4 + fmt.Sprintf(" tell 10.77.0.%d", 30+i))
		}
		told := s.hear(announces)
		if len(told) != askersEach {
			t.Fatalf("%d were told, want %d", len(told), askersEach)
		}
		s.want(told[:1], us+" > "+asking+" arp "+free4+" is-at "+owner+" to 10.77.0.34 pad=18")
	})
}

// answered lets eight hosts each be answered for so many addresses, from 10.1.0.1 on.
func (s *segment) answered(n int) (all []netip.Addr) {
	s.cfg.Captured = func(netip.Addr) bool { return true }
	s.cfg.Replies, s.cfg.Verifications = 0, 0
	s.Configure(s.cfg, s.now)
	for a := addr("10.1.0.1"); len(all) < n; a = a.Next() {
		all = append(all, a)
		s.hear(questionFor(a.String(), 9))
	}
	s.pass(time.Second)
	for _, a := range all {
		for by := range askersEach {
			s.hear(questionFor(a.String(), 30+by))
		}
	}
	s.cfg.Replies = 100
	s.Configure(s.cfg, s.now)
	return all
}

// Whoever forges announcements of many answered addresses draws no storm of repairs:
// as many go out as answers may, all who were told wrong once before anybody twice.
func TestRepairsAreLimited(t *testing.T) {
	s := newSegment(t)
	all := s.answered(150)
	var sent []string
	for _, a := range all {
		sent = append(sent, s.hear(announcementOf(a.String(), 5))...)
	}
	if len(sent) != 100 {
		t.Errorf("%d repairs at once, want 100", len(sent))
	}
	told := map[string]int{}
	for _, f := range sent {
		told[f]++
	}
	for range 11 {
		second := s.pass(time.Second)
		if len(second) < 95 || len(second) > 101 {
			t.Errorf("%d repairs in a second, want 100", len(second))
		}
		for _, f := range second {
			told[f]++
		}
	}
	if len(told) < 1150 {
		t.Errorf("%d were told in the time for 1200", len(told))
	}
	s.want(s.hear(questionFor("10.77.0.77", 9)), us+" > "+bcast+" arp who-has 10.77.0.77 tell "+ours+" pad=18")
	s.pass(time.Second)
	if n := len(s.hear(questionFor("10.77.0.77", 9))); n != 1 {
		t.Errorf("beside the repairs, %d answers to a question, want 1", n)
	}
	s.pass(30 * time.Second)
	if n := s.Counts(); n.Repairs != 3*1200 || len(s.repairs) != 0 {
		t.Errorf("%d are left, counts are %+v", len(s.repairs), n)
	}
}

// Whoever is told late hears of the newest owner.
func TestAWaitingRepairNamesTheNewestOwner(t *testing.T) {
	s := newSegment(t)
	all := s.answered(20)
	s.cfg.Replies = 10
	s.Configure(s.cfg, s.now)
	for _, a := range all {
		s.hear(announcementOf(a.String(), 5))
	}
	last := all[len(all)-1].String()
	s.hear(announcementOf(last, 33)) // one of its askers
	s.hear(announcementOf(all[18].String(), 6))
	s.hear(owner + " > " + us + " arp " + all[18].String() + " is-at 03:bf:0a:4d:00:50 to " + ours)
	seen := 0
	for _, text := range s.pass(time.Minute) {
		target, says, _ := meaning(parsed(t, frame(t, text)))
		if target == all[18].String() {
			t.Errorf("of a group's address, too: %s", text)
		}
		if target == last {
			if seen++; says != host(33) {
				t.Errorf("%s: not its newest owner", text)
			}
		}
	}
	if seen != 3*(askersEach-1) {
		t.Errorf("%d were told of the newest owner, want all but itself", seen)
	}
}

// Whoever is told that an address is ours again is not told its last owner any more.
func TestARepairEndsWhenTheAddressIsOursAgain(t *testing.T) {
	s := newSegment(t, policy(Immediate))
	s.want(s.hear(whoHas), isAt)
	s.want(s.hear(announces), repaired)
	s.memory.remove(s.memory.find(addr(free4))) // for the sake of others
	s.want(s.hear(whoHas), isAt)
	s.want(s.pass(5 * time.Second))
}

// What waits is not sent to those whose caches have forgotten our answer.
func TestWaitingRepairsGrowOld(t *testing.T) {
	s := newSegment(t)
	all := s.answered(100)
	s.cfg.Replies = 1
	s.Configure(s.cfg, s.now)
	for _, a := range all {
		s.hear(announcementOf(a.String(), 5))
	}
	s.pass(11 * time.Minute)
	if n := s.Counts().Repairs; n < 590 || n > 610 || len(s.repairs) != 0 {
		t.Errorf("%d repairs, %d are left, want ten minutes' worth", n, len(s.repairs))
	}
}

// On standby, and of an address that is no more captured, nothing is told.
func TestRepairsEndWithTheCapture(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"standby":  func(c *Config) { c.Standby = true },
		"excluded": func(c *Config) { c.Captured = func(a netip.Addr) bool { return a != addr(free4) } },
		"nothing":  func(c *Config) { c.Captured = nil },
	} {
		t.Run(name, func(t *testing.T) {
			for _, first := range []bool{true, false} { // is the owner heard before the change, or behind it
				s := newSegment(t)
				s.free()
				s.hear(whoHas)
				if first {
					s.want(s.hear(announces), repaired)
				}
				cfg := s.cfg
				change(&cfg)
				s.Configure(cfg, s.now)
				if !first {
					s.want(s.hear(announces))
				}
				s.want(s.pass(5 * time.Second))
				s.Configure(s.cfg, s.now)
				s.want(s.hear(announces))
				s.want(s.pass(5 * time.Second))
			}
		})
	}
}

func TestAskersAreBounded(t *testing.T) {
	s := askers{of: map[netip.Addr]*askersOf{}}
	a := addr("10.0.0.0")
	for i := range 3 * askersAddrs {
		s.add(a, asker{at: int64(i)})
		if i%3 == 0 {
			s.take(a)
			s.add(a, asker{at: int64(i)})
		}
		a = a.Next()
		if len(s.of) > askersAddrs {
			t.Fatalf("%d addresses, want at most %d", len(s.of), askersAddrs)
		}
	}
	if last := s.take(a.Prev()); len(last) != 1 {
		t.Errorf("the last asker was forgotten: %v", last)
	}
	again := addr("10.1.0.0")
	fill := func(n int) {
		for range n {
			s.add(a, asker{})
			a = a.Next()
		}
	}
	s.add(again, asker{})
	s.take(again)
	fill(askersAddrs / 2)
	s.add(again, asker{})
	fill(askersAddrs * 3 / 4)
	if s.take(again) == nil {
		t.Error("an asker was forgotten in place of one that was told")
	}
	if s.take(addr("10.0.0.0")) != nil {
		t.Error("the first asker was not forgotten")
	}
}

// Who probed and then is silent is asked for, and its answer is told.
func TestAProberIsAskedFor(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.hear(whoHas)
	s.want(s.hear(probes))
	s.want(s.hear(probes))
	s.want(s.pass(1480 * time.Millisecond))
	s.want(s.pass(100*time.Millisecond), question)
	s.want(s.pass(2*time.Second), question)
	s.want(s.hear(owner+" > "+us+" arp "+free4+" is-at "+owner+" to "+ours), repaired)
	s.want(s.pass(time.Minute), repaired, repaired)
}

// Nobody is asked for whom nobody looks for, nor for ever, nor more than the limit
// allows.
func TestFewNewcomersAreAskedFor(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.want(s.hear(probes))
	s.want(s.pass(time.Minute))

	s = newSegment(t)
	s.free()
	s.hear(whoHas)
	s.hear(probes)
	if got := s.pass(time.Minute); len(got) != 3 {
		t.Errorf("asked %q", got)
	}
	if len(s.newcomers) != 0 {
		t.Errorf("%d are still looked for", len(s.newcomers))
	}
}
