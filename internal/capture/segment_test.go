// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cygnet/internal/wire"
)

// Who is on the segment of these tests: 10.77.0.0/24 and 2001:db8::/112, of which
// .64 to .127 and all of IPv6 may be captured.
const (
	us      = "02:00:00:00:00:ff"
	asking  = "02:00:00:00:00:09"
	owner   = "02:00:00:00:00:05"
	bcast   = "ff:ff:ff:ff:ff:ff"
	ours    = "10.77.0.4"
	group6  = "33:33:ff:00:00:50"
	free4   = "10.77.0.80"
	free6   = "2001:db8::50"
	client6 = "2001:db8::9"
)

const whoHas = asking + " > " + bcast + " arp who-has " + free4 + " tell 10.77.0.9"
const solicits = asking + " > " + group6 + " icmp6 " + client6 + " > ff02::1:ff00:50 ns " + free6 + " slla=" + asking

const isAt = us + " > " + asking + " arp " + free4 + " is-at " + us + " to 10.77.0.9 pad=18"
const advertises = us + " > " + asking + " icmp6 " + free6 + " > " + client6 + " na " + free6 + " flags=S tlla=" + us

const question = us + " > " + bcast + " arp who-has " + free4 + " tell " + ours + " pad=18"

// segment is a Capturer with a clock, and what it said.
type segment struct {
	*Capturer
	t       testing.TB
	cfg     Config
	now     int64
	mute    bool // there is no address to ask from
	changes []Change
}

func newSegment(t testing.TB, change ...func(*Config)) *segment {
	s := &segment{t: t, now: int64(time.Second)}
	s.Capturer = New(func(c Change) { s.changes = append(s.changes, c) })
	captured := netip.MustParsePrefix("10.77.0.64/26")
	captured6 := netip.MustParsePrefix("2001:db8::/112")
	s.cfg = Config{
		MAC:      mac(us),
		Captured: func(a netip.Addr) bool { return captured.Contains(a) || captured6.Contains(a) },
		Subnets: []netip.Prefix{
			netip.MustParsePrefix("10.77.0.4/24"), netip.MustParsePrefix("2001:db8::4/64"), netip.MustParsePrefix("fe80::4/64"),
		},
		Ours:    func(a netip.Addr) bool { return a == addr(ours) },
		Ask:     s.ask,
		Replies: 100, Verifications: 50,
	}
	for _, c := range change {
		c(&s.cfg)
	}
	s.Configure(s.cfg, s.now)
	return s
}

func mac(s string) wire.MAC {
	m, err := wire.ParseMAC(s)
	if err != nil {
		panic(err)
	}
	return m
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

// ask is the question that the neighbour table would put.
func (s *segment) ask(target netip.Addr, emit func([]byte)) bool {
	if s.mute {
		return false
	}
	if target.Is4() {
		emit(frame(s.t, us+" > "+bcast+" arp who-has "+target.String()+" tell "+ours+" pad=18"))
	} else {
		emit(frame(s.t, us+" > 33:33:00:00:00:01 icmp6 2001:db8::4 > "+wire.SolicitedNode(target).String()+" ns "+target.String()+" slla="+us))
	}
	return true
}

func frame(t testing.TB, text string) []byte {
	t.Helper()
	b, err := wire.ParseText(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return b
}

func parsed(t testing.TB, b []byte) *wire.Frame {
	t.Helper()
	var f wire.Frame
	if defect := f.Parse(b); defect != wire.DefectNone {
		t.Fatalf("defect %v in %x", defect, b)
	}
	return &f
}

// hear lets a frame come in and returns what was sent at once.
func (s *segment) hear(text string) (sent []string) {
	s.t.Helper()
	s.Learn(parsed(s.t, frame(s.t, text)), s.now, s.collect(&sent))
	return sent
}

func (s *segment) collect(sent *[]string) func([]byte) {
	return func(b []byte) { *sent = append(*sent, parsed(s.t, b).String()) }
}

// pass lets time go by and returns what was sent meanwhile.
func (s *segment) pass(d time.Duration) (sent []string) {
	s.t.Helper()
	for end := s.now + int64(d); s.now < end; s.now += int64(20 * time.Millisecond) {
		s.Tick(s.now, s.collect(&sent))
	}
	return sent
}

func (s *segment) want(got []string, want ...string) {
	s.t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		s.t.Errorf("at %v, sent (-want +got):\n%s", time.Duration(s.now), diff)
	}
}

func (s *segment) wantChanges(want ...Change) {
	s.t.Helper()
	if diff := cmp.Diff(want, s.changes, cmpopts.EquateComparable(netip.Addr{}), cmpopts.EquateEmpty()); diff != "" {
		s.t.Errorf("changes (-want +got):\n%s", diff)
	}
	s.changes = nil
}

func (s *segment) wantState(a string, want State) {
	s.t.Helper()
	if got := s.States().Of(addr(a), s.now); got != want {
		s.t.Errorf("at %v, %s is %d, want %d", time.Duration(s.now), a, got, want)
	}
}

// free captures both addresses.
func (s *segment) free() {
	s.t.Helper()
	s.hear(whoHas)
	s.hear(solicits)
	s.pass(time.Second)
	s.wantState(free4, Free)
	s.wantState(free6, Free)
	s.changes = nil
}

func policy(p Policy) func(*Config) { return func(c *Config) { c.Policy = p } }
