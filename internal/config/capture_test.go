// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cygnet/acl"
	"cygnet/internal/wire"
)

func TestCaptured(t *testing.T) {
	tests := []struct {
		name string
		say  func(c *Config, m *Machine)
		want []string
	}{
		{"none without tarpit_acl", func(c *Config, m *Machine) { c.TarpitList = "" }, nil},
		{"one address", func(c *Config, m *Machine) { c.Lists["1"] = list("+10.77.0.66/32") }, []string{"10.77.0.66/32"}},
		{"all but the real hosts", func(c *Config, m *Machine) {
			c.Lists["1"] = list("-10.77.0.4/30")
			m.Addrs = prefixes("10.77.0.5/28")
		}, []string{ // less network, servers 1 and 2, VIP 10, broadcast 15
			"10.77.0.3/32", "10.77.0.8/31", "10.77.0.11/32", "10.77.0.12/31", "10.77.0.14/32"}},
		{"sources, gateways and other own addresses are not captured", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.77.0.64/29")
			c.Sources = sources(addr("10.77.0.64"))
			m.Gateways = []netip.Addr{addr("10.77.0.65")}
			m.HostAddrs = append(m.HostAddrs, addr("10.77.0.66"))
		}, []string{"10.77.0.67/32", "10.77.0.68/30"}},
		{"emergency and abuse servers are not captured", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.77.0.64/30")
			c.Services[0].Emergency, c.Services[0].Abuse = Host{Addr: addr("10.77.0.64")}, Host{Addr: addr("10.77.0.65")}
		}, []string{"10.77.0.66/31"}},
		{"first match wins", func(c *Config, m *Machine) {
			c.Lists["1"] = list("-10.77.0.65/32", "+10.77.0.64/31", "-10.77.0.64/30")
			c.List("1").SetDefault(acl.Deny)
		}, []string{"10.77.0.64/32"}},
		{"a segment instead of the interface's subnet", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.0.0.0/8")
			c.Segments = prefixes("10.99.0.0/30", "fd00::/64")
		}, []string{"10.99.0.1/32", "10.99.0.2/32"}},
		{"an IPv6 segment says nothing of IPv4", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.77.0.66/32", "+10.78.0.66/32")
			c.Segments = prefixes("fd00::/64")
		}, []string{"10.77.0.66/32"}},
		{"the subnet that the interface had, while it has none", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.77.0.10/32", "+10.77.0.66/32", "+10.78.0.66/32")
			m.Addrs, m.Had = prefixes("fd77::5/64"), prefixes("10.77.0.5/24")
		}, []string{"10.77.0.66/32"}},
		{"an address of another subnet than it had", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.77.0.66/32", "+10.78.0.66/32")
			m.Addrs, m.Had = prefixes("10.78.0.5/24"), prefixes("10.77.0.5/24")
		}, []string{"10.78.0.66/32"}},
		{"both families", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.77.0.66/32", "+fd77::40/126", "+fd78::/112")
			m.Addrs = append(m.Addrs, prefixes("fe80::1/64", "fd77::5/64")...)
		}, []string{"10.77.0.66/32", "fd77::40/126"}},
		{"a family without entries is left alone", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.77.0.66/32", "-10.77.0.0/24")
			c.List("1").SetDefault(acl.Deny)
			m.Addrs = append(m.Addrs, prefixes("fd77::5/64")...)
		}, []string{"10.77.0.66/32"}},
		{"IPv6 alone", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+fd77::40/127")
			m.Addrs = append(m.Addrs, prefixes("fd77::5/64")...)
		}, []string{"fd77::40/127"}},
		{"an IPv6 segment instead of the interface's subnet", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+fd77::40/127", "+fd78::40/127")
			m.Addrs = append(m.Addrs, prefixes("fd77::5/64")...)
			c.Segments = prefixes("fd78::/64")
		}, []string{"fd78::40/127"}},
		{"the IPv6 subnet that the interface had, while it has none", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+fd77::40/127", "+fd78::40/127")
			m.Addrs, m.Had = append(m.Addrs, prefixes("fe80::1/64")...), prefixes("fd77::5/64")
		}, []string{"fd77::40/127"}},
		{"real hosts of IPv6", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+fd77::40/124")
			m.Addrs = append(m.Addrs, prefixes("fd77::40/64")...)
			m.HostAddrs = append(m.HostAddrs, addr("fd77::41"))
			m.Gateways, m.Protected = []netip.Addr{addr("fd77::42")}, []netip.Addr{addr("fd77::43")}
			c.Sources, c.Tarpit.Exclude = sources(addr("fd77::44")), prefixes("fd77::45/128")
			add(c, "six", "fd77::46", 80, wire.ProtoTCP, "fd77::47")
		}, []string{"fd77::48/125"}},
		{"anycast addresses of a /64", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+fd77::/127", "+fd77::fdff:ffff:ffff:ff7f/128", "+fd77::fdff:ffff:ffff:ff80/121", "+fd77::ffff:ffff:ffff:ff80/121")
			m.Addrs = append(m.Addrs, prefixes("fd77::5/64")...)
		}, []string{"fd77::1/128", "fd77::fdff:ffff:ffff:ff7f/128", "fd77::ffff:ffff:ffff:ff80/121"}},
		{"anycast addresses of a /112", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+fd77::/127", "+fd77::ff70/124", "+fd77::ff80/121")
			c.Segments = prefixes("fd77::/112")
		}, []string{"fd77::1/128", "fd77::ff70/124"}},
		{"only the routers' anycast address of a small one", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+fd77::/112")
			c.Segments = prefixes("fd77::40/125")
		}, []string{"fd77::41/128", "fd77::42/127", "fd77::44/126"}},
		{"both ends of a /127 segment", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+fd77::/112")
			c.Segments = prefixes("fd77::40/127")
		}, []string{"fd77::40/127"}},
		{"all the rest of IPv6, as allowed", func(c *Config, m *Machine) {
			c.Lists["1"] = list("-fd77::/125", "-fd77::8000/113")
			c.Segments, c.Tarpit.AllowLarge = prefixes("fd77::/112"), true
		}, []string{"fd77::8/125", "fd77::10/124", "fd77::20/123", "fd77::40/122", "fd77::80/121", "fd77::100/120",
			"fd77::200/119", "fd77::400/118", "fd77::800/117", "fd77::1000/116", "fd77::2000/115", "fd77::4000/114"}},
		{"both ends of a /31 segment", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.0.0.0/8")
			c.Segments = prefixes("10.99.0.0/31")
		}, []string{"10.99.0.0/31"}},
		{"several segments, each without its edges", func(c *Config, m *Machine) {
			c.Lists["1"] = list("+10.0.0.0/8")
			c.Segments = prefixes("10.99.0.0/30", "10.98.0.0/30")
		}, []string{"10.98.0.1/32", "10.98.0.2/32", "10.99.0.1/32", "10.99.0.2/32"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, m := web(), eth1()
			c.TarpitList = "1"
			tt.say(c, &m)
			got, notices := c.captured(m)
			if diff := cmp.Diff(tt.want, asText(got)); diff != "" {
				t.Errorf("captured (-want +got):\n%s", diff)
			}
			if notices != nil {
				t.Errorf("notices = %q", notices)
			}
		})
	}
}

func asText(ps []netip.Prefix) (texts []string) {
	for _, p := range ps {
		texts = append(texts, p.String())
	}
	return texts
}

// TestCapturedWithoutSegment shows the list taken as it stands, less what no
// host has.
func TestCapturedWithoutSegment(t *testing.T) {
	c, m := web(), Machine{Name: "eth1"}
	c.TarpitList = "1"
	c.Lists["1"] = list("+10.99.0.0/30", "+127.0.0.0/8", "+224.0.0.0/3", "+169.254.0.0/16", "+0.0.0.0/8")
	got, notices := c.captured(m)
	if diff := cmp.Diff([]string{"10.99.0.0/30"}, asText(got)); diff != "" {
		t.Errorf("captured (-want +got):\n%s", diff)
	}
	want := []Notice{"tarpit_acl 1: eth1 has no IPv4 subnet and no segment is given, so all 4 addresses that the list permits are captured"}
	if diff := cmp.Diff(want, notices); diff != "" {
		t.Errorf("notices (-want +got):\n%s", diff)
	}
	c.Lists["1"] = list("+127.0.0.0/8")
	if got, notices := c.captured(m); len(got) != 0 || len(notices) != 1 ||
		notices[0] != "tarpit_acl 1: the list permits no IPv4 address that may be captured" {
		t.Errorf("captured %v, notices %q", got, notices)
	}
}

// TestIPv6Bounds: of IPv6 nothing is captured that no entry permits, unless that
// is allowed and within a segment.
func TestIPv6Bounds(t *testing.T) {
	const without = "tarpit_acl 1: eth1 has no IPv6 subnet and no segment is given, so "
	for _, tt := range []struct {
		name    string
		entries []string
		segment string
		large   bool
		want    []string
		notices []Notice
	}{
		{"as entered, without a segment", []string{"+fd77::40/127", "+fe80::/112", "+ff05::/112", "+::/112"}, "", false, []string{"fd77::40/127"},
			[]Notice{without + "all 2 addresses that the list permits are captured"}},
		{"nothing is left, without a segment", []string{"+fe80::/112"}, "", false, nil,
			[]Notice{"tarpit_acl 1: the list permits no IPv6 address that may be captured"}},
		{"the rest of everything is nobody's wish", []string{"+fd77::40/127", "-fd77::42/128"}, "", true, []string{"fd77::40/127"},
			[]Notice{without + "of IPv6 only what its entries permit is captured"}},
		{"the rest of a segment", []string{"+fd77::40/127", "-fd77::42/128"}, "fd77::/64", false, []string{"fd77::40/127"},
			[]Notice{"tarpit_acl 1: of IPv6 only what its entries permit is captured, and not all the rest of fd77::/64: that takes tarpit_allow_large"}},
		{"outside the segment", []string{"+fd77::40/127"}, "fd78::/64", false, nil,
			[]Notice{"tarpit_acl 1: the list permits no address within fd78::/64 that may be captured"}},
		{"more than can be counted, as allowed", []string{"+2000::/4"}, "", true, []string{"2000::/4"},
			[]Notice{without + "all 2^64 or more addresses that the list permits are captured"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, m := web(), eth1()
			c.TarpitList, c.Lists["1"], c.Tarpit.AllowLarge = "1", list(tt.entries...), tt.large
			if tt.segment != "" {
				c.Segments = prefixes(tt.segment)
			}
			got, notices := c.captured(m)
			if diff := cmp.Diff(tt.want, asText(got)); diff != "" {
				t.Errorf("captured (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.notices, notices); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCapturedIsWhatTheListSays holds the painted set against asking the list
// for every address of a small segment.
func TestCapturedIsWhatTheListSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, m := web(), Machine{Name: "eth1", Addrs: prefixes("10.77.0.5/27"), Gateways: []netip.Addr{addr("10.77.0.6")}}
		c.TarpitList = "1"
		l := c.List("1")
		for range rapid.IntRange(1, 12).Draw(t, "rules") {
			last := byte(rapid.IntRange(0, 63).Draw(t, "last"))
			p, _ := netip.AddrFrom4([4]byte{10, 77, 0, last}).Prefix(rapid.IntRange(24, 32).Draw(t, "bits"))
			l.Append(acl.Rule{Action: acl.Action(rapid.IntRange(0, 1).Draw(t, "action")), Prefix: p})
		}
		never := []netip.Addr{addr("10.77.0.0"), addr("10.77.0.1"), addr("10.77.0.2"), addr("10.77.0.5"),
			addr("10.77.0.6"), addr("10.77.0.10"), addr("10.77.0.31")}
		got, _ := c.captured(m)
		table := l.Compile(nil)
		for last := range 256 {
			a := netip.AddrFrom4([4]byte{10, 77, 0, byte(last)})
			permit, _ := table.Lookup(a)
			want := permit && last < 32 && !slices.Contains(never, a)
			if in := holds(got, a); in != want {
				t.Fatalf("%s captured %v, want %v, by %v of %v", a, in, want, got, l.Rules())
			}
		}
	})
}

func holds(ps []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(ps, func(p netip.Prefix) bool { return p.Contains(a) })
}

// BenchmarkCaptured is a list of scattered single hosts over a /16: the
// longest that an operator may wait for.
func BenchmarkCaptured(b *testing.B) {
	c, m := web(), Machine{Name: "eth1", Addrs: prefixes("10.77.0.5/16")}
	c.TarpitList = "1"
	for i := range 10000 {
		c.List("1").Append(acl.Rule{Action: acl.Action(i & 1),
			Prefix: netip.MustParsePrefix(fmt.Sprintf("10.77.%d.%d/32", i/125, i%125*2))})
	}
	for b.Loop() {
		c.captured(m)
	}
}
