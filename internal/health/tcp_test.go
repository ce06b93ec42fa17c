// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cygnet/internal/wire"
)

// answers makes the segment answer each frame that is emitted with the lines that
// say returns for it, in wire's notation.
func (s *fakeSegment) answers(t *testing.T, m *Monitor, say func(f *wire.Frame) []string) {
	s.serve = func(frame []byte) {
		var f wire.Frame
		if d := f.Parse(frame); d != wire.DefectNone || !f.TransportChecksumOK() {
			t.Errorf("a bad frame of ours: %v: %s", d, f.String())
			return
		}
		for _, line := range say(&f) {
			b, err := wire.ParseText(line)
			if err != nil {
				t.Errorf("%s: %v", line, err)
				return
			}
			m.Heard(b)
		}
	}
}

// words makes the line of a TCP answer to f, with the flags and changes.
func words(f *wire.Frame, flags string, changes ...string) string {
	seq := f.TCP().Seq()
	line := fmt.Sprintf("%s > %s tcp %s > %s %s seq=7 ack=%d",
		itsMAC, ourMAC, netip.AddrPortFrom(f.Dst, f.DstPort), netip.AddrPortFrom(f.Src, f.SrcPort), flags, seq+1)
	return strings.NewReplacer(changes...).Replace(line)
}

func isSYN(f *wire.Frame) bool { return f.TCP().Flags() == wire.FlagSYN }

func TestTCP(t *testing.T) {
	on := func(say func(f *wire.Frame) string) func(f *wire.Frame) []string {
		return func(f *wire.Frame) []string {
			if !isSYN(f) {
				return nil
			}
			return []string{say(f)}
		}
	}
	syns := 0
	tests := []struct {
		name string
		vip  netip.Addr
		say  func(f *wire.Frame) []string
		want string
	}{
		{"a service", vip4, on(func(f *wire.Frame) string { return words(f, "SA") }), "pass connected to VIP after 0s"},
		{"a service, IPv6", vip6, on(func(f *wire.Frame) string { return words(f, "SA") }), "pass connected to VIP after 0s"},
		{"checksum left to offload", vip4, on(func(f *wire.Frame) string { return words(f, "SA") + " csum=bad" }), "pass connected to VIP after 0s"},
		{"refused", vip4, on(func(f *wire.Frame) string { return words(f, "RA") }), "fail connection refused by VIP after 0s"},
		{"nobody", vip4, func(*wire.Frame) []string { return nil }, "fail no answer from VIP (is it on the server's lo?) after 1s"},
		{"a tagged frame", vip4, on(func(f *wire.Frame) string { return words(f, "SA") + " vlan=5" }), "fail no answer from VIP (is it on the server's lo?) after 1s"},
		{"an RST that acknowledges nothing", vip4, on(func(f *wire.Frame) string { return words(f, "R") }), "fail no answer from VIP (is it on the server's lo?) after 1s"},
		{"another acknowledgment", vip4, on(func(f *wire.Frame) string {
			return words(f, "SA", fmt.Sprint("ack=", f.TCP().Seq()+1), fmt.Sprint("ack=", f.TCP().Seq()+2))
		}), "fail no answer from VIP (is it on the server's lo?) after 1s"},
		{"another address", vip4, on(func(f *wire.Frame) string { return words(f, "SA", vip4.String(), server4.String()) }), "fail answered from 10.77.0.11, not from VIP after 0s"},
		{"another address, guessed", vip4, on(func(f *wire.Frame) string {
			return words(f, "SA", vip4.String(), server4.String(), fmt.Sprint("ack=", f.TCP().Seq()+1), "ack=9")
		}), "fail no answer from VIP (is it on the server's lo?) after 1s"},
		{"another host", vip4, on(func(f *wire.Frame) string { return words(f, "SA", itsMAC.String(), "02:00:00:00:00:12") }), "fail another host answered for VIP: 02:00:00:00:00:12 after 0s"},
		{"another port", vip4, on(func(f *wire.Frame) string { return words(f, "SA", ":80 ", ":81 ") }), "fail answered from port 81 of VIP after 0s"},
		{"the first SYN is lost", vip4, func(f *wire.Frame) []string {
			if syns++; !isSYN(f) || syns != 2 {
				return nil
			}
			return []string{words(f, "SA")}
		}, "pass connected to VIP after 500ms"},
		{"ICMP", vip4, on(func(f *wire.Frame) string { return icmp(f, "icmp", "10.77.0.100", 10) }), "fail icmp prohibited from VIP after 0s"},
		{"ICMP of another", vip4, on(func(f *wire.Frame) string { return icmp(f, "icmp", "10.77.0.11", 3) }), "fail icmp port unreachable from 10.77.0.11 after 0s"},
		{"ICMP, guessed", vip4, on(func(f *wire.Frame) string {
			f.TCP().SetSeq(f.TCP().Seq() + 1)
			return icmp(f, "icmp", "10.77.0.11", 3)
		}), "fail no answer from VIP (is it on the server's lo?) after 1s"},
		{"ICMP about another source", vip4, on(func(f *wire.Frame) string {
			return strings.Replace(icmp(f, "icmp", "10.77.0.11", 3), "inner=(tcp 10.77.0.9:", "inner=(tcp 10.77.0.8:", 1)
		}), "fail no answer from VIP (is it on the server's lo?) after 1s"},
		{"a first fragment", vip4, on(func(f *wire.Frame) string { return words(f, "SA") + " len=4 frag=0+" }), "fail no answer from VIP (is it on the server's lo?) after 1s"},
		{"ICMPv6", vip6, on(func(f *wire.Frame) string { return icmp(f, "icmp6", "fd77::100", 4) }), "fail icmp port unreachable from VIP after 0s"},
		{"ICMP, too long", vip4, on(func(f *wire.Frame) string { return icmp(f, "icmp", "10.77.0.11", 4) }), "fail no answer from VIP (is it on the server's lo?) after 1s"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newFake()
				m := New(s)
				s.answers(t, m, tt.say)
				target := web("tcp")
				target.VIP = tt.vip
				source, _ := s.Source(0, tt.vip)
				expect(t, "outcome", s.try(t, m, target, source), tt.want)
				last := s.sent[len(s.sent)-1]
				var f wire.Frame
				f.Parse(last)
				if reset := f.TCP().Flags() == wire.FlagRST; reset != strings.HasPrefix(tt.want, "pass") {
					t.Errorf("the last of ours: %s", f.String())
				}
				if isn := firstSeq(s.sent[0]); f.TCP().Flags() == wire.FlagRST && f.TCP().Seq() != isn+1 {
					t.Errorf("a reset of %d, after a SYN of %d", f.TCP().Seq(), isn)
				}
				if len(m.ports.open) != 0 {
					t.Errorf("ports in use: %v", m.ports.open)
				}
			})
		})
	}
}

func firstSeq(frame []byte) uint32 {
	var f wire.Frame
	f.Parse(frame)
	return f.TCP().Seq()
}

// try makes one check, and says how it ended and how long it took.
func (s *fakeSegment) try(t *testing.T, m *Monitor, target Target, source netip.Addr) string {
	t.Helper()
	start := time.Now()
	o := m.try(t.Context(), &target, m.checker(&target), source, target.Timeout)
	return fmt.Sprintf("%s %s after %v", [...]string{"nothing", "fail", "pass"}[o.verdict], o.text, time.Since(start))
}

// icmp is the line of an ICMP error about f.
func icmp(f *wire.Frame, word, from string, code int) string {
	inner := strings.SplitN(f.String(), " ", 4)[3] // without MACs
	return fmt.Sprintf("%s > %s %s %s > %s unreachable code=%d inner=(%s)", itsMAC, ourMAC, word, from, f.Src, code, inner)
}

func TestSYN(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		m := New(s)
		s.try(t, m, web("tcp"), source4)
		var f wire.Frame
		f.Parse(s.sent[0])
		got := f.String()
		want := fmt.Sprintf("02:00:00:00:00:01 > 02:00:00:00:00:0b tcp 10.77.0.9:%d > 10.77.0.100:80 S seq=%d win=64240 opts=020405b4 df=1", f.SrcPort, f.TCP().Seq())
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if f.SrcPort < firstPort {
			t.Errorf("from port %d", f.SrcPort)
		}
		if len(s.sent) != 2 || string(s.sent[0]) != string(s.sent[1]) {
			t.Errorf("%d frames, or another sequence number", len(s.sent))
		}
	})
}

func TestNoMAC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		s.silent, s.known = true, nil
		m := New(s)
		expect(t, "IPv4", s.try(t, m, web("tcp"), source4), "fail no MAC address: it does not answer ARP after 1s")
		if len(s.sent) != 0 {
			t.Errorf("%d frames to nobody", len(s.sent))
		}
		six := web("tcp")
		six.Addr = netip.MustParseAddr("fd77::11")
		expect(t, "IPv6", s.try(t, m, six, source6), "fail no MAC address: it does not answer neighbour discovery after 1s")
	})
}

func TestNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		s.unsent = true
		m := New(s)
		expect(t, "outcome", s.try(t, m, web("tcp"), source4), "nothing  after 1s")
	})
}

func TestARP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newFake()
		m := New(s)
		expect(t, "fresh", s.try(t, m, web("arp"), netip.Addr{}), "pass answers ARP after 0s")
		time.Sleep(999 * time.Millisecond)
		expect(t, "fresh still", s.try(t, m, web("arp"), netip.Addr{}), "pass answers ARP after 0s")
		if len(s.asked) != 0 {
			t.Error("it was asked for nothing")
		}
		time.Sleep(time.Millisecond)
		expect(t, "asked", s.try(t, m, web("arp"), netip.Addr{}), "pass answers ARP after 2ms")
		s.silent = true
		time.Sleep(time.Second)
		expect(t, "silent", s.try(t, m, web("arp"), netip.Addr{}), "fail no answer to ARP after 1s")
	})
}

func TestPortsRunOut(t *testing.T) {
	var all ports
	seen := map[uint16]bool{}
	for range portCount {
		port := all.claim(&probe{})
		if port < firstPort || seen[port] {
			t.Fatalf("port %d", port)
		}
		seen[port] = true
	}
	if port := all.claim(&probe{}); port != 0 {
		t.Errorf("one too many: %d", port)
	}
	all.release(50000)
	if port := all.claim(&probe{}); port != 50000 {
		t.Errorf("the released one: %d", port)
	}
}
