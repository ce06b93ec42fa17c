// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/config"
)

// FuzzApply shows that no text panics, that what is refused leaves the base
// as it was and says why, and that what is taken is valid.
func FuzzApply(f *testing.F) {
	for _, s := range []string{
		whole,
		"acl 1 permit 10.0.0.0 255.0.0.0\nacl 1 at 1 deny fd00::/8\nno acl 1 at 2\nacl 1 default deny\ntarpit_acl 1",
		"service web listen [fd00::10]:80 any\nservice web server a address fd00::1 weight 2 prio 1 port 80\nservice web prio",
		"no server 0\nserver x address www1\nclient_acl office\nacl office permit 10.0.0.0/8",
		"source 10.77.0.9\nsegment 10.77.0.0/24\nsecret \"/a b\"\ndebug 3\nno service default",
		"poll\nno http\nidlers 0\nssl_x\nservice a no service b",
		"source 10.77.0.9\ncheck http path /ip status 204 body a b\nemergency 10.77.0.8:80\nabuse 10.77.0.7\ntracking 0\nno tracking",
		"no server 0 now\nno server 0\nserver 0 address 10.77.0.3\nno service x now\nidle opening 1 udp 604800\nserver 0 max 3 hard 2",
		"source 10.77.0.9 vlan 10\nservice b listen 10.77.0.10:80 vlan 10\nservice b server 0 address 10.77.0.1\nservice b check tcp",
		"listen\nserver\nno\nservice\nacl\n\"",
	} {
		f.Add(s)
	}
	base, _, problems := new(Parser).Apply(config.New(), lines(whole+"acl 1 permit 10.77.0.66\ntarpit_acl 1"))
	if problems != nil {
		f.Fatal(problems)
	}
	before := base.Clone()
	machine := config.Machine{Name: "eth1", Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.5/24")}}
	f.Fuzz(func(t *testing.T, text string) {
		cfg, notes, problems := (&Parser{Resolve: names}).Apply(base, lines(text))
		if diff := cmp.Diff(before, base, compare); diff != "" {
			t.Fatalf("%q changed the base (-before +after):\n%s", text, diff)
		}
		if len(problems) > 0 {
			if cfg != nil || notes != nil {
				t.Fatalf("%q: half taken: %v, %q", text, cfg, notes)
			}
			for _, p := range problems {
				if p.What == "" || strings.ContainsAny(p.What+p.Hint, "\n\x00") {
					t.Fatalf("%q: problem %q, hint %q", text, p.What, p.Hint)
				}
			}
			return
		}
		if ps := cfg.Validate(); len(ps) > 0 {
			t.Fatalf("%q: taken, and not valid: %v", text, ps)
		}
		if ps := cfg.ValidateOn(machine); len(ps) == 0 {
			cfg.Engine(machine, [16]byte{}) // must not panic on what is valid
		}
		again, _, problems := new(Parser).Apply(cfg, nil)
		if diff := cmp.Diff(cfg, again, compare); len(problems) > 0 || diff != "" {
			t.Fatalf("%q: nothing more to say, and yet %v:\n%s", text, problems, diff)
		}
	})
}
