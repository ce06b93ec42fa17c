// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

func TestARPRepliesAreLimited(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Replies = 10 })
	s.free()
	count := func(n int) (replies int) {
		for range n {
			replies += len(s.hear(whoHas))
		}
		return replies
	}
	if n := count(100); n != 10 {
		t.Errorf("%d replies at once, want 10", n)
	}
	s.pass(500 * time.Millisecond)
	if n := count(100); n != 5 {
		t.Errorf("%d replies half a second later, want 5", n)
	}
	if n := s.Counts().RepliesLimited; n != 185 {
		t.Errorf("%d were not answered, want 185", n)
	}
	s.cfg.Replies = 0
	s.Configure(s.cfg, s.now)
	if n := count(1000); n != 1000 {
		t.Errorf("%d replies without a limit", n)
	}
}

// Over the limit questions wait, the newest 256 of them.
func TestVerificationsAreLimited(t *testing.T) {
	s := newSegment(t, func(c *Config) {
		c.Verifications = 10
		c.Captured = func(netip.Addr) bool { return true }
	})
	first := 0
	for i := range 300 {
		first += len(s.hear(asking + " > " + bcast + fmt.Sprintf(" arp who-has 10.77.%d.%d tell 10.77.0.9", 1+i/250, 1+i%250)))
	}
	if n := s.Counts(); first != 10 || n.VerifyLimited != 290 || n.Verifying != 10 {
		t.Errorf("%d were asked for at once, counts are %+v", first, n)
	}
	s.pass(10*time.Second + 900*time.Millisecond)
	if n := s.Counts(); n.Free < 100 || n.Free > 110 {
		t.Errorf("%d are free after 10 s, want about 105", n.Free)
	}
	s.pass(20 * time.Second)
	n := s.Counts()
	if n.Free != 10+queueRoom || n.VerifyLimited != 290 {
		t.Errorf("counts are %+v, want %d free", n, 10+queueRoom)
	}
	s.wantState("10.77.1.11", Unknown) // waited longest
	s.wantState("10.77.2.50", Free)
}

// What waits for its first question and has an owner by then is not asked for.
func TestAnOwnerEndsTheWait(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Verifications = 1 })
	s.hear(asking + " > " + bcast + " arp who-has 10.77.0.81 tell 10.77.0.9")
	s.want(s.hear(whoHas))
	s.hear(announces)
	for _, f := range s.pass(5 * time.Second) {
		if f == question {
			t.Error("it was asked for")
		}
	}
	s.wantState(free4, Owned)
}

func TestRechecksAreLimited(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Verifications = 0 })
	s.cfg.Captured = func(netip.Addr) bool { return true }
	s.Configure(s.cfg, s.now)
	for i := 20; i < 220; i++ {
		s.hear(asking + fmt.Sprintf(" > %s arp who-has 10.77.0.%d tell 10.77.0.9", bcast, i))
	}
	s.pass(time.Minute)
	s.cfg.Verifications = 1
	s.Configure(s.cfg, s.now)
	for range 60 * 19 {
		if n := len(s.pass(time.Second)); n > 6 {
			t.Fatalf("%d questions in a second, want those for two addresses", n)
		}
	}
	if n := s.Counts(); n.Questions != 2*200*3 || n.Free != 200 {
		t.Errorf("counts are %+v", n)
	}
}

// Of many forged frames no more are believed than are soon asked for: the other
// addresses stay free.
func TestASuspicionThatFindsNoRoom(t *testing.T) {
	s := newSegment(t, func(c *Config) {
		c.Verifications = 0
		c.Captured = func(netip.Addr) bool { return true }
	})
	all := make([]netip.Addr, 0, 400)
	for a := addr("10.1.0.1"); len(all) < cap(all); a = a.Next() {
		all = append(all, a)
		s.hear(asking + " > " + bcast + " arp who-has " + a.String() + " tell 10.77.0.9")
	}
	s.pass(time.Second)
	s.cfg.Verifications = 10
	s.Configure(s.cfg, s.now)
	for _, a := range all {
		s.Suspect(a, s.now)
	}
	for a := addr("10.2.0.1"); a != addr("10.2.1.0"); a = a.Next() {
		s.Suspect(a, s.now)
	}
	if n := s.Counts(); n.Suspended != doubtRoom || n.Free != 400-doubtRoom {
		t.Errorf("%d are suspended, want %d; %d are free, want the others", n.Suspended, doubtRoom, n.Free)
	}
	s.wantState(all[len(all)-1].String(), Free)
	s.pass(30 * time.Second)
	if n := s.Counts(); n.Suspended != 0 || n.Free != 400 {
		t.Errorf("counts are %+v", n)
	}
	s.Suspect(all[len(all)-1], s.now) // the next frame
	s.wantState(all[len(all)-1].String(), Suspended)
}

// Forged frames push nobody out who waits because he was asked for, and none of the
// suspended is pushed out by those who ask.
func TestAskersAndSuspicionsShareTheQueue(t *testing.T) {
	s := newSegment(t, func(c *Config) {
		c.Verifications, c.Replies = 0, 0
		c.Captured = func(netip.Addr) bool { return true }
	})
	asks := func(a netip.Addr) {
		s.hear(asking + " > " + bcast + " arp who-has " + a.String() + " tell 10.77.0.9")
	}
	each := func(first string, n int, do func(netip.Addr)) {
		for a := addr(first); n > 0; a, n = a.Next(), n-1 {
			do(a)
		}
	}
	each("10.1.0.1", 200, asks)
	s.pass(time.Second)
	s.cfg.Verifications = 10
	s.Configure(s.cfg, s.now)
	each("10.2.0.1", 10+100, asks) // of which ten are asked for at once
	s.Suspect(addr("10.2.0.200"), s.now)
	asks(addr("10.2.0.200")) // is no mere suspicion any more
	each("10.1.0.1", 200, func(a netip.Addr) { s.Suspect(a, s.now) })
	if s.doubts != doubtRoom {
		t.Errorf("%d are in doubt, want %d", s.doubts, doubtRoom)
	}
	each("10.3.0.1", 500, asks)
	if n := s.Counts(); n.Suspended != doubtRoom || n.Free != 200-doubtRoom || len(s.queue) != queueRoom || s.doubts != doubtRoom {
		t.Errorf("%d wait, %d in doubt, counts are %+v", len(s.queue), s.doubts, n)
	}
	each("10.1.0.190", 5, func(a netip.Addr) { s.Suspect(a, s.now) })
	if n := s.Counts(); n.Suspended != doubtRoom {
		t.Errorf("%d are suspended where no place is left", n.Suspended)
	}
	s.pass(30 * time.Second)
	if n := s.Counts(); n.Suspended != 0 || s.doubts != 0 || n.Free != 200+10+queueRoom-doubtRoom {
		t.Errorf("%d in doubt, counts are %+v", s.doubts, n)
	}
}

// Each answered solicitation takes room in a router's neighbour cache.
func TestFreeAddressesOfIPv6AreBounded(t *testing.T) {
	s := newSegment(t, func(c *Config) {
		c.Verifications, c.Replies = 0, 0
		c.Captured = func(netip.Addr) bool { return true }
	})
	ask := func(a netip.Addr) []string {
		return s.hear(asking + " > " + us + " icmp6 " + client6 + " > " + a.String() + " ns " + a.String() + " slla=" + asking)
	}
	first := addr("2001:db8::1:0")
	ask(first)
	s.pass(time.Second)
	a := first.Next()
	for range maxFree6 - 1 {
		ask(a)
		a = a.Next()
	}
	s.pass(time.Second)
	if n := len(ask(first)); n != 1 {
		t.Fatalf("%d answers, want 1", n)
	}
	for range 10 {
		ask(a)
		a = a.Next()
		s.pass(time.Second)
		s.wantState(a.Prev().String(), Free)
	}
	if n := s.Counts().Free; n != maxFree6 {
		t.Errorf("%d are free, want %d", n, maxFree6)
	}
	s.wantState(first.String(), Free) // asked for just now
}

// An owner is forgotten only for another owner.
func TestWhatIsForgottenWhereThereIsNoRoom(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Captured = func(netip.Addr) bool { return true } })
	same := sameSet(2*stateWays + 3)
	owned, free := same[:stateWays-2], same[stateWays:]
	for _, a := range owned {
		s.hear(owner + " > " + bcast + " arp who-has 10.9.0.1 tell " + a.String())
	}
	for _, a := range free {
		s.hear(asking + " > " + bcast + " arp who-has " + a.String() + " tell 10.77.0.9")
		s.pass(time.Second)
	}
	for _, a := range owned {
		s.wantState(a.String(), Owned)
	}
	for i, a := range free {
		want := Unknown
		if i >= len(free)-2 {
			want = Free
		}
		s.wantState(a.String(), want)
	}
	for _, a := range same[stateWays : stateWays+3] {
		s.hear(owner + " > " + bcast + " arp who-has 10.9.0.1 tell " + a.String())
	}
	s.wantState(owned[0].String(), Unknown)
	s.wantState(owned[1].String(), Owned)
	s.want(s.hear(asking + " > " + bcast + " arp who-has " + owned[0].String() + " tell 10.77.0.9")) // no room
	n := s.Counts()
	if n.Owned != stateWays+1 || n.Free != 0 { // and the asker
		t.Errorf("counts are %+v", n)
	}
}

// Whoever invents hosts beside the captured addresses takes none of their places.
func TestInventedHostsLeaveTheirPlaces(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.hear(owner + " > " + bcast + " arp who-has 10.77.0.1 tell 10.77.0.99")
	s.pass(time.Second)
	for a, n := addr("2001:db8::1:0:0"), 0; n < 60_000; a, n = a.Next(), n+1 {
		s.heard(a, mac(asking), false, s.now, nil)
	}
	s.wantState("10.77.0.99", Owned)
	s.want(s.hear(whoHas), isAt)
	s.want(s.hear(solicits), advertises)
	if n := s.Counts(); n.Owned != 2 || n.NoRoom != 0 { // and the asker of IPv6
		t.Errorf("counts are %+v", n)
	}
}

// Hosts invented among more captured addresses than are remembered push others out:
// those get no answer, which is counted, and are asked for once there is room.
func TestWhatIsForgottenIsVerified(t *testing.T) {
	wide := netip.MustParsePrefix("10.77.0.0/16")
	s := newSegment(t, func(c *Config) { c.Captured, c.Verifications = wide.Contains, 0 })
	s.hear(announces)
	s.hear(whoHas)
	const other = "10.77.0.81"
	asksOther := asking + " > " + bcast + " arp who-has " + other + " tell 10.77.0.9"
	s.hear(asksOther)
	s.pass(time.Second)
	s.wantState(other, Free)
	for a := addr("10.77.4.0"); wide.Contains(a); a = a.Next() {
		s.heard(a, mac(asking), false, s.now, nil)
	}
	s.wantState(free4, Unknown)
	s.wantState(other, Unknown)
	s.Suspect(addr(free4), s.now)
	s.want(s.pass(time.Second))
	s.want(s.hear(whoHas))
	s.want(s.hear(asksOther))
	if n := s.Counts(); n.NoRoom != 2 || n.Owned != stateSets*stateWays {
		t.Errorf("counts are %+v", n)
	}
	s.pass(OwnerLife + time.Second)
	s.want(s.hear(whoHas), question)
	s.hear(owner + " > " + us + " arp " + free4 + " is-at " + owner + " to " + ours)
	s.wantState(free4, Owned)
	s.want(s.hear(asksOther), us+" > "+bcast+" arp who-has "+other+" tell "+ours+" pad=18")
	s.pass(time.Second)
	s.wantState(other, Free)
}

func TestWhatIsHeldIsNotForgotten(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Captured = func(netip.Addr) bool { return true } })
	same := sameSet(stateWays + 1)
	for _, a := range same[:stateWays] {
		s.Hold(a, s.now)
	}
	s.hear(owner + " > " + bcast + " arp who-has 10.9.0.1 tell " + same[stateWays].String())
	for _, a := range same[:stateWays] {
		s.wantState(a.String(), Owned)
	}
}

// sameSet returns so many addresses that share a set.
func sameSet(n int) (same []netip.Addr) {
	set := setOf(keyOf(addr("10.8.0.1")))
	for a := addr("10.8.0.1"); len(same) < n; a = a.Next() {
		if setOf(keyOf(a)) == set {
			same = append(same, a)
		}
	}
	return same
}

func TestAddressesSpreadOverTheSets(t *testing.T) {
	for _, first := range []string{"10.0.0.0", "2001:db8::"} {
		used := map[int]int{}
		a := addr(first)
		for range stateSets * stateWays / 2 {
			used[setOf(keyOf(a))]++
			a = a.Next()
		}
		for set, n := range used {
			if n > stateWays {
				t.Fatalf("from %s: %d of half as many addresses as there is room for are in set %d", first, n, set)
			}
		}
	}
}
