// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"net/netip"
	"slices"
	"strings"
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
	s.wantChanges(Change{Kind: Silent, Addr: server}, Change{Kind: Undisputed, Addr: vip, Was: two}, Change{Kind: Announced, Addr: vip})
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
	if n := len(s.changes); n != 3 { // announced, the server silent, disputed
		t.Errorf("%d changes reported, want one for the rival: %v", n, s.changes)
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

// Nothing is concluded from a link that carries nothing; when it does again,
// everything is asked anew, in silence, and then announced.
func TestADeadLinkProvesNothing(t *testing.T) {
	s := newSegment(t)
	s.SetLink(false, s.now)
	if sent := s.pass(time.Minute); len(sent) != 0 || len(s.changes) != 0 {
		t.Fatalf("on a dead link: sent %q, reported %v", sent, s.changes)
	}
	s.SetLink(true, s.now)
	sent := s.pass(2 * time.Second)
	if !slices.Contains(sent, announcement) || !slices.ContainsFunc(sent, isBroadcastQuestion) {
		t.Errorf("sent %q, want an announcement and a question", sent)
	}
	s.answerFrom(one)
	s.wantChanges(Change{Kind: Announced, Addr: vip}, Change{Kind: Resolved, Addr: server, MAC: one})

	// Known and held, and down again: what is known stays, and is asked for.
	s.SetLink(false, s.now)
	s.pass(time.Minute)
	s.wantChanges()
	s.SetLink(true, s.now)
	if s.Claim(vip).Held() {
		t.Error("answers for the VIP before it asked")
	}
	if sent := s.pass(100 * time.Millisecond); !slices.ContainsFunc(sent, isBroadcastQuestion) {
		t.Errorf("sent %q, want a question to all", sent)
	}
	s.answerFrom(one)
	s.pass(time.Second)
	s.wantChanges(Change{Kind: Announced, Addr: vip})
}

// Another host took the VIP while the link was down: we stay silent.
func TestAVIPTakenMeanwhileIsLeftAlone(t *testing.T) {
	s := newSegment(t)
	s.pass(2 * time.Second)
	s.SetLink(false, s.now)
	s.pass(time.Second)
	s.changes = nil
	s.SetLink(true, s.now)
	s.pass(100 * time.Millisecond)
	s.hear(two.String() + " > " + us.String() + " arp 10.77.0.10 is-at " + two.String() + " to 10.77.0.4")
	if sent := s.pass(3 * time.Second); slices.Contains(sent, announcement) || s.Claim(vip).Held() {
		t.Error("it was announced beside the host that has it")
	}
	s.wantChanges(Change{Kind: Disputed, Addr: vip, MAC: two})
}

const announcement = "02:00:00:00:00:ff > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.10 pad=18"

// Whoever provokes us, we ask for one neighbour at most once a second, and
// report one rival in ten seconds.
func TestNobodyMakesUsStorm(t *testing.T) {
	for _, known := range []bool{false, true} {
		s := newSegment(t)
		s.pass(time.Second)
		if known {
			s.answerFrom(one)
		}
		s.pass(30 * time.Minute)
		s.changes = nil
		asked := 0
		for i := range 1000 {
			mac := wire.MAC{2, 0, 0, 9, byte(i >> 8), byte(i)}
			s.hear(mac.String() + " > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.200 tell 10.77.0.1")
			s.hear(mac.String() + " > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.10")
			for _, f := range s.pass(20 * time.Millisecond) {
				if isBroadcastQuestion(f) {
					asked++
				}
			}
		}
		if asked < 10 || asked > 21 {
			t.Errorf("known %v: asked %d times in 20 s, want once a second", known, asked)
		}
		if n := len(s.changes); n > 4 {
			t.Errorf("known %v: %d reports in 20 s, want one rival in ten: %v", known, n, s.changes)
		}
	}
}

func TestASilentServerIsReportedOnce(t *testing.T) {
	s := newSegment(t)
	s.pass(time.Hour)
	s.wantChanges(Change{Kind: Announced, Addr: vip}, Change{Kind: Silent, Addr: server})
}

// The interface's own address that is also a VIP is not announced, but asked
// for, from another address; and a dispute over it ends.
func TestAKeptClaimIsAskedForAndNotAnnounced(t *testing.T) {
	s := &segment{t: t}
	s.Table = New(func(c Change) { s.changes = append(s.changes, c) })
	host := Host{MAC: us, Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.10/24")}}
	s.Configure(host, []netip.Addr{server}, []netip.Addr{vip}, []netip.Addr{vip})
	sent := s.pass(5 * time.Second)
	if slices.Contains(sent, announcement) {
		t.Error("announced what the kernel holds")
	}
	for _, want := range []string{"who-has 10.77.0.10 tell 0.0.0.0", "who-has 10.77.0.1 tell 0.0.0.0"} {
		if !slices.ContainsFunc(sent, func(f string) bool { return strings.Contains(f, want) }) {
			t.Errorf("sent %q, want %s", sent, want)
		}
	}
	s.changes = nil
	s.hear(two.String() + " > ff:ff:ff:ff:ff:ff arp who-has 10.77.0.10 tell 10.77.0.10")
	s.pass(time.Minute)
	s.wantChanges(Change{Kind: Disputed, Addr: vip, MAC: two, Held: true}, Change{Kind: Undisputed, Addr: vip, Was: two})

	// It is taken off the interface: now it is for us to announce.
	host.Addrs = nil
	s.Configure(host, []netip.Addr{server}, []netip.Addr{vip}, nil)
	if sent := s.pass(2 * time.Second); !slices.Contains(sent, announcement) {
		t.Errorf("sent %q, want an announcement", sent)
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
		table.Configure(Host{MAC: us},
			[]netip.Addr{server, six}, []netip.Addr{vip, netip.MustParseAddr("fd77::10")}, nil)
		table.Tick(1, func([]byte) {})
		var frame wire.Frame
		if frame.Parse(b) != wire.DefectNone {
			return
		}
		table.Learn(&frame, 2)
		for _, a := range []netip.Addr{server, six} {
			if m := table.Neighbour(a).MAC(); !m.IsZero() && !m.IsUnicast() {
				t.Errorf("%s is believed to be at %s", a, m)
			}
		}
	})
}
