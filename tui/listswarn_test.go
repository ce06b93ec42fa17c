// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cygnet/acl"
	"cygnet/engine"
)

func TestListWarnings(t *testing.T) {
	country := acl.Rule{Action: acl.Permit, Country: "SE"}
	open := []acl.Rule{rule(acl.Deny, "192.0.2.0/24")}                                 // the rest is permitted
	shut := []acl.Rule{rule(acl.Deny, "10.0.0.99/32"), rule(acl.Permit, "10.0.0.0/8")} // the rest is denied
	pit := []acl.Rule{rule(acl.Deny, "10.0.0.5/32"), rule(acl.Permit, "10.0.0.0/24")}
	list := func(fallback acl.Action, rules []acl.Rule, uses ...string) engine.ListSnapshot {
		return engine.ListSnapshot{Name: "1", Default: fallback, Rules: rules, Uses: uses}
	}
	const denied = "your own address 10.0.0.5 would be denied by list 1, which is client_acl of web"
	const captured = "your own address 10.0.0.5 would be captured by list 1, which is tarpit_acl"
	const toDeny = "changes: x\nacl 1: what matches no entry turns from permit to deny\n"
	web, tarpit := "client_acl of web", "tarpit_acl"
	for _, c := range []struct {
		name    string
		list    engine.ListSnapshot
		lines   string
		preview string
		want    []string
	}{
		{"denied", list(acl.Permit, open, web), "acl 1 at 1 deny 10.0.0.0/24", "", []string{denied}},
		{"with a mask", list(acl.Permit, open, web), "acl 1 at 1 deny 10.0.0.0 255.255.255.0 force", "", []string{denied}},
		{"alone", list(acl.Permit, open, web), "acl 1 deny 10.0.0.5", "", []string{denied}},
		{"mapped", list(acl.Permit, open, web), "acl 1 deny ::ffff:10.0.0.0/104", "", []string{denied}},
		{"another is denied", list(acl.Permit, open, web), "acl 1 deny 10.0.1.0/24", "", nil},
		{"denied behind a permit", list(acl.Deny, shut, web), "acl 1 deny 10.0.0.0/24", "", nil},
		{"the permit goes", list(acl.Deny, shut, web), "no acl 1 at 2", "", []string{denied}},
		{"another rule goes", list(acl.Deny, shut, web), "no acl 1 at 1", "", nil},
		{"the permit is edited", list(acl.Deny, shut, web), "no acl 1 at 2\nacl 1 at 2 permit 10.1.0.0/16", "", []string{denied}},
		{"the permit moves", list(acl.Deny, shut, web), "no acl 1 at 2\nacl 1 at 1 permit 10.0.0.0/8", "", nil},
		{"the default", list(acl.Permit, open, web), "acl 1 default deny", "", []string{denied}},
		{"the default stays", list(acl.Permit, open, web), "no acl 1 default", "", nil},
		{"the default turns", list(acl.Permit, open, web), "acl 1 permit 192.0.3.0/24", toDeny, []string{denied}},
		{"the default of another turns", list(acl.Permit, open, web), "acl 1 permit 192.0.3.0/24", strings.Replace(toDeny, "acl 1", "acl 11", 1), nil},
		{"the first entry", list(acl.Permit, nil, web), "acl 1 permit 192.0.3.0/24", "", []string{denied}},
		{"the first entry, a deny", list(acl.Permit, nil, web), "acl 1 deny 192.0.3.0/24", "", nil},
		{"was so before", list(acl.Deny, open, web), "acl 1 at 1 deny 10.0.0.0/24", "", nil},
		{"a country may decide", list(acl.Permit, append([]acl.Rule{country}, open...), web), "acl 1 deny 10.0.0.0/24", "", nil},
		{"before the country", list(acl.Permit, append([]acl.Rule{country}, open...), web), "acl 1 at 1 deny 10.0.0.0/24", "", []string{denied}},
		{"control_acl, and more", list(acl.Permit, open, "control_acl", "server a of web", "and 3 more"), "acl 1 at 1 deny 10.0.0.5", "",
			[]string{"your own address 10.0.0.5 would be denied by list 1, which is control_acl, the list of server a of web, and 3 more"}},
		{"not used", list(acl.Permit, open), "acl 1 at 1 deny 10.0.0.5", "", nil},
		{"captured", list(acl.Deny, pit, tarpit), "no acl 1 at 1", "", []string{captured}},
		{"captured by its own rule", list(acl.Deny, pit, tarpit), "acl 1 at 1 permit 10.0.0.0/28", "", []string{captured}},
		{"captured by the default", list(acl.Deny, []acl.Rule{rule(acl.Permit, "10.1.0.0/16")}, tarpit), "acl 1 deny 10.1.0.1",
			"acl 1: what matches no entry turns from deny to permit\n", []string{captured}},
		{"denied in the tarpit's list", list(acl.Permit, open, tarpit), "acl 1 at 1 deny 10.0.0.5", "", nil},
		{"captured before", list(acl.Permit, open, tarpit), "acl 1 permit 10.0.0.5", "", nil},
		{"no rule of the family", list(acl.Deny, nil, tarpit), "acl 1 deny 2001:db8::/32", "", nil},
		{"both", list(acl.Deny, pit, tarpit, web), "no acl 1 at 1", "", []string{captured}},
		{"no line of a list", list(acl.Permit, open, web), "server 0 disable", "", nil},
		{"two lists", list(acl.Permit, open, web), "acl 1 deny 10.0.0.5\nacl 2 deny 10.0.0.5", "", nil},
		{"no such list", list(acl.Permit, open, web), "acl 2 deny 10.0.0.5", "", nil},
		{"no such position", list(acl.Permit, open, web), "acl 1 at 9 deny 10.0.0.5", "", nil},
		{"sources", list(acl.Permit, open), "acl 1 deny 203.0.113.64/26", "", []string{"covers 2 of the 3 sources that the tarpit saw"}},
		{"the sources of a rule that goes", list(acl.Permit, open), "no acl 1 at 1", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := atLists(t, "", func([]engine.ListSnapshot) []engine.ListSnapshot { return []engine.ListSnapshot{c.list} })
			for _, source := range []string{"203.0.113.70", "203.0.113.71", "203.0.113.1", "203.0.113.70"} {
				d.f.hits.Add(hit(noon, source, "10.0.0.99", 22))
			}
			d.m.Update(tickMsg(noon.Add(time.Second / 2)))
			d.m.opt.Own = netip.MustParseAddr("::ffff:10.0.0.5")
			lines := strings.Split(c.lines, "\n")
			if diff := cmp.Diff(c.want, listWarnings(d.m, lines, c.preview)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			d.m.opt.Own = netip.Addr{}
			for _, w := range listWarnings(d.m, lines, c.preview) {
				if strings.Contains(w, "your own") {
					t.Errorf("an address that nobody knows: %s", w)
				}
			}
		})
	}
}

// TestListsWarningsShown: while it is typed, and before it is confirmed.
func TestListsWarningsShown(t *testing.T) {
	d := atLists(t, "captured: so many\n", func(all []engine.ListSnapshot) []engine.ListSnapshot {
		all[1].Rules = all[1].Rules[:1]
		return all
	})
	d.m.opt.Own = netip.MustParseAddr("10.0.0.5")
	d.press("right", "a").line("acl office at 1 deny 10.0.0.0/24").settled()
	d.shows("careful: your own address 10.0.0.5 would be denied by list office, which is")
	d.press("enter").shows("warning: your own address 10.0.0.5 would be denied by list office", "client_acl of default ")
	d.press("n", "x").shows("warning: your own address 10.0.0.5 would be denied by list office")
}

// TestRulingIsThatOfAList compares what is said of an address with what the
// compiled list says of it.
func TestRulingIsThatOfAList(t *testing.T) {
	addrs := rapid.Custom(func(rt *rapid.T) netip.Addr {
		if rapid.Bool().Draw(rt, "v4") {
			return netip.AddrFrom4([4]byte{10, 0, rapid.ByteRange(0, 1).Draw(rt, "net"), rapid.ByteRange(0, 15).Draw(rt, "host")})
		}
		return netip.AddrFrom16([16]byte{0x20, 1, 15: rapid.ByteRange(0, 15).Draw(rt, "host")})
	})
	rules := rapid.Custom(func(rt *rapid.T) acl.Rule {
		a := addrs.Draw(rt, "prefix")
		p, _ := a.Prefix(a.BitLen() - rapid.IntRange(0, 6).Draw(rt, "short by"))
		return acl.Rule{Action: acl.Action(rapid.IntRange(0, 1).Draw(rt, "action")), Prefix: p}
	})
	rapid.Check(t, func(rt *rapid.T) {
		var l acl.List
		for _, r := range rapid.SliceOfN(rules, 0, 8).Draw(rt, "rules") {
			l.Append(r)
		}
		table, a := l.Compile(nil), addrs.Draw(rt, "address")
		permit, _ := table.Lookup(a)
		r := ruling{l.Rules(), l.Default()}
		if got := r.is(a, acl.Permit); got != permit || r.is(a, acl.Deny) == permit {
			rt.Fatalf("%v of %v, default %v: permitted %v, want %v", a, r.rules, r.fallback, got, permit)
		}
		if got, want := r.captures(a), permit && table.HasFamily(a.Is4()); got != want {
			rt.Fatalf("%v of %v, default %v: captured %v, want %v", a, r.rules, r.fallback, got, want)
		}
	})
}
