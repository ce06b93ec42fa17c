// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// slowBucket is the obvious model: what leaks at its rate, and holds so much.
type slowBucket struct{ level, rate, room float64 }

func (b *slowBucket) pass(d time.Duration) { b.level = max(b.level-b.rate*d.Seconds(), 0) }
func (b *slowBucket) full() bool           { return b.level > b.room+1e-6 }

// What is answered is what the model allows: by source, by network, in all, and
// nothing of what is refused counts.
func TestLimits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		limits := TarpitLimits{
			Source:  rapid.SampledFrom([]int{0, 1, 4}).Draw(rt, "source"),
			Network: rapid.SampledFrom([]int{0, 2, 5}).Draw(rt, "network"),
			Total:   rapid.SampledFrom([]int{0, 5, 20}).Draw(rt, "total"),
			Bits:    rapid.SampledFrom([]int{0, 8000}).Draw(rt, "bits"),
		}
		p := newTrap(t, func(c *Tarpit) { c.Limits = limits })
		total, bits := &slowBucket{rate: float64(limits.Total), room: float64(limits.Total)}, &slowBucket{rate: float64(limits.Bits), room: float64(limits.Bits)}
		byKey := map[string]*slowBucket{}
		bucket := func(key string, rate int) *slowBucket {
			if byKey[key] == nil {
				byKey[key] = &slowBucket{rate: float64(rate), room: 5 * float64(rate)}
			}
			return byKey[key]
		}
		for range 150 {
			if wait := rapid.IntRange(0, 12).Draw(rt, "wait"); wait > 9 {
				d := time.Duration(wait-9) * 250 * time.Millisecond
				p.pass(d)
				total.pass(d)
				bits.pass(d)
				for _, b := range byKey {
					b.pass(d)
				}
			}
			network, host := rapid.IntRange(1, 2).Draw(rt, "network"), rapid.IntRange(1, 3).Draw(rt, "host")
			source := bucket(fmt.Sprint(network, host), limits.Source)
			near := bucket(fmt.Sprint(network), limits.Network)
			want := CapturedSYN
			for b, limit := range map[*slowBucket]int{source: limits.Source, near: limits.Network, total: limits.Total, bits: limits.Bits} {
				if limit != 0 && b.full() {
					want = CapturedLimited
				}
			}
			if want == CapturedSYN {
				source.level++
				near.level++
				total.level++
				bits.level += 8 * minFrame
			}
			if _, why := p.say(fmt.Sprintf("tcp 192.0.%d.%d:99 > 10.77.0.66:22 S", network, host)); why != want {
				rt.Fatalf("%v, want %v", why, want)
			}
		}
	})
}

// A limit that is changed while Cygnet runs holds from then on: what a tight one
// filled does not hold back answers under a wide one.
func TestLimitsChange(t *testing.T) {
	p := newTrap(t, func(c *Tarpit) { c.Limits = TarpitLimits{Bits: 1, Total: 10} })
	ask := func(want Reason) {
		t.Helper()
		if _, why := p.say("tcp " + toSSH + " S"); why != want {
			t.Errorf("%v, want %v", why, want)
		}
	}
	ask(CapturedSYN)
	ask(CapturedLimited)
	for _, limits := range []TarpitLimits{{Total: 10}, {Bits: 1}, {Bits: 10_000_000}} {
		cfg := p.e.desired.clone()
		cfg.Tarpit.Limits = limits
		p.e.Apply(cfg)
		ask(CapturedSYN)
	}
}

// A super-frame is as little to answer as the segment that it was merged from.
func TestBitsAreOfAnswers(t *testing.T) {
	p := newTrap(t, func(c *Tarpit) { c.Limits = TarpitLimits{Bits: 100_000} })
	isn, _ := p.call(toSSH, "")
	for range 50 {
		if _, why := p.say(fmt.Sprintf("tcp %s A seq=1001 ack=%d len=60000", toSSH, isn+1)); why != CapturedHeld {
			t.Fatalf("%v", why)
		}
	}
}

// A rate is what was said, whatever it is.
func TestRates(t *testing.T) {
	for _, bits := range []int{1, 999, 1_000_000, 150_000_000, 300_000_000, 600_000_000, 2_000_000_000} {
		perSecond := float64(time.Second) / float64(newRates(TarpitLimits{Bits: bits}, 1).frame) * frameBits
		if perSecond < 0.99*float64(bits) || perSecond > 1.01*float64(bits) {
			t.Errorf("%d bits a second become %.0f", bits, perSecond)
		}
	}
}

// Several workers answer no more than one does, and as much, however the clients
// are shared among them, as long as all have some.
func TestLimitsOfSeveralWorkers(t *testing.T) {
	for _, tt := range []struct {
		name   string
		limits TarpitLimits
		from   func(i int) string
		to     string
		worker func(i int) int
		want   int // answers in 10 seconds
	}{
		{"in all", TarpitLimits{Total: 40}, one4, "10.77.0.66", each, 11 * 40},
		{"in all, fewer than workers", TarpitLimits{Total: 1}, one4, "10.77.0.66", each, 10},
		{"bits", TarpitLimits{Bits: 40 * frameBits}, one4, "10.77.0.66", each, 11 * 40},
		{"a network", TarpitLimits{Network: 40}, one4, "10.77.0.66", each, 15 * 40},
		{"a source, which is one worker's", TarpitLimits{Source: 40}, func(int) string { return "192.0.2.1" }, "10.77.0.66", func(int) int { return 2 }, 15 * 40},
		{"a /64", TarpitLimits{Source: 40}, func(i int) string { return fmt.Sprintf("2001:db8::%x", i) }, "fd77::66:1", each, 15 * 40},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := testConfig()
			cfg.Tarpit.Limits = tt.limits
			e := newTestEngineOf(t, cfg, severalWorkers)
			answered := 0
			const perSecond = 400
			for i := range 10 * perSecond {
				e.clock.Add(int64(time.Second) / perSecond)
				from, to := tt.from(i), tt.to
				if strings.Contains(to, ":") {
					from, to = "["+from+"]", "["+to+"]"
				}
				w := e.workers[tt.worker(i)]
				s := w.set(frame(t, fromClient+fmt.Sprintf("tcp %s:99 > %s:22 S", from, to)))
				if err := w.step(); err != nil {
					t.Fatal(err)
				}
				if s.Send {
					answered++
				}
			}
			if most := tt.want + severalWorkers; answered > most || answered < tt.want-2*severalWorkers {
				t.Errorf("%d answers, want about %d", answered, tt.want)
			}
		})
	}
}

const severalWorkers = 4

func one4(i int) string { return fmt.Sprintf("192.0.2.%d", i%250+1) }

func each(i int) int { return i % severalWorkers }

// One source that asks too often, or many that are forged, take nothing from another.
func TestLimitsSpareOthers(t *testing.T) {
	p := newTrap(t, func(c *Tarpit) { c.Limits = TarpitLimits{Source: 10, Network: 50} })
	for i := range 50_000 {
		p.say(fmt.Sprintf("tcp 198.51.%d.%d:99 > 10.77.0.66:22 S", i/250%250, i%250+1))
		if i%1000 == 0 {
			if _, why := p.say("tcp 192.0.2.9:99 > 10.77.0.66:22 S"); why != CapturedSYN {
				t.Fatalf("after %d forged ones: %v", i, why)
			}
			p.pass(100 * time.Millisecond)
		}
	}
}

func TestPlausiblePorts(t *testing.T) {
	for _, k := range []int{1, 6, 40, len(plausiblePorts)} {
		p := newTrap(t, func(c *Tarpit) { c.Ports = TarpitPorts{Plausible: k} })
		web := 0
		for host := 64; host < 127; host++ {
			open := 0
			for _, port := range plausiblePorts {
				got, why := p.say(fmt.Sprintf("tcp 10.77.0.9:1234 > 10.77.0.%d:%d S seq=1000 len=3", host, port.port))
				switch {
				case why == CapturedSYN:
					open++
					if port.port == 443 {
						web++
					}
				case why != CapturedRST:
					t.Fatalf("port %d: %v, %s", port.port, why, got)
				}
			}
			if open != k {
				t.Fatalf("10.77.0.%d has %d ports open, want %d", host, open, k)
			}
		}
		if k == 6 && (web < 10 || web > 60) {
			t.Errorf("%d of 63 hosts have port 443, which is common", web)
		}
		if got, why := p.say("tcp 10.77.0.9:1234 > 10.77.0.66:4 S seq=1000 len=3"); why != CapturedRST || got !=
			"02:00:00:00:00:ff > 02:00:00:00:00:09 tcp 10.77.0.66:4 > 10.77.0.9:1234 RA ack=1004 win=0 df=1 pad=6" {
			t.Errorf("a closed port: %v, %s", why, got)
		}
	}
}

func TestPortRanges(t *testing.T) {
	p := newTrap(t, func(c *Tarpit) { c.Ports = TarpitPorts{Ranges: []PortRange{{22, 22}, {8000, 8080}, {65535, 65535}}} })
	for port, want := range map[int]Reason{
		21: CapturedRST, 22: CapturedSYN, 23: CapturedRST, 7999: CapturedRST, 8000: CapturedSYN, 8080: CapturedSYN, 8081: CapturedRST, 65535: CapturedSYN, 65534: CapturedRST,
	} {
		if _, why := p.say(fmt.Sprintf("tcp 10.77.0.9:1234 > 10.77.0.66:%d S", port)); why != want {
			t.Errorf("port %d: %v, want %v", port, why, want)
		}
	}
}
