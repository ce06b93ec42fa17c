// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/capture"
)

// TestTarpit shows what the engine is told, said or not.
func TestTarpit(t *testing.T) {
	for _, tt := range []struct {
		name string
		say  func(p *Tarpit)
		want engine.Tarpit
	}{
		{"nothing said", func(p *Tarpit) {}, engine.Tarpit{Policy: capture.Verify, Mode: engine.Persist, Limits: standardLimits}},
		{"as Pen", func(p *Tarpit) { p.Policy, p.Mode = "immediate", "synack" },
			engine.Tarpit{Policy: capture.Immediate, Mode: engine.SYNACK, Limits: standardLimits}},
		{"looking on", func(p *Tarpit) { p.Policy, p.Mode = "observe", "sink" },
			engine.Tarpit{Policy: capture.Observe, Mode: engine.Sink, Limits: standardLimits}},
		{"ports", func(p *Tarpit) { p.Ports = "22,80-90" },
			engine.Tarpit{Ports: engine.TarpitPorts{Ranges: []engine.PortRange{{First: 22, Last: 22}, {First: 80, Last: 90}}}, Limits: standardLimits}},
		{"plausible ports", func(p *Tarpit) { p.Ports = "plausible:6" }, engine.Tarpit{Ports: engine.TarpitPorts{Plausible: 6}, Limits: standardLimits}},
		{"whom to ignore", func(p *Tarpit) {
			p.Ignore = []Ignore{{From: prefixes("10.77.0.0/24")[0], Port: 22}, {To: prefixes("fd77::/64")[0]}}
		},
			engine.Tarpit{Ignore: []engine.Ignore{{From: prefixes("10.77.0.0/24")[0], Port: 22}, {To: prefixes("fd77::/64")[0]}}, Limits: standardLimits}},
		{"limits", func(p *Tarpit) {
			p.Limits = map[string]int{"source": 1, "network": 2, "total": 3, "bits": 4, "arp": 5, "verify": NoLimit}
		}, engine.Tarpit{Limits: engine.TarpitLimits{Source: 1, Network: 2, Total: 3, Bits: 4, ARP: 5}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := web()
			tt.say(&c.Tarpit)
			e, _ := c.Engine(eth1(), [16]byte{})
			if diff := cmp.Diff(tt.want, e.Tarpit, cmp.Comparer(samePrefix), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParsePorts(t *testing.T) {
	type ranges = []engine.PortRange
	for _, tt := range []struct {
		word string
		want engine.TarpitPorts
	}{
		{"all", engine.TarpitPorts{}},
		{"22", engine.TarpitPorts{Ranges: ranges{{First: 22, Last: 22}}}},
		{"1-65535", engine.TarpitPorts{Ranges: ranges{{First: 1, Last: 65535}}}},
		{"80,22-25,23-30,31,33,80", engine.TarpitPorts{Ranges: ranges{{First: 22, Last: 31}, {First: 33, Last: 33}, {First: 80, Last: 80}}}},
		{"22-30,23-25", engine.TarpitPorts{Ranges: ranges{{First: 22, Last: 30}}}},
		{"65535,1-65535", engine.TarpitPorts{Ranges: ranges{{First: 1, Last: 65535}}}},
		{"plausible:1", engine.TarpitPorts{Plausible: 1}},
		{"plausible:100", engine.TarpitPorts{Plausible: 100}},
	} {
		got, ok := ParsePorts(tt.word)
		if diff := cmp.Diff(tt.want, got); diff != "" || !ok {
			t.Errorf("%s: %t (-want +got):\n%s", tt.word, ok, diff)
		}
	}
	for _, word := range []string{"", "0", "65536", "25-22", "22,", ",22", "22-", "-22", "+22", " 22", "0x16", "22-23-24", "plausible:", "plausible:0",
		"plausible:101", "plausible:-1", "All", "all,22", "99999999999999999999"} {
		if p, ok := ParsePorts(word); ok {
			t.Errorf("%q is read as %v", word, p)
		}
	}
}

// TestLargeEntries: what permits more than a segment's worth, as it was entered,
// has to be allowed.
func TestLargeEntries(t *testing.T) {
	countries := acl.Countries{
		"NL": prefixes("10.77.0.0/21", "10.77.64.0/21", "fd77::/113"),
		"BE": prefixes("10.77.0.0/21", "10.77.64.0/21", "10.78.0.0/32"),
		"SE": prefixes("10.77.0.0/24", "fd77::/113", "fd78::/113", "fd79::/128"),
	}
	country := func(code string) acl.Rule { return acl.Rule{Action: acl.Permit, Country: code} }
	prefix := func(s string) acl.Rule { return acl.Rule{Action: acl.Permit, Prefix: netip.MustParsePrefix(s)} }
	const hint = "a smaller prefix; or, if that is meant: tarpit_allow_large"
	for _, tt := range []struct {
		name string
		rule acl.Rule
		want string
	}{
		{"4096", prefix("10.77.0.0/20"), ""},
		{"more", prefix("10.77.0.0/19"), "permits 10.77.0.0/19, which is 8192 IPv4 addresses, more than 4096"},
		{"Pen's", prefix("10.0.0.0/8"), "permits 10.0.0.0/8, which is 16777216 IPv4 addresses, more than 4096"},
		{"65536", prefix("fd77::/112"), ""},
		{"more of IPv6", prefix("fd77::/111"), "permits fd77::/111, which is 131072 IPv6 addresses, more than 65536"},
		{"far more", prefix("fd77::/64"), "permits fd77::/64, which is 2^64 or more IPv6 addresses, more than 65536"},
		{"denied", acl.Rule{Prefix: netip.MustParsePrefix("10.0.0.0/8")}, ""},
		{"a small country", country("NL"), ""},
		{"a larger one", country("BE"), "permits country BE, which is 4097 IPv4 addresses, more than 4096"},
		{"large in IPv6", country("SE"), "permits country SE, which is 65537 IPv6 addresses, more than 65536"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := web()
			c.TarpitList, c.Countries, c.Segments = "1", countries, prefixes("10.77.0.0/24")
			c.List("1").Append(acl.Rule{Prefix: netip.MustParsePrefix("10.77.0.66/32")})
			c.List("1").Append(tt.rule)
			var want []string
			if tt.want != "" {
				want = []string{"tarpit_acl 1: acl 1 line 2 " + tt.want, hint}
			}
			ps := c.Validate()
			if diff := cmp.Diff(want, said(ps)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if len(ps) > 0 && ps[0].Subject != SubjectTarpit {
				t.Errorf("subject %q", ps[0].Subject)
			}
			c.Tarpit.AllowLarge = true
			if ps := c.Validate(); ps != nil {
				t.Errorf("though it is allowed: %q", said(ps))
			}
			c.Tarpit.AllowLarge, c.TarpitList = false, ""
			if ps := c.Validate(); ps != nil {
				t.Errorf("of a list that is not the tarpit's: %q", said(ps))
			}
		})
	}
}
