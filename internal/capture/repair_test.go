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
	s.want(s.pass(3 * time.Second))
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
