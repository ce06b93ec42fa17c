// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/capture"
	"cygnet/internal/events"
	"cygnet/internal/holds"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// began is when the balancer of the tests started, and noon when they look.
var (
	began = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	noon  = time.Date(2026, 11, 25, 12, 4, 31, 0, time.UTC)
)

// fake is a balancer whose every answer a test decides.
type fake struct {
	mu      sync.Mutex
	sight   Sight
	asked   []string
	answer  func(line string) (string, error) // nil: nothing is refused, and nothing said
	changes *events.Ring[events.Event]
	hits    *events.Ring[events.Event]
	lines   *events.Ring[string]
	number  uint64 // of the last change
}

func newFake() *fake {
	f := &fake{
		changes: events.NewRing[events.Event](1024), hits: events.NewRing[events.Event](8192), lines: events.NewRing[string](1000),
	}
	f.sight = Sight{
		About:    About{Version: "v1", Interface: "eth0", Hostname: "pi", PID: 321, Who: "dashboard on tty1", Owner: true},
		Snapshot: sample(noon, 1), LinkUp: true, CPU: []time.Duration{time.Minute}, Heard: noon,
	}
	return f
}

func (f *fake) Sight() Sight {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.sight
}

// set changes what is seen.
func (f *fake) set(change func(s *Sight)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.sight)
}

func (f *fake) Do(_ context.Context, line string) (string, error) {
	f.mu.Lock()
	f.asked = append(f.asked, line)
	answer := f.answer
	f.mu.Unlock()
	if answer == nil {
		return "", nil
	}
	return answer(line)
}

// changed tells of a change as the balancer does.
func (f *fake) changed(who, text string, when time.Time) {
	f.mu.Lock()
	f.number++
	n := f.number
	f.mu.Unlock()
	f.changes.Add(events.Event{Kind: events.ConfigChanged, Time: when, Who: who, Text: fmt.Sprintf("change %d: %s", n, text)})
}

func (f *fake) said() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.asked, "\n---\n")
}

func (f *fake) options() Options {
	return Options{Source: f, Changes: f.changes, Hits: f.hits, Lines: f.lines}
}

func mac(n byte) wire.MAC { return wire.MAC{0xdc, 0xa6, 0x32, 0, 0, n} }

// sample is a snapshot of a small balancer, looked at when it had been running
// for so many seconds more or less; n makes counters grow.
func sample(at time.Time, n uint64) *engine.Snapshot {
	s := &engine.Snapshot{
		Time: at, Started: began, Generation: 3, MAC: mac(0xff),
		In: engine.Traffic{Frames: 142_000 * n, Bytes: 101_500_000 * n}, Out: engine.Traffic{Frames: 141_900 * n, Bytes: 101_400_000 * n},
		Tarpit: engine.TarpitSnapshot{List: "1", Addresses: 246},
	}
	s.Reasons[engine.Forwarded] = engine.Traffic{Frames: 141_000 * n, Bytes: 100_000_000 * n}
	s.Reasons[engine.CapturedSYN] = engine.Traffic{Frames: 12 * n}
	s.Reasons[engine.NoService] = engine.Traffic{Frames: 9 * n}
	s.Reasons[engine.Refused] = engine.Traffic{Frames: 3 * n}
	web := engine.ServiceSnapshot{
		Service: engine.Service{Name: nameless, VIP: netip.MustParseAddr("10.0.0.10"), Port: 80, Proto: wire.ProtoTCP, Mode: sched.RoundRobin},
		Address: engine.AddressSnapshot{State: engine.Held},
		Traffic: engine.Traffic{Frames: 140_000 * n, Bytes: 99_000_000 * n}, Flows: 8094,
	}
	for i, srv := range []struct {
		name   string
		state  engine.ServerState
		mac    wire.MAC
		weight int
		frames uint64
		flows  uint64
	}{
		{"web-01", engine.Enabled, mac(1), 0, 48_100, 2712}, {"web-02", engine.Enabled, mac(2), 0, 47_700, 2690},
		{"web-03", engine.Draining, mac(3), 0, 1200, 204}, {"web-04", engine.Enabled, wire.MAC{}, 0, 0, 0},
		{"web-05", engine.Disabled, mac(5), 0, 0, 0}, {"web-06", engine.Enabled, mac(6), 2, 43_000, 2488},
		{"", engine.Blacklisted, mac(7), 0, 0, 0},
	} {
		one := engine.ServerSnapshot{
			Server: engine.Server{Number: i, Name: srv.name, Addr: netip.AddrFrom4([4]byte{10, 0, 0, byte(21 + i)}), Weight: srv.weight, State: srv.state},
			MAC:    srv.mac, Traffic: engine.Traffic{Frames: srv.frames * n, Bytes: 700 * srv.frames * n},
			Flows: srv.flows, Opened: srv.flows * (1 + n), Retried: srv.flows / 300 * n,
		}
		if srv.state == engine.Blacklisted {
			one.Until = at.Add(42 * time.Second)
		}
		web.Servers = append(web.Servers, one)
	}
	dns := engine.ServiceSnapshot{
		Service: engine.Service{Name: "dns", VIP: netip.MustParseAddr("fd77::10"), Port: 53, Proto: wire.ProtoUDP},
		Address: engine.AddressSnapshot{State: engine.Held}, Traffic: engine.Traffic{Frames: 408 * n, Bytes: 40_800 * n}, Flows: 23,
		Servers: []engine.ServerSnapshot{
			{Server: engine.Server{Number: 0, Addr: netip.MustParseAddr("fd77::1")}, MAC: mac(1), Traffic: engine.Traffic{Frames: 210 * n}, Flows: 12},
			{Server: engine.Server{Number: 1, Addr: netip.MustParseAddr("fd77::2")}, MAC: mac(2), Traffic: engine.Traffic{Frames: 198 * n}, Flows: 11},
		},
	}
	s.Services = []engine.ServiceSnapshot{web, dns}
	s.Lists = sampleLists(n)
	sampleFlows(s, n)
	sampleTarpit(s, n)
	return s
}

// sampleTarpit gives a snapshot a book of whom the tarpit holds: the sources that
// busy has, and one that asks for much and completes nothing.
func sampleTarpit(s *engine.Snapshot, n uint64) {
	s.Tarpit.Capture = capture.Counts{Free: 240, Verifying: 1, Owned: 5, Captures: 241, ARPReplies: 300 * n, Questions: 750}
	b := &holds.Stats{
		Now: 341, Total: 76*time.Hour + time.Duration(n)*time.Second, Verified: 3 * n, Unverified: 9 * n, Escaped: 2 * n, Backscatter: 7, Bytes: 900 * n,
	}
	s.Tarpit.Holds = b
	tally := func(i int) holds.Tally {
		k := uint64(8 - i)
		return holds.Tally{
			SYNs: (k + 1) * n, Verified: k * n / 4, Now: 10 * k, Held: time.Duration(k*k*k) * 1000 * time.Second,
			First: noon.Add(-time.Duration(i*i) * 7 * time.Hour), Last: noon.Add(-time.Duration(i) * 40 * time.Second),
		}
	}
	countries := []string{"NL", "BR", "", "NL", "US", "BR", "NL"}
	for i := range 7 {
		addr := netip.AddrFrom4([4]byte{203, 0, 113, byte(76 - i)})
		b.Sources = append(b.Sources, holds.Source{Addr: addr, Country: countries[i], Tally: tally(i)})
		b.Longest = append(b.Longest, holds.Hold{
			Source: netip.AddrPortFrom(addr, uint16(40_000+i*777)), Captured: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(100 + i)}), []uint16{22, 23, 445}[i%3]),
			Country: countries[i], Held: time.Duration((8-i)*(8-i)*(8-i)) * 500 * time.Second, Open: i%2 == 0, Last: noon.Add(-time.Duration(i) * time.Minute),
		})
	}
	b.Sources = append(b.Sources, holds.Source{Addr: netip.MustParseAddr("192.0.2.200"), Country: "US", Tally: holds.Tally{SYNs: 100 * n, First: noon, Last: noon}})
	for i, prefix := range []string{"203.0.113.0/24", "192.0.2.0/24"} {
		b.Networks = append(b.Networks, holds.Network{Prefix: netip.MustParsePrefix(prefix), Tally: tally(3 * i)})
	}
	for i, port := range []uint16{22, 3389, 445, 23} {
		b.Ports = append(b.Ports, holds.Port{Port: port, Tally: tally(2 * i)})
	}
	for i, code := range []string{"NL", "BR", "US", ""} {
		b.Countries = append(b.Countries, holds.Country{Code: code, Tally: tally(2 * i)})
	}
}

// sampleFlows gives a snapshot a flow table: the busiest flows and clients.
func sampleFlows(s *engine.Snapshot, n uint64) {
	s.Flows = engine.FlowTable{Room: 65_536, Open: 8117, Opening: 12, Closing: 204, Added: 30_000 * n, Adopted: 3, Clients: 341}
	states := []string{"established", "established", "closing", "established", "opening"}
	for i := range 12 {
		k := uint64(12 - i)
		f := engine.FlowSnapshot{
			Service: nameless, Server: []string{"web-01", "web-02", "web-06", "web-03", "6"}[i%5], Proto: wire.ProtoTCP, State: states[i%5],
			Client: netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(7 + i/2)}), uint16(40_000+i*777)), VIP: netip.MustParseAddrPort("10.0.0.10:80"),
			Started: s.Time.Add(-time.Duration(i*i) * 97 * time.Second), Seen: s.Time.Add(-time.Duration(i*i/20) * time.Second),
			Traffic: engine.Traffic{Frames: k * k * 977 * n, Bytes: k * k * 61_013 * n}, Rate: k * k * 1250,
		}
		if i == 9 {
			f.Service, f.Server, f.Proto, f.State = "dns", "0", wire.ProtoUDP, "established"
			f.Client, f.VIP = netip.MustParseAddrPort("[2001:db8:77:1234:5678:9abc:def0:1]:5353"), netip.MustParseAddrPort("[fd77::10]:53")
		}
		s.TopFlows = append(s.TopFlows, f)
		if i%2 == 0 {
			s.TopClients = append(s.TopClients, engine.ClientSnapshot{
				Addr: f.Client.Addr(), Service: f.Service, Server: f.Server, Open: k, Opened: 10 * k, Started: f.Started.Add(-time.Hour), Seen: f.Seen,
				Bytes: 3 * f.Traffic.Bytes, Rate: 2 * f.Rate,
			})
		}
	}
	s.LatestClients = slices.Clone(s.TopClients)
	slices.Reverse(s.LatestClients)
	for i := range s.LatestClients {
		s.LatestClients[i].Seen = s.Time.Add(-time.Duration(3*i) * time.Second)
	}
}

func rule(a acl.Action, prefix string) acl.Rule {
	return acl.Rule{Action: a, Prefix: netip.MustParsePrefix(prefix)}
}

func sampleLists(n uint64) []engine.ListSnapshot {
	return []engine.ListSnapshot{
		{
			Name: "1", Default: acl.Permit, Uses: []string{"tarpit_acl"}, Misses: 12 * n, Hits: []uint64{88 * n, 0, 7 * n},
			Rules: []acl.Rule{rule(acl.Deny, "10.0.0.21/32"), rule(acl.Deny, "10.0.0.22/32"), rule(acl.Deny, "10.0.0.0/28")},
		},
		{
			Name: "office", Default: acl.Deny, Explicit: true, Uses: []string{"client_acl of default"}, Misses: 3 * n, Hits: []uint64{140_000 * n, 0, 0},
			Rules: []acl.Rule{rule(acl.Permit, "10.0.0.0/8"), {Action: acl.Deny, Country: "XX"}, rule(acl.Permit, "10.1.0.0/16")}, Dead: []int{3},
		},
	}
}

// hit is a connection that the tarpit took.
func hit(at time.Time, source, target string, port uint16) events.Event {
	return events.Event{Kind: events.TarpitHit, Time: at, Source: netip.MustParseAddr(source), Addr: netip.MustParseAddr(target), Port: port}
}

// busyHits is how many events of the tarpit busy brings; the first of them tells that
// busyTarget is captured.
const busyHits = 63

var busyTarget = netip.MustParseAddr("10.0.0.140")

// busy gives a fake some past: things that happened, and hits; the last of them
// completed its connection, and the one before gave up.
func busy(f *fake) {
	f.changes.Add(events.Event{Kind: events.Announced, Time: noon.Add(-time.Minute), Addr: netip.MustParseAddr("10.0.0.10")})
	f.changed("uid 1000 pid 77", "server 2 drain", noon.Add(-33*time.Second))
	f.changes.Add(events.Event{Kind: events.ServerLost, Time: noon.Add(-2 * time.Second), Service: nameless, Server: "web-04", Addr: netip.MustParseAddr("10.0.0.24"), Was: mac(4)})
	f.lines.Add(`time=2026-11-25T12:04:29.000Z level=WARN msg="server lost" server=web-04`)
	f.lines.Add("time=2026-11-25T12:04:30.000Z level=INFO msg=\x1b[2Jstatus\a in_frames_s=142")
	f.hits.Add(events.Event{Kind: events.TarpitCaptured, Time: noon.Add(-time.Minute), Addr: busyTarget})
	for i := range 60 {
		at := noon.Add(time.Duration(i-60) * time.Second / 2)
		f.hits.Add(hit(at, fmt.Sprintf("203.0.113.%d", 70+i%7), fmt.Sprintf("10.0.0.%d", 100+i%40), []uint16{22, 23, 445, 22, 3389, 22}[i%6]))
	}
	follow := func(kind events.Kind, source, target string, port uint16, held time.Duration) {
		e := hit(noon.Add(-time.Second/4), source, target, port)
		e.Kind, e.Held = kind, held
		f.hits.Add(e)
	}
	follow(events.TarpitEscaped, "203.0.113.72", "10.0.0.118", 3389, 3*time.Hour+5*time.Minute)
	follow(events.TarpitVerified, "203.0.113.73", "10.0.0.119", 22, 0)
}
