// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"net/netip"
	"strings"
	"testing"

	"cygnet/acl"
	"cygnet/engine"
)

// TestDeny: from a source to a rule, which applies after y and not before.
func TestDeny(t *testing.T) {
	implied := func(s *Sight) { s.Snapshot.Lists[1].Explicit = false }
	unused := func(s *Sight) { s.Snapshot.Lists[1].Uses = []string{"client_acl of dns", "server 1 of dns"} }
	none := func(s *Sight) { s.Snapshot.Lists = s.Snapshot.Lists[:1] }
	empty := func(s *Sight) {
		l := &s.Snapshot.Lists[1]
		l.Name, l.Rules, l.Default, l.Explicit = "0", []acl.Rule{}, acl.Permit, false
	}
	there := func(s *Sight) {
		s.Snapshot.Lists[1].Rules = append([]acl.Rule{rule(acl.Permit, "10.0.0.0/8")}, rule(acl.Deny, "203.0.113.73/32"))
	}
	open := func(s *Sight) { s.Snapshot.Lists[1].Explicit, s.Snapshot.Lists[1].Default = false, acl.Permit }
	const ignore, deny = "begin\ntarpit_ignore from ", "begin\nacl office at 1 deny "
	const preview, one = "begin\nacl office at 1 deny 203.0.113.73\npreview", "begin\nacl office at 1 deny 203.0.113.73\ncommit"
	for _, c := range []struct {
		name   string
		change func(s *Sight)
		keys   []string
		asked  []string
		shows  string // before the last key
	}{
		{"only after y", nil, []string{"x", "enter", "y"}, []string{preview, one}, "list office is used as client_acl of default"},
		{"not after n", nil, []string{"x", "enter", "n"}, []string{preview}, "apply?"},
		{"not after enter", nil, []string{"x", "enter", "enter"}, []string{preview}, "apply?"},
		{"not after esc", nil, []string{"x", "esc"}, []string{}, "acl office at 1 deny"},
		{"of a source", nil, []string{"v", "x", "enter", "y"}, []string{deny + "203.0.113.76\npreview", deny + "203.0.113.76\ncommit"}, "apply?"},
		{"of a network", nil, []string{"v", "v", "x", "enter", "y"}, []string{deny + "203.0.113.0/24\npreview", deny + "203.0.113.0/24\ncommit"}, "apply?"},
		{"of a hold", nil, []string{"h", "h", "down", "x", "enter", "y"}, []string{deny + "203.0.113.75\npreview", deny + "203.0.113.75\ncommit"}, "apply?"},
		{"the rest stays as it is", implied, []string{"x", "enter", "y"}, []string{
			"begin\nacl office default deny\nacl office at 1 deny 203.0.113.73\npreview",
			"begin\nacl office default deny\nacl office at 1 deny 203.0.113.73\ncommit",
		}, "its default becomes explicit"},
		{"where the rest is permitted", open, []string{"x", "enter", "y"}, []string{preview, one}, "apply?"},
		{"of another service", unused, []string{"x", "enter", "y"}, []string{preview, one}, "client_acl of dns, server 1 of dns"},
		{"without a list", none, []string{"x", "enter", "y"}, []string{"begin\nacl 0 deny 203.0.113.73\npreview", "begin\nacl 0 deny 203.0.113.73\ncommit"}, "control_acl 0 also lets"},
		{"an empty list", empty, []string{"x", "enter", "y"}, []string{"begin\nacl 0 deny 203.0.113.73\npreview", "begin\nacl 0 deny 203.0.113.73\ncommit"}, "goes on permitting everybody else"},
		{"twice", there, []string{"x", "enter", "n"}, []string{preview}, "has this entry already, at 2"},
		{"read-only", nil, []string{"R", "x", "I", "enter"}, []string{}, "Tarpit"},
		{"no source in ports", nil, []string{"v", "v", "v", "x", "I", "y"}, []string{}, "Tarpit"},
		{"no source in countries", nil, []string{"h", "h", "h", "x", "I", "y"}, []string{}, "Tarpit"},
		{"ignored after y", nil, []string{"I", "enter", "y"},
			[]string{"begin\ntarpit_ignore from 203.0.113.73\npreview", "begin\ntarpit_ignore from 203.0.113.73\ncommit"}, "apply?"},
		{"not ignored after n", nil, []string{"v", "I", "enter", "n"}, []string{ignore + "203.0.113.76\npreview"}, "apply?"},
		{"a network is ignored", nil, []string{"v", "v", "I", "enter", "y"}, []string{ignore + "203.0.113.0/24\npreview", ignore + "203.0.113.0/24\ncommit"}, "apply?"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := driveTarpit(t, 160, 40)
			d.f.answer = func(line string) (string, error) {
				if strings.HasSuffix(line, "preview") {
					return "changes: something\ncaptured: 246 addresses, 0 more and 0 fewer than now\n", nil
				}
				return "note: this is without effect in this version\n", nil
			}
			if c.change != nil {
				snap := sample(d.m.live.snap.Time.Add(1), 3)
				d.f.set(func(s *Sight) { s.Snapshot = snap; c.change(s) })
				d.give(tickMsg(d.m.now))
			}
			d.press(c.keys[:len(c.keys)-1]...)
			d.shows(c.shows)
			d.press(c.keys[len(c.keys)-1])
			d.asked(c.asked...)
			if c.keys[len(c.keys)-1] == "y" && len(c.asked) > 0 {
				d.shows("(this is without effect in this version)")
			}
		})
	}
}

func TestDenialWarnings(t *testing.T) {
	list := func(explicit bool, def acl.Action, rules ...acl.Rule) engine.ListSnapshot {
		return engine.ListSnapshot{Name: "a", Explicit: explicit, Default: def, Rules: rules}
	}
	permit := rule(acl.Permit, "10.0.0.0/8")
	for _, c := range []struct {
		list engine.ListSnapshot
		line string
		want []string
	}{
		{list(false, acl.Permit), "acl a deny 10.0.0.1", []string{"no entries yet"}},
		{list(true, acl.Deny), "acl a deny 10.0.0.1", nil},
		{list(true, acl.Deny, permit), "acl a at 1 deny 10.0.0.1", nil},
		{list(false, acl.Deny, permit), "acl a at 1 deny 10.0.0.1", []string{"becomes explicit"}},
		{list(false, acl.Permit), "acl a permit 10.0.0.1", nil},
		{list(false, acl.Deny, permit), "acl a default deny", nil},
		{list(false, acl.Permit), "acl b deny 10.0.0.1", []string{"list b has no entries yet"}},
		{list(false, acl.Permit), "acl 0 deny 10.0.0.1", []string{"list 0 has no entries yet", "control_acl 0 also lets"}},
		{list(false, acl.Permit), "server 0 drain now deny", nil},
	} {
		m := &model{live: scene{reading: &reading{snap: &engine.Snapshot{Lists: []engine.ListSnapshot{c.list}}}}}
		got := m.denialWarnings(c.line)
		ok := len(got) == len(c.want)
		for i := range c.want {
			ok = ok && strings.Contains(got[i], c.want[i])
		}
		if !ok {
			t.Errorf("%+v, %q: %q, want %q", c.list, c.line, got, c.want)
		}
	}
}

func TestDenyWarnsOfOneself(t *testing.T) {
	f := newFake()
	busy(f)
	opt := f.options()
	opt.Own = netip.MustParseAddr("::ffff:203.0.113.73")
	d := drive(t, f, 120, 40)
	d.m.opt = opt
	d.press("4", "x", "enter")
	d.shows("this covers 203.0.113.73, where you come from yourself")
}

func TestClientList(t *testing.T) {
	for _, c := range []struct {
		lists []engine.ListSnapshot
		want  string
	}{
		{nil, "0"},
		{[]engine.ListSnapshot{{Name: "1", Uses: []string{"tarpit_acl"}}}, "0"},
		{[]engine.ListSnapshot{{Name: "1", Uses: []string{"tarpit_acl", "client_acl of web"}}, {Name: "2", Uses: []string{"client_acl of dns"}}}, "1"},
		{[]engine.ListSnapshot{{Name: "1", Uses: []string{"client_acl of web"}}, {Name: "2", Uses: []string{"client_acl of default"}}}, "2"},
	} {
		r := &reading{snap: &engine.Snapshot{Lists: c.lists}}
		if got := r.clientList(); got != c.want {
			t.Errorf("%v: list %s, want %s", c.lists, got, c.want)
		}
	}
}

// TestDeniedPrefix: what a line denies is read as the language writes it.
func TestDeniedPrefix(t *testing.T) {
	for line, covered := range map[string]bool{
		"acl 1 deny 10.1.0.1": true, "acl 1 at 3 deny 10.1.0.0/16 force": true, "acl 1 deny 10.1.0.0 255.255.0.0": true,
		"acl 1 deny ::ffff:10.1.0.1": true, "acl 1 deny 10.2.0.0/16": false, "acl 1 deny fe80::1": false,
		"acl 1 deny country SE": false, "acl 1 deny": false, "acl 1 permit 10.1.0.1": false,
	} {
		d := drive(t, newFake(), 80, 24)
		d.m.opt.Own = netip.MustParseAddr("10.1.0.1")
		warnings := strings.Join(d.m.denialWarnings(line), "; ")
		if got := strings.Contains(warnings, "this covers 10.1.0.1"); got != covered {
			t.Errorf("%q: covered %v, want %v: %s", line, got, covered, warnings)
		}
	}
}
