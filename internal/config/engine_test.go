// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/flow"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

func eth1() Machine {
	return Machine{
		Name:      "eth1",
		MAC:       wire.MAC{2, 0, 0, 0, 0, 1},
		Addrs:     prefixes("10.77.0.5/24"),
		HostAddrs: []netip.Addr{addr("127.0.0.1"), addr("10.77.0.5")},
	}
}

var standardLimits = engine.TarpitLimits{Source: 200, Network: 1000, Total: 20_000, Bits: 10_000_000, ARP: 100, Verify: 50}

func TestEngine(t *testing.T) {
	c := web()
	c.Sources = sources(addr("10.77.0.9"))
	c.Lists["1"] = list("+10.77.0.0/24")
	s := &c.Services[0]
	s.RoundRobin, s.ClientList = true, "1"
	s.Tracking = time.Minute // roundrobin knows no clients
	s.Stubborn, s.Panic, s.Gone = true, 40, []int{7}
	s.Emergency, s.Abuse = Host{Addr: addr("10.77.0.3")}, Host{Addr: addr("10.77.0.4"), Port: 80}
	s.Servers[0].Max, s.Servers[0].Hard = 10, 20
	s.Check.Kind = "none"
	s.Servers[1].Name, s.Servers[1].Weight, s.Servers[1].Prio = "b", 3, 2
	add(c, "held", "10.77.0.5", 53, wire.ProtoUDP, "10.77.0.1").Tracking = 0
	c.ConnMax, c.ClientsMax, c.Gone = 1000, 2000, []string{"old"}

	key := [16]byte{1, 2, 3}
	got, notices := c.Engine(eth1(), key)
	clients := &engine.List{Name: "1", Rules: []acl.Rule{{Action: acl.Permit, Prefix: prefixes("10.77.0.0/24")[0]}}, Uses: []string{"client_acl of default"}}
	idle := engine.Idle{Opening: 3 * time.Second, Established: 15 * time.Minute, Closing: 30 * time.Second, UDP: 2 * time.Minute}
	want := engine.Config{
		MAC:     wire.MAC{2, 0, 0, 0, 0, 1},
		Key:     sched.Key(key),
		Addrs:   prefixes("10.77.0.5/24"),
		Sources: []engine.Source{{Addr: addr("10.77.0.9")}},
		Lists:   []*engine.List{clients},
		Gone:    []string{"old"},
		Flows:   1000,
		Clients: 2000,
		Tarpit:  engine.Tarpit{Limits: standardLimits},
		Services: []engine.Service{
			{Name: "default", VIP: addr("10.77.0.10"), Port: 80, Proto: 6, Mode: sched.RoundRobin, Clients: clients, Servers: []engine.Server{
				{Number: 0, Addr: addr("10.77.0.1"), Max: 10, Hard: 20}, {Number: 1, Name: "b", Addr: addr("10.77.0.2"), Weight: 3, Prio: 2}},
				Stubborn: true, Tracking: engine.Untracked, Idle: idle, Panic: 40, Gone: []int{7},
				Emergency: &engine.Server{Number: -1, Name: "emergency", Addr: addr("10.77.0.3")},
				Abuse:     &engine.Server{Number: -2, Name: "abuse", Addr: addr("10.77.0.4")}},
			{Name: "held", VIP: addr("10.77.0.5"), Port: 53, Proto: 17, HostHeld: true, Idle: idle,
				Servers: []engine.Server{{Addr: addr("10.77.0.1"), Checked: true}}},
		},
	}
	if diff := cmp.Diff(want, got, compare, cmp.Comparer(func(a, b *acl.Table) bool { return true })); diff != "" {
		t.Errorf("engine.Config (-want +got):\n%s", diff)
	}
	if want := []Notice{"tracking is off under roundrobin"}; !slices.Equal(notices, want) {
		t.Errorf("notices = %q, want %q", notices, want)
	}
	if permit, _ := got.Services[0].Clients.Table.Lookup(addr("10.78.0.1")); permit {
		t.Error("list 1 permits a client that it does not name")
	}
	if got.Services[1].Clients != nil {
		t.Error("list 0 has no entries, and yet a lookup is compiled for it")
	}
}

// A country is what Config.Countries says: for clients, the tarpit and notices.
func TestCountriesOfLists(t *testing.T) {
	c := web()
	c.Countries = acl.Countries{"NL": prefixes("10.77.0.64/30")}
	c.TarpitList, c.Services[0].ClientList = "1", "1"
	c.List("1").Append(acl.Rule{Action: acl.Permit, Country: "NL"})
	c.List("1").Append(acl.Rule{Action: acl.Permit, Prefix: prefixes("10.77.0.65/32")[0]})
	got, notices := c.Clone().Engine(eth1(), [16]byte{})
	clients := got.Services[0].Clients.Table
	if permit, rule := clients.Lookup(addr("10.77.0.66")); !permit || rule != 1 {
		t.Errorf("Lookup of a client in NL = %v by rule %d, want true by rule 1", permit, rule)
	}
	if permit, _ := clients.Lookup(addr("10.77.0.68")); permit {
		t.Error("a client outside NL is permitted")
	}
	if diff := cmp.Diff(prefixes("10.77.0.64/30"), got.Tarpit.Captured, compare); diff != "" {
		t.Errorf("captured (-want +got):\n%s", diff)
	}
	if want := Notice("acl 1 line 2 can never match"); !slices.Contains(notices, want) {
		t.Errorf("notices = %q, want among them %q", notices, want)
	}
}

func TestMaxIdleIsThatOfTheFlowTable(t *testing.T) {
	if MaxIdle != flow.MaxIdle {
		t.Errorf("MaxIdle = %v, and the flow table's is %v", MaxIdle, flow.MaxIdle)
	}
}

func TestMode(t *testing.T) {
	tests := []struct {
		name string
		s    Service
		want sched.Mode
	}{
		{"none is hash", Service{}, sched.Hash},
		{"hash", Service{Hash: true}, sched.Hash},
		{"roundrobin before hash", Service{Hash: true, RoundRobin: true}, sched.RoundRobin},
		{"weight before roundrobin", Service{RoundRobin: true, Weight: true}, sched.Weight},
		{"leastconn before weight", Service{Weight: true, RoundRobin: true, LeastConn: true}, sched.LeastConn},
		{"prio before all", Service{Hash: true, RoundRobin: true, Weight: true, Prio: true, LeastConn: true}, sched.Prio},
		{"stubborn chooses nothing", Service{Stubborn: true}, sched.Hash},
	}
	for _, tt := range tests {
		if got := tt.s.Mode(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// TestNotices shows all that is told and stops nothing.
func TestNotices(t *testing.T) {
	tests := []struct {
		name string
		say  func(c *Config)
		want []Notice
	}{
		{"nothing to tell", func(*Config) {}, nil},
		{"limits that do not fit together", func(c *Config) { c.Services[0].Servers[1].Max, c.Services[0].Servers[1].Hard = 20, 10 }, []Notice{
			"server 1: max 20, for clients new to it, is above hard 10, for those that it knows"}},
		{"limits that do", func(c *Config) {
			c.Services[0].Servers[0].Max, c.Services[0].Servers[1].Max, c.Services[0].Servers[1].Hard = 20, 10, 20
		}, nil},
		{"tracking under roundrobin", func(c *Config) { c.Services[0].RoundRobin, c.Services[0].Tracking = true, time.Minute }, []Notice{
			"tracking is off under roundrobin"}},
		{"what Pen writes of tracking", func(c *Config) { c.Services[0].RoundRobin, c.Services[0].Tracking = true, 0 }, nil},
		{"a slow check", func(c *Config) { add(c, "dns", "10.77.0.11", 53, 17, "10.77.0.1").Timeout = 2500 * time.Millisecond }, []Notice{
			"service dns: check: the timeout, 2.5 s, is longer than the interval, 2 s: the next check waits for it"}},
		{"no check", func(c *Config) { c.Services[0].Timeout, c.Services[0].Check.Kind = time.Minute, "none" }, nil},
		{"abuse of nobody", func(c *Config) { c.Services[0].Abuse.Addr = addr("10.77.0.3") }, []Notice{
			"abuse: client_acl 0 permits everyone, so nobody is sent there"}},
		{"an emergency server elsewhere", func(c *Config) { c.Services[0].Emergency.Addr = addr("10.78.0.2") }, []Notice{
			"emergency 10.78.0.2: in no subnet of eth1, where it must be for its MAC address to be found"}},
		{"a server elsewhere", func(c *Config) { c.Services[0].Servers[1].Addr = addr("10.78.0.2") }, []Notice{
			"server 1 10.78.0.2: in no subnet of eth1, where it must be for its MAC address to be found"}},
		{"a server of a family without subnets", func(c *Config) { add(c, "six", "fd00::10", 80, 6, "fd00::1") }, nil},
		{"settings of nothing", func(c *Config) {
			c.RemoveService(DefaultService)
			add(c, "web", "10.77.0.10", 80, 6, "10.77.0.1")
			c.MakeService(DefaultService).RoundRobin = true
		}, []Notice{"service default has settings but neither a VIP nor servers: they do nothing"}},
		{"dead entries", func(c *Config) {
			c.Lists["office"] = list("+10.77.0.0/24", "-10.77.0.9/32", "-10.78.0.0/24", "+10.78.0.0/25")
		}, []Notice{
			"acl office line 2 can never match", "acl office line 4 can never match"}},
		{"clients of a list without entries", func(c *Config) { c.Services[0].ClientList = "3" }, []Notice{
			"client_acl 3: the list has no entries and permits everyone"}},
		{"clients of a list with only a default", func(c *Config) {
			c.Services[0].ClientList = "3"
			c.List("3").SetDefault(acl.Deny)
		}, nil},
		{"one list for the tarpit and the clients", func(c *Config) { c.TarpitList = "0"; c.Lists["0"] = list("+10.77.0.66/32") }, []Notice{
			"list 0 is tarpit_acl and also client_acl: the service answers only clients that it permits"}},
		{"tarpit of a list that was never mentioned", func(c *Config) { c.TarpitList = "9" }, []Notice{
			"tarpit_acl 9: the list has no entries, so nothing is captured"}},
		{"tarpit of a list with only a default", func(c *Config) { c.TarpitList = "9"; c.List("9").SetDefault(acl.Permit) }, []Notice{
			"tarpit_acl 9: the list has no entries, so nothing is captured"}},
		{"tarpit of IPv6 without a subnet", func(c *Config) { c.TarpitList = "9"; c.Lists["9"] = list("-fd00::/64") }, []Notice{
			"tarpit_acl 9: eth1 has no IPv6 subnet and no segment is given, so of IPv6 only what its entries permit is captured"}},
		{"tarpit of IPv6 by the default", func(c *Config) {
			c.TarpitList, c.Segments, c.Lists["9"] = "9", prefixes("fd00::/64"), list("-fd00::1/128")
		}, []Notice{
			"tarpit_acl 9: of IPv6 only what its entries permit is captured, and not all the rest of fd00::/64: that takes tarpit_allow_large"}},
		{"tarpit outside the subnet", func(c *Config) { c.TarpitList = "9"; c.Lists["9"] = list("+10.78.0.0/24") }, []Notice{
			"tarpit_acl 9: the list permits no address within 10.77.0.0/24 that may be captured"}},
		{"tarpit of what is never captured", func(c *Config) { c.TarpitList = "9"; c.Lists["9"] = list("+10.77.0.1/32", "+10.77.0.5/32") }, []Notice{
			"tarpit_acl 9: the list permits no address within 10.77.0.0/24 that may be captured"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := web()
			tt.say(c)
			if ps := c.Validate(); ps != nil {
				t.Fatalf("not valid: %q", said(ps))
			}
			e, got := c.Engine(eth1(), [16]byte{})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
			if c.TarpitList == "9" && len(e.Tarpit.Captured) > 0 {
				t.Errorf("captured %v", e.Tarpit.Captured)
			}
		})
	}
}

// A service on a VLAN has nothing to do with what the interface has untagged, and is
// as much in force as any.
func TestEngineOnAVLAN(t *testing.T) {
	c := web()
	c.Services[0].VLAN = 10
	c.Services[0].Servers[1].Addr = addr("10.78.0.2")
	c.Sources = []Source{{addr("10.77.0.9"), 10}, {addr("10.77.0.9"), 20}}
	m := Machine{
		Name: "eth1", Addrs: prefixes("10.77.0.10/28"), HostAddrs: []netip.Addr{addr("10.77.0.10")},
		Gateways: []netip.Addr{addr("10.77.0.10"), addr("10.77.0.9")},
	}
	if ps := append(c.Validate(), c.ValidateOn(m)...); len(ps) > 0 {
		t.Fatal(ps)
	}
	e, notices := c.Engine(m, [16]byte{})
	if s := e.Services[0]; s.VLAN != 10 || s.Disabled || s.HostHeld {
		t.Errorf("VLAN %d, disabled %v, held by the host %v; want 10, and neither", s.VLAN, s.Disabled, s.HostHeld)
	}
	want := []engine.Source{{Addr: addr("10.77.0.9"), VLAN: 10}, {Addr: addr("10.77.0.9"), VLAN: 20}}
	if diff := cmp.Diff(want, e.Sources, compare); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Notice{"source 10.77.0.9 vlan 20: no service is on that VLAN"}, notices); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}

	// The tarpit, without a service where it is.
	c.Sources = nil
	c.Lists["1"], c.TarpitList = list("+10.77.0.3/32"), "1"
	_, notices = c.Engine(m, [16]byte{})
	told := Notice("tarpit_acl 1: addresses are captured on the untagged network alone, and every service is on a VLAN")
	if !slices.Contains(notices, told) {
		t.Errorf("notices %q, want %q", notices, told)
	}
	add(c, "plain", "10.77.0.5", 80, 6, "10.77.0.6")
	if _, notices = c.Engine(m, [16]byte{}); slices.Contains(notices, told) {
		t.Errorf("notices %q, want nothing of VLANs", notices)
	}
}
