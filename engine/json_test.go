// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cygnet/acl"
	"cygnet/internal/capture"
	"cygnet/internal/holds"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// full returns a snapshot in which everything is set.
func full() Snapshot {
	at := time.Date(2026, 11, 26, 5, 0, 0, 123456789, time.UTC)
	traffic := Traffic{Frames: 1<<64 - 1, Bytes: 7}
	addr := AddressSnapshot{Addr: netip.MustParseAddr("fd77::10"), VLAN: 10, State: Disputedly, Rival: wire.MAC{2, 0, 0, 0, 0, 7}}
	srv := ServerSnapshot{
		Server: Server{Number: 1, Name: "a", Addr: netip.MustParseAddr("10.77.0.1"), Weight: 2, Prio: 3, Max: 4, Hard: 5, State: Blacklisted, Until: at, Checked: true},
		MAC:    serverMAC, Traffic: traffic, Flows: 5, Opened: 6, Retried: 7,
		Health: Health{
			State: HealthUnchecked, Check: "http", Soft: true, Why: "http 503 from VIP", Since: at, Turn: 1, Turns: 2, Held: at,
			Last: []Result{{Time: at, Took: time.Millisecond, Pass: true, Text: "http 200"}},
		},
	}
	client := ClientSnapshot{Addr: vipAddr, Service: "web", Server: "a", Open: 1, Opened: 2, Started: at, Seen: at, Bytes: 3, Rate: 4}
	s := Snapshot{
		Time: at, Started: at.Add(-time.Hour), Generation: 3, MAC: ourMAC, In: traffic, Out: Traffic{1, 2},
		Services: []ServiceSnapshot{{
			Service: Service{
				Name: "web", VIP: vipAddr, VLAN: 10, Port: 80, Proto: wire.ProtoTCP, Mode: sched.Prio, HostHeld: true, Disabled: true, Leaving: true,
				Stubborn: true, Tracking: time.Minute, Idle: Idle{1, 2, 3, 4}, Panic: 50,
			},
			Address: addr, Traffic: traffic, Servers: []ServerSnapshot{srv}, Emergency: &srv, Abuse: &srv, Serving: ServingPanic, Flows: 8,
		}},
		Sources: []AddressSnapshot{addr},
		Lists: []ListSnapshot{{
			Name: "0", Default: acl.Permit, Explicit: true, Dead: []int{2}, Uses: []string{"tarpit_acl"}, Hits: []uint64{1, 2}, Misses: 3,
			Rules: []acl.Rule{{Action: acl.Permit, Country: "NL", Prefix: netip.MustParsePrefix("10.0.0.0/8")}},
		}},
		Tarpit: TarpitSnapshot{
			Policy: capture.Observe, List: "0", Addresses: 1, HitsLost: 2, Capture: capture.Counts{
				Passive: true, Free: 1, Verifying: 2, Suspended: 3, Owned: 4, Captures: 5, Conflicts: 6, ARPReplies: 7, NDReplies: 8, Repairs: 9,
				Questions: 10, RepliesLimited: 11, VerifyLimited: 12, NoRoom: 13,
			}, Holds: fullHolds(at),
		},
		Standby: true,
		Flows:   FlowTable{1, 2, 3, 4, 5, 6, 7, 8},
		TopFlows: []FlowSnapshot{{
			Service: "web", Server: "a", Client: netip.AddrPortFrom(vipAddr, 9), VIP: netip.AddrPortFrom(vipAddr, 80), Proto: wire.ProtoTCP,
			State: "opening", Started: at, Seen: at, Traffic: traffic, Rate: 5,
		}},
		TopClients: []ClientSnapshot{client}, LatestClients: []ClientSnapshot{client},
	}
	for r := range s.Reasons {
		s.Reasons[r] = Traffic{Frames: uint64(r) + 1, Bytes: uint64(r) + 2}
	}
	return s
}

func fullHolds(at time.Time) *holds.Stats {
	did := holds.Tally{SYNs: 1, Verified: 2, Now: 3, Held: time.Hour, First: at, Last: at}
	end := netip.AddrPortFrom(vipAddr, 22)
	return &holds.Stats{
		Now: 1, Total: time.Hour, Verified: 2, Unverified: 3, Escaped: 4, Backscatter: 5, Bytes: 6,
		Sources:   []holds.Source{{Addr: vipAddr, Country: "NL", Tally: did}},
		Networks:  []holds.Network{{Prefix: netip.MustParsePrefix("10.0.0.0/24"), Tally: did}},
		Ports:     []holds.Port{{Port: 22, Tally: did}},
		Countries: []holds.Country{{Code: "NL", Tally: did}},
		Longest:   []holds.Hold{{Source: end, Captured: end, Country: "NL", Held: time.Hour, Open: true, Last: at}},
	}
}

// unset lists what is zero in v, so that a new field is not forgotten above.
func unset(path string, v reflect.Value) (zero []string) {
	switch {
	case strings.HasSuffix(path, ".Server.Clients"), slices.Contains([]string{
		".Services.Service.Clients", ".Services.Service.Servers", ".Services.Service.Emergency", ".Services.Service.Abuse", ".Services.Service.Gone",
	}, path):
	case v.IsZero():
		return []string{path}
	case v.Type().PkgPath() != "cygnet/engine" && v.Kind() == reflect.Struct:
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			zero = append(zero, unset(path+"."+v.Type().Field(i).Name, v.Field(i))...)
		}
	case v.Kind() == reflect.Pointer:
		return unset(path, v.Elem())
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			zero = append(zero, unset(path, v.Index(i))...)
		}
	}
	return zero
}

var plain = cmpopts.EquateComparable(netip.Addr{}, netip.AddrPort{}, netip.Prefix{})

func TestSnapshotReadsBackFromJSON(t *testing.T) {
	want := full()
	if zero := unset("", reflect.ValueOf(want)); zero != nil {
		t.Fatalf("the full snapshot lacks %v", zero)
	}
	e := newFarm(t, farm(2))
	ask(t, e)
	e.publish()
	for name, want := range map[string]Snapshot{"full": want, "zero": {}, "running": *e.Snapshot()} {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Snapshot
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatalf("%s: %v in %s", name, err, b)
		}
		if diff := cmp.Diff(want, got, plain); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Keys are lower_snake_case, and a service's servers are there once.
func TestSnapshotKeys(t *testing.T) {
	b, err := json.Marshal(full())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range regexp.MustCompile(`"[^"]*":`).FindAllString(string(b), -1) {
		if !regexp.MustCompile(`^"[a-z0-9]+(_[a-z0-9]+)*":$`).MatchString(key) {
			t.Errorf("key %s", key)
		}
	}
	if n := strings.Count(string(b), `"servers":`); n != 1 {
		t.Errorf("servers are there %d times in %s", n, b)
	}
	for _, part := range []string{`"state":"disputed"`, `"state":"blacklist"`, `"mode":"prio"`, `"no_server":{"frames":`, `"mac":"02:00:00:00:00:ff"`} {
		if !strings.Contains(string(b), part) {
			t.Errorf("no %s in %s", part, b)
		}
	}
}

func TestUnknownWords(t *testing.T) {
	var s Snapshot
	const newer = `{"reasons":{"eaten":{"frames":1,"bytes":1},"forwarded":{"frames":2,"bytes":120}},"weather":"fair"}`
	if err := json.Unmarshal([]byte(newer), &s); err != nil || s.Reasons != (ReasonCounts{Forwarded: {2, 120}}) {
		t.Errorf("of a newer version: %v, %v", s.Reasons, err)
	}
	for _, bad := range []string{
		`{"sources":[{"state":"unknown"}]}`, `{"services":[{"servers":[{"state":"gone"}]}]}`,
		`{"services":[{"mode":"fastest"}]}`, `{"mac":"02"}`, `{"reasons":[1]}`,
	} {
		if err := json.Unmarshal([]byte(bad), &s); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// Every state has its own word and reads back from it.
func TestStatesReadBackFromTheirWords(t *testing.T) {
	for want := range addressStates {
		got := addressStates
		if err := got.UnmarshalText([]byte(want.String())); err != nil || got != want {
			t.Errorf("%v became %v, %v", want, got, err)
		}
	}
	for want := Enabled; want <= Disabled; want++ {
		got := ServerState(9)
		if err := got.UnmarshalText([]byte(want.String())); err != nil || got != want {
			t.Errorf("%v became %v, %v", want, got, err)
		}
	}
}
