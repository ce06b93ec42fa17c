// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"fmt"
	"net/netip"
	"testing"
	"time"
)

// Two of us on one segment hear each other's questions and answers. They end: each
// address is soon one's, and all that is said later is its rechecks.
func TestTwoOfUsDoNotTalkForEver(t *testing.T) {
	for _, c := range []struct {
		name string
		late time.Duration // until the second one starts
		a, b Policy
	}{
		{"together", 0, Verify, Verify},
		{"apart", 400 * time.Millisecond, Verify, Verify},
		{"one after the other", time.Minute, Verify, Verify},
		{"as Pen", 0, Immediate, Immediate},
		{"one as Pen", 0, Verify, Immediate},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPair(t, c.a, c.b)
			p.all(func(a string) { p.deliver(p.one, frame(t, questionFor(a, 9))) })
			p.pass(c.late)
			for range 3 {
				p.all(func(a string) { p.deliver(p.one, frame(t, questionFor(a, 9))) })
				p.all(func(a string) { p.deliver(p.two, frame(t, questionFor(a, 9))) })
				p.pass(2 * time.Second)
			}
			p.pass(20 * time.Minute) // each rechecks once
			p.frames = 0
			p.pass(5 * time.Hour)
			// A recheck is three questions, each answered or not, and makes the other
			// one ask three times at most: 12 frames in 14 minutes.
			if most := 12 * 22 * len(modelAddrs); p.frames > most {
				t.Errorf("%d frames in five hours, want at most %d", p.frames, most)
			}
			p.all(func(a string) {
				if p.one.States().Of(addr(a), p.one.now) == Free && p.two.States().Of(addr(a), p.two.now) == Free {
					t.Errorf("both have %s", a)
				}
			})
		})
	}
}

// pair is two Capturers on one segment, and whoever else is there is silent.
type pair struct {
	t        *testing.T
	one, two *segment
	frames   int
	wire     []onWire
}

// onWire is a frame on its way.
type onWire struct {
	to    *segment
	frame []byte
}

func newPair(t *testing.T, a, b Policy) *pair {
	p := &pair{t: t}
	p.one = newSegment(t, policy(a), p.as(us, "10.77.0.4", "2001:db8::4"))
	p.two = newSegment(t, policy(b), p.as(host(3), "10.77.0.3", "2001:db8::3"))
	return p
}

// as gives a Capturer a MAC and addresses to ask from.
func (p *pair) as(from, from4, from6 string) func(*Config) {
	return func(c *Config) {
		c.MAC = mac(from)
		c.Ours = func(a netip.Addr) bool { return a == addr(from4) || a == addr(from6) }
		c.Ask = func(target netip.Addr, emit func([]byte)) bool {
			text := fmt.Sprintf("%s > %s arp who-has %s tell %s", from, bcast, target, from4)
			if target.Is6() {
				text = fmt.Sprintf("%s > %s icmp6 %s > ff02::1:ff00:50 ns %s slla=%[1]s", from, group6, from6, target)
			}
			emit(frame(p.t, text))
			return true
		}
	}
}

func (p *pair) all(do func(a string)) {
	for _, a := range modelAddrs {
		do(a)
	}
}

// deliver gives a frame to one of them, and then what follows from it.
func (p *pair) deliver(to *segment, b []byte) {
	p.receive(to, b)
	for n := 0; len(p.wire) > 0; n++ {
		if n > 20 {
			p.t.Fatal("they answer each other's answers")
		}
		next := p.wire[0]
		p.wire = p.wire[1:]
		p.receive(next.to, next.frame)
	}
}

func (p *pair) receive(to *segment, b []byte) {
	f := parsed(p.t, b)
	if dst := f.Ethernet().Dst(); dst.IsGroup() || dst == to.cfg.MAC {
		to.Learn(f, to.now, p.sentBy(to))
	}
}

func (p *pair) sentBy(from *segment) func([]byte) {
	other := p.one
	if from == p.one {
		other = p.two
	}
	return func(b []byte) {
		p.frames++
		p.wire = append(p.wire, onWire{other, b})
	}
}

func (p *pair) pass(d time.Duration) {
	for range d / (20 * time.Millisecond) {
		for _, s := range []*segment{p.one, p.two} {
			s.now += int64(20 * time.Millisecond)
			s.Tick(s.now, p.sentBy(s))
			for len(p.wire) > 0 {
				next := p.wire[0]
				p.wire = p.wire[1:]
				p.deliver(next.to, next.frame)
			}
		}
	}
}
