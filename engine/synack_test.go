// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"cygnet/internal/wire"
)

// What a Linux 6.18 listener answers to SYNs with these options, as the lab's
// TestNetnsTarpitLooksLikeLinux compares it: the maximum segment size always, the
// rest where it is offered. T stands for its timestamp, and the client's.
var linuxSYNACKs = []struct {
	offer, window, answer string
	window6               string
}{
	{"020405b4", "64240", "020405b4", "64800"},
	{"020405b401010402", "64240", "020405b401010402", "64800"},
	{"020405b401030307", "64240", "020405b401030307", "64800"},
	{"020405b40101080a000000c800000000", "65160", "020405b40101080aTTTTTTTT000000c8", "64260"},
	{"020405b40402080a000000c800000000", "65160", "020405b40402080aTTTTTTTT000000c8", "64260"},
	{"020405b40103030701010402", "64240", "020405b40101040201030307", "64800"},
	{"020405b40101080a000000c80000000001030307", "65160", "020405b40101080aTTTTTTTT000000c801030307", "64260"},
	{"020405b40402080a000000c80000000001030307", "65160", "020405b40402080aTTTTTTTT000000c801030307", "64260"},
}

func TestSYNACKShape(t *testing.T) {
	p := newTrap(t, nil)
	for _, tt := range linuxSYNACKs {
		for _, to := range []string{toSSH, toSSH6} {
			want, window := tt.answer, tt.window
			if to == toSSH6 {
				want, window = strings.Replace(want, "020405b4", "020405a0", 1), tt.window6
			}
			b, _ := p.take(frame(t, fromClient+"tcp "+to+" S seq=1000 opts="+tt.offer+" ttl=9 tos=4"))
			f := parse(t, b)
			got := fmt.Sprintf("%x", f.TCP().Options())
			if i := strings.Index(want, "T"); i >= 0 && len(got) == len(want) {
				got = got[:i] + "TTTTTTTT" + got[i+8:]
			}
			if got != want || fmt.Sprint(f.TCP().Window()) != window {
				t.Errorf("%s offers %s: options %s, window %d; want %s, %s", to, tt.offer, got, f.TCP().Window(), want, window)
			}
			if f.Kind == wire.KindIPv4 && (f.IPv4().TTL() != 64 || f.IPv4().TOS() != 0 || f.IPv4().ID() != 0 || f.IPv4().Flags() != wire.IPv4DontFragment) {
				t.Errorf("%s: header % x", to, f.IPv4()[:20])
			}
		}
	}
}

// A SYN that asks for congestion notification (RFC 3168) is told no, and its other
// flags change nothing.
func TestSYNACKFlags(t *testing.T) {
	p := newTrap(t, nil)
	for _, to := range []string{toSSH, toSSH6} {
		for _, asked := range []string{"S", "SE", "SC", "SEC", "SEC tos=2", "SPU"} {
			b, _ := p.take(frame(t, fromClient+"tcp "+to+" seq=1000 "+asked))
			if got := parse(t, b).TCP().Flags(); got != wire.FlagSYN|wire.FlagACK {
				t.Errorf("%s %s: flags %x", to, asked, got)
			}
		}
	}
}

// All answers of one connection have one flow label, and other connections others.
func TestFlowLabels(t *testing.T) {
	p := newTrap(t, nil)
	labels := map[uint32]bool{}
	for port := range 10 {
		to := fmt.Sprintf("[fd77::9]:%d > [fd77::66:1]:22", 1000+port)
		b, _ := p.take(frame(t, fromClient+"tcp "+to+" S seq=1000"))
		f := parse(t, b)
		label := f.IPv6().FlowLabel()
		labels[label] = true
		b, _ = p.take(frame(t, fmt.Sprintf("%stcp %s A seq=1001 ack=%d len=9", fromClient, to, f.TCP().Seq()+1)))
		if got := parse(t, b).IPv6().FlowLabel(); got != label {
			t.Errorf("flow label %x, then %x", label, got)
		}
	}
	if len(labels) != 10 {
		t.Errorf("%d flow labels of 10 connections", len(labels))
	}
}

// Every layout of a SYN's header, of 20 to 60 bytes, is answered by a segment with a
// right checksum, which is no longer than it or the shortest frame.
func TestSYNACKIsNeverLonger(t *testing.T) {
	p := newTrap(t, func(c *Tarpit) { c.Limits = TarpitLimits{} })
	options := []string{"", "020405b4", "0402", "01030307", "080a000000c800000000", "0101", "05fe", "1e", "00", "2212"}
	for n := range 1 << len(options) {
		var all string
		for i, o := range options {
			if n>>i&1 == 1 {
				all += o
			}
		}
		for len(all)%8 != 0 {
			all += "01"
		}
		if len(all) > 80 {
			continue
		}
		for _, to := range []string{toSSH, toSSH6} {
			for _, data := range []int{0, 1, 500} {
				syn := frame(t, fmt.Sprintf("%stcp %s S seq=1000 opts=%s len=%d", fromClient, to, all, data))
				b, why := p.take(syn)
				if why != CapturedSYN {
					t.Fatalf("options %s: %v", all, why)
				}
				if f := parse(t, b); f.TCP().Ack() != 1001 || len(f.Data[f.L4:f.End]) != f.TCP().DataOffset() || len(b) > max(len(syn), minFrame) {
					t.Fatalf("options %s: %d bytes answer %d: %v", all, len(b), len(syn), f)
				}
			}
		}
	}
}

// Nothing is kept: whoever has the key answers alike, and a SYN that is sent again
// gets the same answer.
func TestAnswersNeedNoState(t *testing.T) {
	p := newTrap(t, nil)
	syn := frame(t, fromClient+"tcp "+toSSH+" S seq=1000 "+stamped)
	first, _ := p.take(syn)
	for range 3 {
		fresh := newTrap(t, nil)
		if again, _ := fresh.take(syn); !bytes.Equal(first, again) {
			t.Errorf("answers\n% x\n% x", first, again)
		}
	}
	other := newTrap(t, nil)
	other.e.table.Load().tarpit.key[0]++
	if b, _ := other.take(syn); bytes.Equal(first, b) {
		t.Error("the key does not matter")
	}
}

func BenchmarkTarpit(b *testing.B) {
	for name, text := range map[string]string{
		"SYN":  "tcp " + toSSH + " S seq=1000 " + stamped,
		"SYN6": "tcp " + toSSH6 + " S seq=1000 " + stamped,
	} {
		p := newTrap(b, nil)
		syn := frame(b, fromClient+text)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				p.w.set(syn)
				_ = p.w.step()
			}
		})
	}
}
