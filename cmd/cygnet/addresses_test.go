// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"cygnet/engine"
	"cygnet/internal/bpf"
	"cygnet/internal/link"
)

// capturing is a balancer of one IPv4 service that captures these.
func capturing(captured ...string) (cfg engine.Config) {
	cfg.Services = []engine.Service{{VIP: netip.MustParseAddr("10.77.0.10"), Port: 80, Proto: 6}}
	for _, p := range captured {
		cfg.Tarpit.Captured = append(cfg.Tarpit.Captured, netip.MustParsePrefix(p))
	}
	return cfg
}

// TestFiltersFollowWhatIsCaptured: each family asks for what tells of it, and the
// host's kernel sees none of it.
func TestFiltersFollowWhatIsCaptured(t *testing.T) {
	for _, tt := range []struct {
		captured     []string
		dhcp, ra, nd bool
	}{
		{nil, false, false, false},
		{[]string{"10.77.0.64/26"}, true, false, false},
		{[]string{"fd77::40/126"}, false, true, true},
		{[]string{"10.77.0.64/26", "fd77::40/126"}, true, true, true},
	} {
		cfg := capturing(tt.captured...)
		control, worker := controlFilter(cfg), workerFilter(cfg)
		if control.DHCP != tt.dhcp || control.RA != tt.ra || control.ND != tt.nd || worker.ND != tt.nd || worker.DHCP || worker.RA {
			t.Errorf("%v: control %+v, worker %+v", tt.captured, control, worker)
		}
		if _, has6 := families(cfg); has6 != tt.nd {
			t.Errorf("%v: IPv6 %t", tt.captured, has6)
		}
		for _, p := range cfg.Tarpit.Captured {
			if !slices.Contains(worker.Prefixes, p) || !slices.Contains(hostDrop(cfg).Prefixes, p) {
				t.Errorf("%v: worker %v, dropped for the host %v", tt.captured, worker.Prefixes, hostDrop(cfg).Prefixes)
			}
		}
	}
}

// TestHostDropByVLAN: the host's kernel keeps what comes for an address of ours on
// another network.
func TestHostDropByVLAN(t *testing.T) {
	addr := netip.MustParseAddr
	var cfg engine.Config
	for _, s := range []struct {
		vip  string
		vlan uint16
		port uint16
		held bool
	}{{"10.77.0.11", 20, 443, false}, {"10.77.0.10", 10, 0, false}, {"10.77.0.10", 10, 80, false}, {"10.77.0.10", 0, 80, true}} {
		cfg.Services = append(cfg.Services, engine.Service{VIP: addr(s.vip), VLAN: s.vlan, Port: s.port, Proto: 6, HostHeld: s.held})
	}
	cfg.Sources = []engine.Source{{Addr: addr("10.77.0.9"), VLAN: 10}, {Addr: addr("10.77.0.8")}}
	want := bpf.Drop{
		Prefixes: []netip.Prefix{netip.MustParsePrefix("10.77.0.8/32")},
		Ports:    []bpf.Port{{Addr: addr("10.77.0.10"), Proto: 6, Port: 80}},
		Tagged:   []bpf.Tagged{{VLAN: 10, Addr: addr("10.77.0.9")}, {VLAN: 10, Addr: addr("10.77.0.10")}, {VLAN: 20, Addr: addr("10.77.0.11")}},
	}
	if got := hostDrop(cfg); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestControlGroups: the groups of few captured addresses are joined, of many all is
// taken, and workers need none.
func TestControlGroups(t *testing.T) {
	group := func(a string) netip.Addr { return netip.MustParseAddr(a) }
	for _, tt := range []struct {
		name     string
		captured []string
		some     []netip.Addr
		n        int
		all      bool
	}{
		{"IPv4", []string{"10.77.0.64/26"}, nil, 0, false},
		{"few", []string{"10.77.0.64/26", "fd77::40/127"}, []netip.Addr{group("ff02::1"), group("ff02::1:ff00:40"), group("ff02::1:ff00:41")}, 3, false},
		{"of one group", []string{"fd77::40/128", "fd77:0:0:1::40/128"}, []netip.Addr{group("ff02::1"), group("ff02::1:ff00:40")}, 2, false},
		{"64", []string{"fd77::40/122"}, nil, 65, false},
		{"65", []string{"fd77::40/122", "fd77::80/128"}, nil, 0, true},
		{"very many", []string{"fd77::/64"}, nil, 0, true},
		{"up to the last address", []string{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"}, nil, 2, false},
	} {
		some, all := controlGroups(capturing(tt.captured...))
		if tt.some != nil && !slices.Equal(some, tt.some) || len(some) != tt.n || all != tt.all {
			t.Errorf("%s: groups %v, all %t", tt.name, some, all)
		}
		if g := groups(capturing(tt.captured...)); g != nil {
			t.Errorf("%s: a worker's groups %v", tt.name, g)
		}
	}
	// With a service of IPv6, its groups stay.
	cfg := capturing("fd77::/64")
	cfg.Services[0].VIP = netip.MustParseAddr("fd77::10")
	if some, all := controlGroups(cfg); !all || !slices.Equal(some, groups(cfg)) || len(some) != 2 {
		t.Errorf("groups %v, all %t", some, all)
	}
}

// TestSameFilters notices what the wire must be made fit for.
func TestSameFilters(t *testing.T) {
	for _, tt := range []struct {
		a, b engine.Config
		same bool
	}{
		{capturing("10.77.0.64/26"), capturing("10.77.0.64/26"), true},
		{capturing("10.77.0.64/26"), capturing("10.77.0.64/27"), false},
		{capturing(), capturing("fd77::/64"), false},
		{capturing("fd77::40/128"), capturing("fd77:0:0:1::40/128"), false},
	} {
		if got := sameFilters(tt.a, tt.b); got != tt.same {
			t.Errorf("%v and %v: %t", tt.a.Tarpit.Captured, tt.b.Tarpit.Captured, got)
		}
	}
}

// TestMachineRemembers: of each family the subnets that the interface last had, and
// every router.
func TestMachineRemembers(t *testing.T) {
	prefixes := func(words ...string) (all []netip.Prefix) {
		for _, w := range words {
			all = append(all, netip.MustParsePrefix(w))
		}
		return all
	}
	d := &daemon{}
	router := netip.MustParseAddr("10.88.0.1")
	d.machine(&link.Interface{Addrs: prefixes("10.77.0.5/24", "fd77::5/64", "fe80::5/64"), Routers: []netip.Addr{router}})
	m := d.machine(&link.Interface{Addrs: prefixes("10.78.0.5/24", "fe80::5/64")})
	if want := prefixes("fd77::5/64", "10.78.0.5/24"); !slices.Equal(m.Had, want) {
		t.Errorf("had %v, want %v", m.Had, want)
	}
	if !slices.Contains(m.Protected, router) {
		t.Errorf("protected %v, want %v, too", m.Protected, router)
	}
}
