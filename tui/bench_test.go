// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/muesli/termenv"

	"cygnet/acl"
	"cygnet/engine"
)

// big is a snapshot of 1000 servers behind 10 services, and a list of 10 000
// rules; like the engine's, it shares the rules with the one before.
func big(at time.Time, n uint64, rules []acl.Rule) *engine.Snapshot {
	s := sample(at, n)
	s.Services = nil
	for i := range 10 {
		svc := engine.ServiceSnapshot{Service: engine.Service{Name: fmt.Sprintf("web%d", i), VIP: netip.AddrFrom4([4]byte{10, 0, 1, byte(i)}), Port: 80}}
		svc.Address.State = engine.Held
		for j := range 100 {
			svc.Servers = append(svc.Servers, engine.ServerSnapshot{
				Server:  engine.Server{Number: j, Name: fmt.Sprintf("server-%d-%d", i, j), Addr: netip.AddrFrom4([4]byte{10, 0, byte(2 + i), byte(j)})},
				MAC:     mac(byte(j)),
				Traffic: engine.Traffic{Frames: n * uint64(j), Bytes: n * uint64(j) * 700},
			})
		}
		s.Services = append(s.Services, svc)
	}
	s.Lists = []engine.ListSnapshot{{Name: "1", Rules: rules, Hits: make([]uint64, len(rules)), Uses: []string{"tarpit_acl"}}}
	return s
}

func manyRules() []acl.Rule {
	rules := make([]acl.Rule, 10_000)
	for i := range rules {
		rules[i] = acl.Rule{Action: acl.Deny, Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{11, byte(i >> 8), byte(i), 0}), 24)}
	}
	return rules
}

// BenchmarkLook is one look at a big balancer, at two a second: a new snapshot,
// 2500 hits of the tarpit, and the screen of the tab drawn anew. The target is
// 10 ms (and 3 % of a core at two a second: 15 ms).
func BenchmarkLook(b *testing.B) {
	rules := manyRules()
	for tab, name := range []string{"overview", "servers", "lists", "tarpit", "flows", "log"} {
		for _, size := range [][2]int{{80, 24}, {240, 67}} {
			b.Run(fmt.Sprintf("%s/%dx%d", name, size[0], size[1]), func(b *testing.B) {
				f := newFake()
				m := newModel(f.options(), NewTheme(UTF8, termenv.ANSI, false), noon)
				m.Update(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
				m.Update(keyOf(fmt.Sprint(tab + 1)))
				at, n := noon, uint64(1)
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					at, n = at.Add(time.Second/2), n+1
					for i := range 2500 {
						f.hits.Add(hit(at, fmt.Sprintf("203.0.%d.%d", i%256, n%256), fmt.Sprintf("10.0.0.%d", i%250), uint16(i%1000)))
					}
					f.set(func(s *Sight) { s.Snapshot, s.Heard = big(at, n, rules), at })
					b.StartTimer()
					m.Update(tickMsg(at))
					m.View()
				}
			})
		}
	}
}

// BenchmarkKey is the screen drawn anew because a key was pressed.
func BenchmarkKey(b *testing.B) {
	f := newFake()
	m := newModel(f.options(), NewTheme(UTF8, termenv.ANSI, false), noon)
	m.Update(tea.WindowSizeMsg{Width: 240, Height: 67})
	f.set(func(s *Sight) { s.Snapshot = big(noon.Add(time.Second), 2, manyRules()) })
	m.Update(tickMsg(noon.Add(time.Second)))
	b.ReportAllocs()
	for b.Loop() {
		m.Update(keyOf("j"))
		m.View()
	}
}
