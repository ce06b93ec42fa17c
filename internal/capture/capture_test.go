// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// nmap's second question comes at 1.2 s, Linux's at 1.02 s.
func TestTheSecondQuestionForAFreeAddressIsAnswered(t *testing.T) {
	s := newSegment(t)
	s.want(s.hear(whoHas), question)
	s.wantState(free4, Verifying)
	s.want(s.pass(880*time.Millisecond), question, question)
	s.wantState(free4, Verifying)
	s.want(s.hear(whoHas))
	s.want(s.pass(40 * time.Millisecond))
	s.wantState(free4, Free)
	s.wantChanges(Change{Kind: Captured, Addr: addr(free4)})
	s.want(s.hear(whoHas), isAt)
	s.want(s.hear(whoHas), isAt) // however often
	if n := s.Counts(); n.Free != 1 || n.Verifying != 0 || n.Captures != 1 || n.ARPReplies != 2 || n.Questions != 3 {
		t.Errorf("counts are %+v", n)
	}
}

func TestTheSecondSolicitationForAFreeAddressIsAnswered(t *testing.T) {
	s := newSegment(t)
	if n := len(s.hear(solicits)); n != 1 {
		t.Errorf("%d questions at once, want 1", n)
	}
	s.pass(920 * time.Millisecond)
	s.wantChanges(Change{Kind: Captured, Addr: addr(free6)})
	s.want(s.hear(solicits), advertises)
	if n := s.Counts(); n.NDReplies != 1 || n.ARPReplies != 0 {
		t.Errorf("counts are %+v", n)
	}
}

// Each of these frames tells of an owner, of a free address as of one that is asked for.
func TestAnOwnersFirstFrameReleases(t *testing.T) {
	for _, c := range []struct{ name, address, frame string }{
		{"reply", free4, owner + " > " + us + " arp " + free4 + " is-at " + owner + " to " + ours},
		{"request", free4, owner + " > " + bcast + " arp who-has 10.77.0.200 tell " + free4},
		{"request for a captured address", free4, owner + " > " + bcast + " arp who-has 10.77.0.81 tell " + free4},
		{"probe", free4, owner + " > " + bcast + " arp who-has " + free4 + " tell 0.0.0.0"},
		{"announcement", free4, owner + " > " + bcast + " arp who-has " + free4 + " tell " + free4},
		{"announcement by reply", free4, owner + " > " + bcast + " arp " + free4 + " is-at " + owner + " to " + free4},
		{"another source of the frame", free4, asking + " > " + us + " arp " + free4 + " is-at " + owner + " to " + ours},
		{"a cluster's reply", free4, owner + " > " + us + " arp " + free4 + " is-at 03:bf:0a:4d:00:50 to " + ours},
		{"DAD", free6, owner + " > " + group6 + " icmp6 :: > ff02::1:ff00:50 ns " + free6},
		{"solicitation", free6, owner + " > " + group6 + " icmp6 " + free6 + " > ff02::1:ff00:70 ns 2001:db8::70 slla=" + owner},
		{"solicitation without option", free6, owner + " > " + us + " icmp6 " + free6 + " > 2001:db8::70 ns 2001:db8::70"},
		{"advertisement", free6, owner + " > " + us + " icmp6 " + free6 + " > 2001:db8::4 na " + free6 + " flags=SO tlla=" + owner},
		{"advertisement without option", free6, owner + " > " + us + " icmp6 " + free6 + " > 2001:db8::4 na " + free6 + " flags=S"},
		{"unsolicited", free6, owner + " > 33:33:00:00:00:01 icmp6 fe80::5 > ff02::1 na " + free6 + " flags=O tlla=" + owner},
		{"source of another advertisement", free6, owner + " > 33:33:00:00:00:01 icmp6 " + free6 + " > ff02::1 na fe80::5 flags=O tlla=" + owner},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newSegment(t)
			s.hear(whoHas)
			s.hear(solicits)
			s.hear(c.frame)
			s.wantState(c.address, Owned)
			s.pass(2 * time.Second)
			s.wantState(c.address, Owned)

			s = newSegment(t)
			s.free()
			s.hear(c.frame)
			s.wantState(c.address, Owned)
			s.wantChanges() // nobody was told that it is ours
			if c.address == free4 {
				s.want(s.hear(whoHas))
			} else {
				s.want(s.hear(solicits))
			}
		})
	}
}

// Frames of ours that come back, and whoever uses our MAC, are no owners.
func TestOurOwnFramesSayNothing(t *testing.T) {
	for _, text := range []string{
		isAt, repaired, advertises, us + " > " + asking + " icmp6 " + free6 + " > " + client6 + " na " + free6 + " flags=O tlla=" + owner,
		owner + " > " + asking + " arp " + free4 + " is-at " + us + " to 10.77.0.9",
		owner + " > " + asking + " icmp6 " + free6 + " > " + client6 + " na " + free6 + " flags=S tlla=" + us,
		owner + " > " + group6 + " icmp6 " + free6 + " > ff02::1:ff00:50 ns 2001:db8::51 slla=" + us,
	} {
		s := newSegment(t)
		s.free()
		s.want(s.hear(text))
		s.wantState(free4, Free)
		s.wantState(free6, Free)
	}
}

func TestFramesThatAreNotAnswered(t *testing.T) {
	for _, c := range []struct{ name, frame string }{
		{"another MAC than the frame's", asking + " > " + bcast + " arp who-has " + free4 + " tell 10.77.0.9 sha=" + owner},
		{"a group's MAC", "03:00:00:00:00:09 > " + bcast + " arp who-has " + free4 + " tell 10.77.0.9"},
		{"our MAC", us + " > " + bcast + " arp who-has " + free4 + " tell 10.77.0.9"},
		{"our MAC as sender", asking + " > " + bcast + " arp who-has " + free4 + " tell 10.77.0.9 sha=" + us},
		{"our address", asking + " > " + bcast + " arp who-has " + free4 + " tell " + ours},
		{"off the subnet", asking + " > " + bcast + " arp who-has " + free4 + " tell 10.78.0.9"},
		{"the network's address", asking + " > " + bcast + " arp who-has " + free4 + " tell 10.77.0.0"},
		{"the broadcast address", asking + " > " + bcast + " arp who-has " + free4 + " tell 10.77.0.255"},
		{"multicast", asking + " > " + bcast + " arp who-has " + free4 + " tell 224.0.0.1"},
		{"loopback", asking + " > " + bcast + " arp who-has " + free4 + " tell 127.0.0.1"},
		{"not captured", asking + " > " + bcast + " arp who-has 10.77.0.20 tell 10.77.0.9"},
		{"a reply", asking + " > " + us + " arp 10.77.0.9 is-at " + asking + " to " + free4},
		{"on a VLAN", asking + " > " + bcast + " arp who-has " + free4 + " tell 10.77.0.9 vlan=5"},
		{"ND: hop limit", solicits + " ttl=254"},
		{"ND: checksum", solicits + " csum=bad"},
		{"ND: our address", asking + " > " + group6 + " icmp6 2001:db8::4 > ff02::1:ff00:50 ns " + free6 + " slla=" + us},
		{"ND: off the subnet", asking + " > " + group6 + " icmp6 2001:db9::9 > ff02::1:ff00:50 ns " + free6 + " slla=" + asking},
		{"ND: from a group", asking + " > " + group6 + " icmp6 ff02::9 > ff02::1:ff00:50 ns " + free6 + " slla=" + asking},
		{"ND: a group's MAC", asking + " > " + group6 + " icmp6 " + client6 + " > ff02::1:ff00:50 ns " + free6 + " slla=33:33:00:00:00:01"},
		{"ND: not captured", asking + " > " + group6 + " icmp6 " + client6 + " > ff02::1:ff01:50 ns 2001:db8::1:50 slla=" + asking},
		{"ND: link-local target", asking + " > " + group6 + " icmp6 " + client6 + " > ff02::1:ff00:50 ns fe80::50 slla=" + asking},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, p := range []Policy{Verify, Immediate} {
				all := func(cfg *Config) {
					if c.name == "ND: link-local target" {
						cfg.Captured = func(netip.Addr) bool { return true }
					}
				}
				s := newSegment(t, policy(p), all)
				s.want(s.hear(c.frame))
				s.want(s.pass(2 * time.Second))
				s.free()
				s.want(s.hear(c.frame))
				s.want(s.pass(time.Second))
			}
		})
	}
}

// A host off every subnet is answered where there is no subnet of its family, and one
// with a link-local address always.
func TestAskersWithoutASubnet(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Subnets = []netip.Prefix{netip.MustParsePrefix("fe80::4/64")} })
	s.free()
	s.want(s.hear(asking+" > "+bcast+" arp who-has "+free4+" tell 192.0.2.9"),
		us+" > "+asking+" arp "+free4+" is-at "+us+" to 192.0.2.9 pad=18")
	for _, a := range []string{"127.0.0.1", "224.0.0.1", "255.255.255.255", "0.0.0.1"} {
		s.want(s.hear(asking + " > " + bcast + " arp who-has " + free4 + " tell " + a))
	}
	s.want(s.hear(solicits), advertises)
	s.want(s.hear(asking+" > "+us+" icmp6 fe80::9 > "+free6+" ns "+free6),
		us+" > "+asking+" icmp6 "+free6+" > fe80::9 na "+free6+" flags=S tlla="+us)
}

func TestOthersMayBeIgnored(t *testing.T) {
	s := newSegment(t, func(c *Config) {
		c.Ignored = func(from, to netip.Addr) bool { return from == addr("10.77.0.9") && to == addr(free4) }
	})
	s.want(s.hear(whoHas))
	s.want(s.pass(2 * time.Second))
	s.wantState(free4, Unknown)
	if len(s.hear(asking+" > "+bcast+" arp who-has "+free4+" tell 10.77.0.8")) != 1 {
		t.Error("another asker was ignored, too")
	}
}

func TestAnOwnerIsRememberedForFortyMinutes(t *testing.T) {
	s := newSegment(t)
	announces := owner + " > " + bcast + " arp who-has " + free4 + " tell " + free4
	s.hear(announces)
	s.pass(39 * time.Minute)
	s.wantState(free4, Owned)
	s.hear(announces)
	s.pass(39 * time.Minute)
	s.wantState(free4, Owned)
	if n := s.Counts().Owned; n != 1 {
		t.Errorf("%d owners, want 1", n)
	}
	s.pass(61 * time.Second)
	s.wantState(free4, Unknown)
	if n := s.Counts().Owned; n != 0 {
		t.Errorf("%d owners, want none", n)
	}
	s.want(s.hear(whoHas), question)
	s.pass(time.Second)
	s.wantChanges(Change{Kind: Captured, Addr: addr(free4)})
}

// Nothing is remembered of hosts that may not be captured: after a change they are
// asked for, as all others.
func TestOwnersOfOtherAddressesAreNotRemembered(t *testing.T) {
	s := newSegment(t)
	s.hear(owner + " > " + bcast + " arp who-has 10.77.0.1 tell 10.77.0.20")
	s.hear(owner + " > " + bcast + " arp who-has 10.77.0.1 tell 192.0.2.1")
	s.hear(owner + " > 33:33:00:00:00:01 icmp6 fe80::5 > ff02::1 na fe80::5 flags=O tlla=" + owner)
	s.hear(owner + " > " + bcast + " arp who-has 10.77.0.1 tell 10.77.0.99")
	for _, a := range []string{"10.77.0.20", "192.0.2.1", "fe80::5"} {
		s.wantState(a, Unknown)
	}
	s.wantState("10.77.0.99", Owned)
	s.cfg.Captured = func(a netip.Addr) bool { return a == addr("10.77.0.20") }
	s.Configure(s.cfg, s.now)
	s.wantState("10.77.0.99", Unknown)
	s.want(s.hear(asking+" > "+bcast+" arp who-has 10.77.0.20 tell 10.77.0.9"), us+" > "+bcast+" arp who-has 10.77.0.20 tell "+ours+" pad=18")
}

// A router or server is remembered where it may not be captured yet: it need not
// answer when it may.
func TestHeldAddressesAreRememberedBeforeAChange(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Captured = nil })
	s.Hold(addr(free4), s.now)
	s.hear("00:00:5e:00:01:07 > " + bcast + " arp who-has 10.77.0.1 tell 10.77.0.81")
	s.hear("00:00:5e:00:01:07 > " + bcast + " arp who-has 10.77.0.1 tell 192.0.2.1") // not on the segment
	s.Configure(s.cfg, s.now)
	s.cfg.Captured = func(netip.Addr) bool { return true }
	s.Configure(s.cfg, s.now)
	s.wantState(free4, Owned)
	s.wantState("10.77.0.81", Owned)
	s.wantState("192.0.2.1", Unknown)
}

// On standby nobody is answered or asked for, and hosts are heard all the same.
func TestOnStandbyOwnersAreRemembered(t *testing.T) {
	s := newSegment(t, policy(Immediate))
	s.hear(whoHas)
	s.cfg.Standby = true
	s.Configure(s.cfg, s.now)
	s.wantState(free4, Unknown)
	s.want(s.hear(whoHas))
	s.hear(owner + " > " + bcast + " arp who-has 10.77.0.1 tell 10.77.0.81")
	s.Suspect(addr(free4), s.now)
	s.want(s.pass(time.Minute))
	s.cfg.Standby = false
	s.Configure(s.cfg, s.now)
	s.wantState("10.77.0.81", Owned)
	s.want(s.hear(whoHas), isAt)
}

func TestAFreeAddressIsAskedForAgain(t *testing.T) {
	s := newSegment(t)
	s.hear(whoHas)
	s.pass(time.Second)
	s.wantChanges(Change{Kind: Captured, Addr: addr(free4)})
	s.want(s.pass(14*time.Minute - time.Second))
	s.want(s.pass(2*time.Minute+time.Second), question, question, question)
	s.wantState(free4, Free)
	s.wantChanges()
	for range 14 * 60 * 50 * 2 { // until the next recheck begins
		if len(s.pass(20*time.Millisecond)) > 0 {
			break
		}
	}
	s.want(s.hear(whoHas), isAt) // meanwhile it is still ours
	s.hear(owner + " > " + us + " arp " + free4 + " is-at " + owner + " to " + ours)
	s.wantState(free4, Owned)
}

func TestRechecksAreSpread(t *testing.T) {
	s := newSegment(t)
	seen := map[int64]int{}
	for i := range 256 {
		after := time.Duration(s.recheckAfter(addr(fmt.Sprintf("10.77.0.%d", i))))
		if after < recheckEvery-recheckSpread/2 || after > recheckEvery+recheckSpread/2 {
			t.Fatalf("a recheck after %v", after)
		}
		seen[int64(after/(5*time.Second))]++
	}
	for at, n := range seen {
		if n > 40 { // of 256, over 24 times of 5 s: about 11
			t.Errorf("%d rechecks at %v", n, time.Duration(at)*5*time.Second)
		}
	}
	other := newSegment(t, func(c *Config) { c.MAC = mac(owner) })
	if s.recheckAfter(addr(free4)) == other.recheckAfter(addr(free4)) {
		t.Error("two of us recheck at the same time")
	}
}

func TestAForgedFrameSuspendsOnceAMinute(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.Suspect(addr(free4), s.now)
	s.wantState(free4, Suspended)
	s.want(s.pass(400*time.Millisecond), question, question)
	s.want(s.hear(whoHas))
	s.want(s.pass(600*time.Millisecond), question)
	s.wantState(free4, Free)
	s.wantChanges()
	s.want(s.hear(whoHas), isAt)

	s.pass(58 * time.Second)
	s.Suspect(addr(free4), s.now)
	s.wantState(free4, Free)
	s.pass(3 * time.Second)
	s.Suspect(addr(free4), s.now)
	s.wantState(free4, Suspended)
	s.hear(owner + " > " + us + " arp " + free4 + " is-at " + owner + " to " + ours)
	s.wantState(free4, Owned)

	s.Suspect(addr(free4), s.now)
	s.wantState(free4, Owned)

	s.changes = nil
	s.Suspect(addr("10.77.0.20"), s.now) // may not be captured
	s.Suspect(addr("10.77.0.99"), s.now) // nothing is known of it
	s.wantState("10.77.0.99", Unknown)
	if n := len(s.pass(time.Second)); n != 3 {
		t.Errorf("%d questions, want those for the address that nothing is known of", n)
	}
	s.wantChanges(Change{Kind: Captured, Addr: addr("10.77.0.99")})
}

func TestHeldAddressesAreNeverFree(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.Hold(addr(free4), s.now)
	s.wantState(free4, Owned)
	s.pass(3 * time.Hour)
	s.wantState(free4, Owned)
	s.want(s.hear(whoHas))
}

// Whoever is known of from elsewhere than a frame is an owner as others are: askers
// are told who it is once it says so itself.
func TestOwnIsAsHeard(t *testing.T) {
	s := newSegment(t)
	s.free()
	s.hear(whoHas)
	s.Own(addr("::ffff:"+free4), s.now)
	s.wantChanges(Change{Kind: Released, Addr: addr(free4)})
	s.wantState(free4, Owned)
	s.want(s.hear(whoHas))
	s.want(s.pass(5*time.Second), question, question)
	s.want(s.hear(announces), repaired)
	s.wantChanges()
	if n := s.Counts(); n.Conflicts != 1 {
		t.Errorf("%d conflicts, want 1", n.Conflicts)
	}
	for _, a := range []string{"224.0.0.1", "0.0.0.0", "fe80::5", "ff02::1"} {
		s.Own(addr(a), s.now)
		s.wantState(a, Unknown)
	}
	s.pass(39 * time.Minute)
	s.Own(addr(free4), s.now) // the kernel still has it
	s.pass(39 * time.Minute)
	s.wantState(free4, Owned)
	s.pass(2 * time.Minute)
	s.wantState(free4, Unknown)
	if s.memory.held != 0 {
		t.Error("it is held")
	}
}

// What is known before the configuration that captures it stays known.
func TestOwnBeforeAChange(t *testing.T) {
	s := newSegment(t, policy(Immediate), func(c *Config) { c.Captured = nil })
	s.Own(addr(free4), s.now)
	s.cfg.Captured = func(netip.Addr) bool { return true }
	s.Configure(s.cfg, s.now)
	s.want(s.hear(whoHas))
}

func TestVirtualRoutersAreHeld(t *testing.T) {
	for _, c := range []struct {
		mac  string
		held bool
	}{
		{"00:00:5e:00:01:07", true}, {"00:00:5e:00:02:07", true}, {"00:00:0c:07:ac:01", true},
		{"00:00:0c:9f:f1:02", true}, {"00:05:73:a0:01:02", true}, {"00:07:b4:00:01:02", true},
		{"00:00:5e:00:03:07", false}, {"00:00:0c:9f:e1:02", false}, {"00:07:b4:01:01:02", false}, {owner, false},
	} {
		s := newSegment(t)
		s.hear(owner + " > " + bcast + " arp " + free4 + " is-at " + c.mac + " to 10.77.0.9")
		s.hear(c.mac + " > 33:33:00:00:00:01 icmp6 fe80::5 > ff02::1 na " + free6 + " flags=O tlla=" + c.mac)
		s.now += int64(2 * OwnerLife)
		want := Unknown
		if c.held {
			want = Owned
		}
		s.wantState(free4, want)
		s.wantState(free6, want)
	}
}

// Frames cannot use up the room of those who know better.
func TestHeldAddressesAreBounded(t *testing.T) {
	s := newSegment(t, func(c *Config) { c.Captured = func(netip.Addr) bool { return true } })
	a := addr("10.1.0.0")
	for range 2000 {
		s.hear("00:00:5e:00:01:07 > " + bcast + " arp " + a.String() + " is-at 00:00:5e:00:01:07 to 10.77.0.9")
		a = a.Next()
	}
	s.Hold(addr(free4), s.now)
	if s.memory.held != maxHeldFrames+1 {
		t.Errorf("%d are held, want %d", s.memory.held, maxHeldFrames+1)
	}
	for a = addr("10.2.0.0"); a != addr("10.2.8.0"); a = a.Next() {
		s.Hold(a, s.now)
	}
	if s.memory.held != maxHeld {
		t.Errorf("%d are held, want %d", s.memory.held, maxHeld)
	}
}
