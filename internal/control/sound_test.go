// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"net/netip"
	"strings"
	"testing"

	"cygnet/acl"
	"cygnet/engine"
)

func TestUnsoundSnapshots(t *testing.T) {
	rules := func(rs ...acl.Rule) engine.ListSnapshot {
		return engine.ListSnapshot{Rules: rs, Hits: make([]uint64, len(rs))}
	}
	dead := func(l engine.ListSnapshot, at ...int) engine.ListSnapshot { l.Dead = at; return l }
	any4 := acl.Rule{Prefix: netip.MustParsePrefix("0.0.0.0/0")}
	for what, l := range map[string]engine.ListSnapshot{
		"hits without rules":   {Hits: []uint64{1}},
		"rules without hits":   {Rules: []acl.Rule{any4}},
		"a dead rule of none":  {Dead: []int{1}},
		"a dead rule 0":        dead(rules(any4, any4), 0, 1),
		"a dead rule too many": dead(rules(any4, any4), 3),
		"a rule of nothing":    rules(acl.Rule{}),
		"a rule of two things": rules(acl.Rule{Prefix: any4.Prefix, Country: "SE"}),
		"a country of tricks":  rules(acl.Rule{Country: "\x1b["}),
		"a name of tricks":     {Name: "\x1b[2J"},
		"a use of tricks":      {Uses: []string{"client_acl of \u202e"}},
	} {
		if err := sound(&engine.Snapshot{Lists: []engine.ListSnapshot{l}}); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
	for what, s := range map[string]engine.Snapshot{
		"a service":  {Services: []engine.ServiceSnapshot{{Service: engine.Service{Name: "a\n"}}}},
		"a server":   {Services: []engine.ServiceSnapshot{{Servers: []engine.ServerSnapshot{{Server: engine.Server{Name: "\x07"}}}}}},
		"a zone":     {Services: []engine.ServiceSnapshot{{Service: engine.Service{VIP: netip.MustParseAddr("fe80::1%\x1b[2J")}}}},
		"another":    {Sources: []engine.AddressSnapshot{{Addr: netip.MustParseAddr("fe80::1%\u202e")}}},
		"a check":    {Services: []engine.ServiceSnapshot{{Emergency: &engine.ServerSnapshot{Health: engine.Health{Check: "\x1b"}}}}},
		"a flow":     {TopFlows: []engine.FlowSnapshot{{Server: "\x1b[2J"}}},
		"its state":  {TopFlows: []engine.FlowSnapshot{{State: "\u202e"}}},
		"its peer":   {TopFlows: []engine.FlowSnapshot{{Client: netip.MustParseAddrPort("[fe80::1%\x1b]:1")}}},
		"a client":   {TopClients: []engine.ClientSnapshot{{Service: "\x1b"}}},
		"a late one": {LatestClients: []engine.ClientSnapshot{{Addr: netip.MustParseAddr("fe80::1%\x1b")}}},
		"a tarpit":   {Tarpit: engine.TarpitSnapshot{List: "\x7f"}},
	} {
		if err := sound(&s); err == nil {
			t.Errorf("the name of %s is a trick: taken", what)
		}
	}
	if err := sound(large()); err != nil {
		t.Errorf("%v", err)
	}
	if l := dead(rules(any4, acl.Rule{Country: "SE"}), 2); sound(&engine.Snapshot{Lists: []engine.ListSnapshot{l}}) != nil {
		t.Error("a sound list was refused")
	}
}

// TestSoundCleans: what a server says to a check does nothing to a terminal, and
// is not without end.
func TestSoundCleans(t *testing.T) {
	results := make([]engine.Result, mostResults+1)
	results[mostResults].Text = "dns \u00e9\x1b[2J"
	health := engine.Health{Why: strings.Repeat("x", 10000), Last: results}
	s := engine.Snapshot{
		Services: []engine.ServiceSnapshot{{Servers: []engine.ServerSnapshot{{Health: health}}}},
		TopFlows: make([]engine.FlowSnapshot, 1000), TopClients: make([]engine.ClientSnapshot, 1000), LatestClients: make([]engine.ClientSnapshot, 1000),
	}
	if err := sound(&s); err != nil {
		t.Fatal(err)
	}
	h := s.Services[0].Servers[0].Health
	if n := len(h.Last); n != mostResults || h.Last[n-1].Text != "dns ???[2J" || len(h.Why) != mostWords {
		t.Errorf("%d results, the last %q; %d bytes of words", n, h.Last[n-1].Text, len(h.Why))
	}
	if len(s.TopFlows) != engine.CensusRows || len(s.TopClients) != engine.CensusRows || len(s.LatestClients) != engine.CensusRows {
		t.Error("rows without end")
	}
}
