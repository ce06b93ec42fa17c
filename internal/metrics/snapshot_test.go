// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"fmt"
	"net/netip"
	"time"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/capture"
	"cygnet/internal/holds"
	"cygnet/internal/wire"
)

// sourcesOf are sources that say s, and something for everything else.
func sourcesOf(s *engine.Snapshot) Sources {
	return Sources{
		Snapshot: func() *engine.Snapshot { return s },
		Link: func() (wire.LinkStats, bool) {
			return wire.LinkStats{KernelDrops: 1, RecvErrors: 2, SendTooLong: 3, SendFull: 4, SendDown: 5, SendOther: 6}, true
		},
		EventsLost: func() uint64 { return 7 },
		LogLost:    func() uint64 { return 8 },
		Interface:  "eth1", Version: "1.2.3", Revision: "abcdef",
	}
}

// full returns a snapshot, ticked half a second before now, in which everything
// happens that a metric can say.
func full(now time.Time) *engine.Snapshot {
	s := &engine.Snapshot{
		Time: now.Add(-time.Second / 2), Started: now.Add(-time.Hour), Generation: 3,
		In: traffic(1000), Out: traffic(900),
		Flows: engine.FlowTable{Room: 65536, Open: 23, Opening: 4, Closing: 9, Added: 1234, Unstored: 5, Adopted: 6, Clients: 8},
		Services: []engine.ServiceSnapshot{
			{
				Service: engine.Service{Name: "default", VIP: addr("10.77.0.10"), Port: 80, Proto: wire.ProtoTCP},
				Address: engine.AddressSnapshot{Addr: addr("10.77.0.10"), State: engine.Held},
				Traffic: traffic(600), Serving: engine.ServingEmergency, Flows: 20,
				Emergency: &engine.ServerSnapshot{Server: engine.Server{Number: -1, Name: "emergency", Addr: addr("10.77.0.4")}, MAC: mac(4), Flows: 5},
				Abuse:     &engine.ServerSnapshot{Server: engine.Server{Number: -2, Name: "abuse", Addr: addr("10.77.0.4")}, MAC: mac(4)},
				Servers: []engine.ServerSnapshot{
					{Server: engine.Server{Number: 0, Addr: addr("10.77.0.1")}, MAC: mac(1), Traffic: traffic(400), Flows: 12, Opened: 120, Retried: 3,
						Health: engine.Health{Check: "tcp", State: engine.HealthDown, Last: []engine.Result{{Took: time.Second}, {Took: 2 * time.Millisecond}}}},
					{Server: engine.Server{Number: 1, Name: "big", Addr: addr("10.77.0.2"), Weight: 5, State: engine.Draining}, MAC: mac(2), Traffic: traffic(200)},
					{Server: engine.Server{Number: 2, Addr: addr("10.77.0.3"), State: engine.Blacklisted}, Health: engine.Health{State: engine.HealthUnchecked}},
					{Server: engine.Server{Number: 7, Addr: addr("10.77.0.7"), State: engine.Leaving}, MAC: mac(7), Flows: 3},
					{Server: engine.Server{Number: 0, Addr: addr("10.77.0.1"), State: engine.Leaving}, MAC: mac(1), Flows: 99}, // is the first one's series
				},
			},
			{
				Service: engine.Service{Name: "dns", VIP: addr("2001:db8::53"), Proto: wire.ProtoUDP, Disabled: true},
				Address: engine.AddressSnapshot{Addr: addr("2001:db8::53"), State: engine.Taken, Rival: mac(9)},
				Servers: []engine.ServerSnapshot{
					{Server: engine.Server{Number: 0, Addr: addr("2001:db8::1"), State: engine.Disabled}, MAC: mac(1)},
				},
			},
			{Service: engine.Service{Name: "dns", VIP: addr("2001:db8::53"), Proto: wire.ProtoUDP, Leaving: true}}, // is the second one's series
			{Service: engine.Service{Name: "all", VIP: addr("10.77.0.11")}},
		},
		Lists: []engine.ListSnapshot{
			{
				Name:   "0",
				Rules:  []acl.Rule{deny("10.0.0.0/8"), {Action: acl.Deny, Country: "SE"}, deny("10.0.0.0/8"), permit("2001:db8::/32")},
				Hits:   []uint64{10, 20, 1, 30},
				Misses: 40, Default: acl.Permit,
			},
			{Name: "empty", Default: acl.Permit},
		},
		Tarpit: engine.TarpitSnapshot{
			List: "1", Addresses: 200, HitsLost: 5,
			Capture: capture.Counts{
				Free: 61, Verifying: 62, Suspended: 63, Owned: 64, Captures: 65, Conflicts: 66, ARPReplies: 67, NDReplies: 68, Repairs: 69,
				Questions: 70, RepliesLimited: 71, VerifyLimited: 72, NoRoom: 73,
			},
			Holds: &holds.Stats{
				Now: 51, Total: 99 * time.Hour, Seconds: 52, Verified: 53, Unverified: 54, Escaped: 55, Backscatter: 56, Bytes: 57,
				Sources: []holds.Source{{Addr: addr("192.0.2.9"), Country: "SE"}}, // no series: anybody could make more
			},
		},
	}
	for r := range s.Reasons {
		s.Reasons[r] = traffic(uint64(r))
	}
	return s
}

func traffic(frames uint64) engine.Traffic {
	return engine.Traffic{Frames: frames, Bytes: 100 * frames}
}

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func mac(last byte) wire.MAC { return wire.MAC{2, 0, 0, 0, 0, last} }

func permit(prefix string) acl.Rule {
	return acl.Rule{Action: acl.Permit, Prefix: netip.MustParsePrefix(prefix)}
}

func deny(prefix string) acl.Rule {
	return acl.Rule{Action: acl.Deny, Prefix: netip.MustParsePrefix(prefix)}
}

// large returns a snapshot of a service with many servers and a list with many
// rules, each of which decided once.
func large(servers, rules int) *engine.Snapshot {
	svc := engine.ServiceSnapshot{Service: engine.Service{Name: "web", VIP: addr("10.77.0.10")}}
	for i := range servers {
		svc.Servers = append(svc.Servers, engine.ServerSnapshot{
			Server: engine.Server{Number: i, Addr: netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)})},
		})
	}
	list := engine.ListSnapshot{Name: "black"}
	for i := range rules {
		list.Rules = append(list.Rules, deny(fmt.Sprintf("192.%d.%d.0/24", i>>8, i&255)))
		list.Hits = append(list.Hits, 1)
	}
	return &engine.Snapshot{Services: []engine.ServiceSnapshot{svc}, Lists: []engine.ListSnapshot{list}}
}
