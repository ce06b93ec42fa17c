// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"net/netip"
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
		"a service": {Services: []engine.ServiceSnapshot{{Service: engine.Service{Name: "a\n"}}}},
		"a server":  {Services: []engine.ServiceSnapshot{{Servers: []engine.ServerSnapshot{{Server: engine.Server{Name: "\x07"}}}}}},
		"a zone":    {Services: []engine.ServiceSnapshot{{Service: engine.Service{VIP: netip.MustParseAddr("fe80::1%\x1b[2J")}}}},
		"another":   {Sources: []engine.AddressSnapshot{{Addr: netip.MustParseAddr("fe80::1%\u202e")}}},
		"a tarpit":  {Tarpit: engine.TarpitSnapshot{List: "\x7f"}},
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
