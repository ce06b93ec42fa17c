// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cygnet/internal/wire"
)

// model is what must hold of one address, told slowly and obviously.
type model struct {
	asks    []int64 // when we asked, since something said that it may be another's
	owners  map[string]bool
	until   int64 // its last owner's
	replies int
	repairs int
}

// verified says whether three questions in a row went without an answer.
func (m *model) verified(now int64) bool {
	return now >= m.until && len(m.asks) >= questions && now-m.asks[len(m.asks)-questions] >= int64(900*time.Millisecond)
}

func (m *model) startOver() { m.asks = nil }

func (m *model) owned(now int64) {
	m.startOver()
	m.until = now + int64(39*time.Minute)
}

var modelAddrs = []string{"10.77.0.64", "10.77.0.65", "10.77.0.66", "2001:db8::50", "2001:db8::51"}

func TestNoAnswerForAnAddressThatMayHaveAnOwner(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		s := newSegment(t, func(c *Config) { c.Replies, c.Verifications = 4, 6 })
		models := map[string]*model{}
		for _, a := range modelAddrs {
			models[a] = &model{owners: map[string]bool{}}
		}
		var replies []int64
		down := false

		// check looks at what was sent; askedFor is the address that a valid question was for.
		check := func(sent []string, askedFor string) {
			t.Helper()
			answers := 0
			for _, text := range sent {
				f := parsed(t, frame(t, text))
				target, says, kind := meaning(f)
				m := models[target]
				switch {
				case m == nil:
					r.Fatalf("about no address of these: %s", text)
				case down:
					r.Fatalf("over a link that is down: %s", text)
				case kind == "question":
					m.asks = append(m.asks, s.now)
				case says == us:
					answers++
					m.replies++
					replies = append(replies, s.now)
					if target != askedFor || !m.verified(s.now) {
						r.Fatalf("at %v, asked for %q: %s", time.Duration(s.now), askedFor, text)
					}
				default:
					m.repairs++
					if !m.owners[says] || f.Ethernet().Dst().String() == says || m.repairs > 3*m.replies {
						r.Fatalf("a wrong repair: %s", text)
					}
				}
			}
			if answers > 1 {
				r.Fatalf("%d answers to one question", answers)
			}
		}

		pass := func(d time.Duration) {
			for end := s.now + int64(d); s.now < end; {
				s.now = max(s.now+int64(20*time.Millisecond), min(end, s.due)) // nothing happens between
				var sent []string
				s.Tick(s.now, s.collect(&sent))
				check(sent, "")
			}
		}
		for _, a := range modelAddrs { // most of what can go wrong begins with a free one
			check(s.hear(questionFor(a, 9)), a)
		}
		pass(time.Second)

		r.Repeat(map[string]func(*rapid.T){
			"time": func(r *rapid.T) {
				pass(time.Millisecond * rapid.SampledFrom([]time.Duration{20, 300, 700, 1200, 3_000, 20_000, 900_000}).Draw(r, "ms"))
			},
			"question": func(r *rapid.T) {
				a := rapid.SampledFrom(modelAddrs).Draw(r, "address")
				by := rapid.IntRange(6, 9).Draw(r, "by")
				before, limited := s.States().Of(addr(a), s.now), s.counts.RepliesLimited
				sent := s.hear(questionFor(a, by))
				check(sent, a)
				free := before == Free && !down && s.counts.RepliesLimited == limited
				if answered := slices.ContainsFunc(sent, saysUs(t)); answered != free {
					r.Fatalf("answered is %v, free is %v", answered, free)
				}
			},
			"flood": func(r *rapid.T) {
				a := rapid.SampledFrom(modelAddrs).Draw(r, "address")
				for range 6 {
					check(s.hear(questionFor(a, 9)), a)
				}
			},
			"probe": func(r *rapid.T) {
				a := rapid.SampledFrom(modelAddrs).Draw(r, "address")
				models[a].owned(s.now)
				check(s.hear(probeFor(a)), "")
			},
			"owner": func(r *rapid.T) {
				a := rapid.SampledFrom(modelAddrs).Draw(r, "address")
				by := rapid.IntRange(5, 7).Draw(r, "by")
				models[a].owned(s.now)
				models[a].owners[host(by)] = true
				check(s.hear(announcementOf(a, by)), "")
			},
			"forged": func(r *rapid.T) {
				a := rapid.SampledFrom(modelAddrs).Draw(r, "address")
				before := s.States().Of(addr(a), s.now)
				s.Suspect(addr(a), s.now)
				if before == Free && s.States().Of(addr(a), s.now) == Suspended {
					models[a].startOver()
				}
			},
			"link": func(r *rapid.T) {
				down = !down
				s.SetLink(!down, s.now)
				for _, m := range models {
					m.startOver()
				}
			},
			"again": func(r *rapid.T) { s.Configure(s.cfg, s.now) },
			"": func(r *rapid.T) {
				for len(replies) > 0 && s.now-replies[0] >= int64(time.Second) {
					replies = replies[1:]
				}
				if most := 2 * s.cfg.Replies; len(replies) > most {
					r.Fatalf("%d replies within a second, want at most %d", len(replies), most)
				}
			},
		})
	})
}

// meaning returns what a frame is about, which MAC it says, and whether it asks.
func meaning(f *wire.Frame) (target, says, kind string) {
	switch {
	case f.Kind == wire.KindARP && f.ARP().Op() == wire.ARPRequest:
		return f.Dst.String(), "", "question"
	case f.Kind == wire.KindARP:
		return f.Src.String(), f.ARP().SenderMAC().String(), "answer"
	case f.IsNeighbourSolicitation():
		return f.ND().Target().String(), "", "question"
	case f.IsNeighbourAdvertisement():
		says, _ := f.ND().TargetLinkLayer()
		return f.ND().Target().String(), says.String(), "answer"
	}
	return f.String(), "", ""
}

func saysUs(t testing.TB) func(string) bool {
	return func(text string) bool {
		_, says, _ := meaning(parsed(t, frame(t, text)))
		return says == us
	}
}

func host(n int) string { return fmt.Sprintf("02:00:00:00:00:%02x", n) }

func questionFor(a string, by int) string {
	if strings.Contains(a, ":") {
		return fmt.Sprintf("%s > %s icmp6 2001:db8::%d > %s ns %s slla=%[1]s", host(by), group6, by, wire.SolicitedNode(addr(a)), a)
	}
	return fmt.Sprintf("%s > %s arp who-has %s tell 10.77.0.%d", host(by), bcast, a, by)
}

func probeFor(a string) string {
	if strings.Contains(a, ":") {
		return fmt.Sprintf("%s > %s icmp6 :: > %s ns %s", owner, group6, wire.SolicitedNode(addr(a)), a)
	}
	return fmt.Sprintf("%s > %s arp who-has %s tell 0.0.0.0", owner, bcast, a)
}

func announcementOf(a string, by int) string {
	if strings.Contains(a, ":") {
		return fmt.Sprintf("%s > 33:33:00:00:00:01 icmp6 %s > ff02::1 na %[2]s flags=O tlla=%[1]s", host(by), a)
	}
	return fmt.Sprintf("%s > %s arp who-has %s tell %[3]s", host(by), bcast, a)
}
