// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/config"
)

const standardLimits = "source 200\nnetwork 1000\ntotal 20000\nbits 10000000\narp 100\nverify 50\n"

// TestTarpitLimits tells what is in force, said or not.
func TestTarpitLimits(t *testing.T) {
	base, _ := apply(t, config.New(), whole)
	for _, tt := range []struct{ lines, reply string }{
		{"tarpit_limit", standardLimits},
		{"tarpit_limit bits", "bits 10000000\n"},
		{"tarpit_limit source 5\ntarpit_limit", "source 5\n" + strings.Replace(standardLimits, "source 200", "source 5", 1)},
		{"tarpit_limit source off\ntarpit_limit source", "source off\nsource off\n"},
		{"tarpit_limit arp off\nno tarpit_limit arp", "arp off\narp 100\n"},
		{"tarpit_limit arp off\ntarpit_limit bits 5\nno tarpit_limit", "arp off\nbits 5\n" + standardLimits},
	} {
		r := new(Parser).Run(Request{Base: base, Lines: lines(tt.lines), Who: Who{Owner: true}, Live: true})
		if diff := cmp.Diff(tt.reply, r.Reply); diff != "" || len(r.Problems) > 0 {
			t.Errorf("%s: %v (-want +got):\n%s", tt.lines, r.Problems, diff)
		}
	}
	// What is the default all the same is not written.
	cfg, _ := apply(t, base, "tarpit_limit source 5\ntarpit_limit source 200\ntarpit_limit verify 7")
	if diff := cmp.Diff(map[string]int{"verify": 7}, cfg.Tarpit.Limits); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestTarpitCommandsAct: none is only kept for a later version.
func TestTarpitCommandsAct(t *testing.T) {
	_, notes := apply(t, config.New(), whole+`tarpit_policy observe
tarpit_mode sink
tarpit_ports 22,80
tarpit_ignore from 10.77.0.9 port 22
tarpit_exclude fd77::/64
tarpit_limit arp 5
tarpit_allow_large
tarpit_hook /bin/true
tarpit_accept /tmp/accept`)
	if len(notes) > 0 {
		t.Errorf("notes %q", notes)
	}
}

// TestLargeEntryIsRefused: while the tarpit uses a list, and with the way out of it.
func TestLargeEntryIsRefused(t *testing.T) {
	base, _ := apply(t, config.New(), whole+"acl 1 permit 10.77.0.66\ntarpit_acl 1")
	const large = "tarpit_acl 1: acl 1 line 2 permits 10.0.0.0/8, which is 16777216 IPv4 addresses, more than 4096"
	run := func(text string) Result {
		return new(Parser).Run(Request{Base: base, Lines: lines(text), Who: Who{Owner: true}, Live: true})
	}
	if r := run("acl 1 permit 10.0.0.0/8"); len(r.Problems) != 1 || r.Problems[0].What != large {
		t.Errorf("problems %v", r.Problems)
	}
	for _, text := range []string{"acl 2 permit 10.0.0.0/8", "tarpit_allow_large\nacl 1 permit 10.0.0.0/8", "acl 1 permit 10.77.16.0/20"} {
		if r := run(text); len(r.Problems) > 0 {
			t.Errorf("%s: %v", text, r.Problems)
		}
	}
	if r := run("tarpit_allow_large\nacl 1 permit 10.0.0.0/8\nno tarpit_allow_large"); len(r.Problems) != 1 {
		t.Errorf("taken back: %v", r.Problems)
	}
}
