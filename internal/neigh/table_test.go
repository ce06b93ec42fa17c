// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cygnet/internal/wire"
)

var (
	us     = wire.MAC{2, 0, 0, 0, 0, 0xff}
	one    = wire.MAC{2, 0, 0, 0, 0, 1}
	two    = wire.MAC{2, 0, 0, 0, 0, 2}
	server = netip.MustParseAddr("10.77.0.1")
	vip    = netip.MustParseAddr("10.77.0.10")
)

// segment is a Table with a clock, and what it said.
type segment struct {
	*Table
	t       *testing.T
	now     int64
	sent    []string
	changes []Change
}

func newSegment(t *testing.T) *segment {
	s := &segment{t: t}
	s.Table = New(func(c Change) { s.changes = append(s.changes, c) })
	s.configure()
	return s
}

func (s *segment) configure() {
	s.Configure(Host{MAC: us, Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.4/24")}},
		[]netip.Addr{server}, []netip.Addr{vip}, nil)
}

// pass lets time go by and returns what was sent meanwhile.
func (s *segment) pass(d time.Duration) []string {
	s.sent = nil
	for end := s.now + int64(d); s.now < end; s.now += int64(20 * time.Millisecond) {
		s.Tick(s.now, func(b []byte) {
			var f wire.Frame
			if defect := f.Parse(b); defect != wire.DefectNone {
				s.t.Fatalf("defect %v in %x", defect, b)
			}
			s.sent = append(s.sent, f.String())
		})
	}
	return s.sent
}

func (s *segment) hear(text string) {
	s.t.Helper()
	b, err := wire.ParseText(text)
	if err != nil {
		s.t.Fatal(err)
	}
	var f wire.Frame
	f.Parse(b)
	s.Learn(&f, s.now)
}

func (s *segment) answerFrom(mac wire.MAC) {
	s.hear(mac.String() + " > " + us.String() + " arp 10.77.0.1 is-at " + mac.String() + " to 10.77.0.4")
}

func (s *segment) wantChanges(want ...Change) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.changes, cmpopts.EquateComparable(netip.Addr{})); diff != "" {
		s.t.Errorf("changes (-want +got):\n%s", diff)
	}
	s.changes = nil
}

func TestQuestionsForASilentServerBackOff(t *testing.T) {
	s := newSegment(t)
	asked := func(d time.Duration) (n int) {
		for _, f := range s.pass(d) {
			if f == us.String()+" > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.1 tell 10.77.0.4 pad=18" {
				n++
			}
		}
		return n
	}
	if n := asked(2 * time.Second); n != 4 { // at 0, 0.25, 0.75, 1.75
		t.Errorf("asked %d times in the first 2 s, want 4", n)
	}
	asked(time.Minute)
	if n := asked(time.Minute); n != 4 {
		t.Errorf("asked %d times in the third minute, want 4", n)
	}
}

func TestAServerIsFollowedWhereItMoves(t *testing.T) {
	s := newSegment(t)
	s.pass(time.Second)
	s.answerFrom(one)
	s.wantChanges(Change{Kind: Announced, Addr: vip}, Change{Kind: Resolved, Addr: server, MAC: one})
	if !s.IsNeighbour(one) || s.IsNeighbour(two) {
		t.Error("IsNeighbour does not say what is known")
	}

	// An answer that nobody asked for is not believed, but makes us ask.
	s.answerFrom(two)
	s.wantChanges()
	if sent := s.pass(2 * time.Second); !slices.ContainsFunc(sent, isBroadcastQuestion) {
		t.Fatalf("did not ask all, but sent %q", sent)
	}
	s.answerFrom(two)
	s.wantChanges(Change{Kind: Moved, Addr: server, MAC: two, Was: one})
	if s.IsNeighbour(one) || !s.IsNeighbour(two) {
		t.Error("IsNeighbour does not say what is known")
	}
}

func isBroadcastQuestion(f string) bool {
	return f == us.String()+" > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.1 tell 10.77.0.4 pad=18"
}

// Of two that answer one question, the one we know stays: a second answer does
// not steal its traffic.
func TestASecondAnswerDoesNotSteal(t *testing.T) {
	s := newSegment(t)
	s.pass(time.Second)
	s.answerFrom(one)
	s.pass(refreshEvery + time.Second) // it is polled meanwhile
	s.changes = nil
	s.answerFrom(one)
	s.answerFrom(two)
	s.wantChanges()
	if n := s.Neighbour(server); n.MAC() != one {
		t.Errorf("the server is at %s, want %s", n.MAC(), one)
	}
}

func TestAServerThatFallsSilentIsLostAndReturns(t *testing.T) {
	s := newSegment(t)
	s.pass(time.Second)
	s.answerFrom(one)
	s.changes = nil
	s.pass(refreshEvery + refreshTries*retryEvery + time.Second)
	s.wantChanges(Change{Kind: Lost, Addr: server, Was: one})
	if s.Neighbour(server).Known() || s.IsNeighbour(one) {
		t.Error("a lost server is still known")
	}
	s.answerFrom(two)
	s.wantChanges(Change{Kind: Resolved, Addr: server, MAC: two})
}

func TestConfigureKeepsWhatStaysAndDropsTheRest(t *testing.T) {
	s := newSegment(t)
	s.pass(time.Second)
	s.answerFrom(one)
	n, c := s.Neighbour(server), s.Claim(vip)
	s.configure()
	if s.Neighbour(server) != n || !n.Known() || s.Claim(vip) != c || !c.Held() {
		t.Fatal("what stayed wanted lost its state")
	}
	s.Configure(Host{MAC: us}, nil, nil, nil)
	if n.Known() || c.Held() || s.IsNeighbour(one) {
		t.Error("what nobody wants is still known or held")
	}
}

// Two that claim one address at the same moment both withdraw, and try again.
func TestProbesThatMeetBothWithdraw(t *testing.T) {
	s := newSegment(t)
	s.pass(200 * time.Millisecond)
	s.hear(two.String() + " > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 0.0.0.0")
	s.wantChanges(Change{Kind: Disputed, Addr: vip, MAC: two})
	s.pass(againTaken + 2*time.Second)
	s.wantChanges(Change{Kind: Undisputed, Addr: vip, Was: two}, Change{Kind: Announced, Addr: vip})
	// Held, a probe is for the workers to answer.
	s.hear(two.String() + " > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 0.0.0.0")
	s.wantChanges()
}

// A rival that never stops makes us announce once in ten seconds, not more.
func TestDefenceIsNoStorm(t *testing.T) {
	s := newSegment(t)
	s.pass(5 * time.Second)
	announced := 0
	for range 600 {
		s.hear(two.String() + " > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.10")
		for _, f := range s.pass(100 * time.Millisecond) {
			if f == us.String()+" > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.10 pad=18" {
				announced++
			}
		}
	}
	if announced < 5 || announced > 7 {
		t.Errorf("announced %d times in a minute, want once in 10 s", announced)
	}
	if n := len(s.changes); n != 2 { // announced, disputed
		t.Errorf("%d changes reported, want one for the start and one for the rival: %v", n, s.changes)
	}
}

// A new card is announced at once, also shortly after the last announcement.
func TestANewMACIsAnnouncedAtOnce(t *testing.T) {
	s := newSegment(t)
	s.pass(4 * time.Second)
	s.Configure(Host{MAC: two, Addrs: s.host.Addrs}, []netip.Addr{server}, []netip.Addr{vip}, nil)
	want := two.String() + " > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.10 pad=18"
	if sent := s.pass(time.Second); !slices.Contains(sent, want) {
		t.Errorf("sent %q, want an announcement from the new MAC", sent)
	}
}

func TestLinkUpAnnouncesAndAsks(t *testing.T) {
	s := newSegment(t)
	s.pass(30 * time.Second)
	s.answerFrom(one)
	s.pass(time.Second)
	s.LinkUp(s.now)
	sent := s.pass(100 * time.Millisecond)
	if !slices.Contains(sent, us.String()+" > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.10 pad=18") ||
		!slices.ContainsFunc(sent, isBroadcastQuestion) {
		t.Errorf("sent %q, want an announcement and a question", sent)
	}
}

func FuzzLearn(f *testing.F) {
	for _, text := range []string{
		"02:00:00:00:00:01 > 02:00:00:00:00:ff arp 10.77.0.1 is-at 02:00:00:00:00:01 to 10.77.0.4",
		"02:00:00:00:00:02 > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 0.0.0.0",
		"02:00:00:00:00:01 > 02:00:00:00:00:ff icmp6 fd77::1 > fe80::1 na fd77::1 flags=SO tlla=02:00:00:00:00:01",
		"02:00:00:00:00:09 > 33:33:ff:00:00:10 icmp6 fd77::9 > ff02::1:ff00:10 ns fd77::10 slla=02:00:00:00:00:09",
	} {
		b, err := wire.ParseText(text)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		six := netip.MustParseAddr("fd77::1")
		table := New(func(Change) {})
		table.Configure(Host{MAC: us, Remembers: func(netip.Addr) bool { return true }},
			[]netip.Addr{server, six}, []netip.Addr{vip, netip.MustParseAddr("fd77::10")}, nil)
		table.Tick(1, func([]byte) {})
		var frame wire.Frame
		if frame.Parse(b) != wire.DefectNone {
			return
		}
		table.Learn(&frame, 2)
		for _, a := range []netip.Addr{server, six} {
			if m := table.Neighbour(a).MAC(); !m.IsZero() && (!m.IsUnicast() || m == us) {
				t.Errorf("%s is believed to be at %s", a, m)
			}
		}
	})
}
