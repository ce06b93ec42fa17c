// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"

	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/geoip"
)

// check judges what the arguments and their files say, and touches nothing: no
// interface is looked at, no name resolved, no socket opened.
func check(inv *invocation, stdout, stderr io.Writer) int {
	looked := false
	resolve := pretend()
	p := &command.Parser{Countries: geoip.Load, Resolve: func(host string) ([]netip.Addr, error) { looked = true; return resolve(host) }}
	r := p.Run(command.Request{Base: inv.initial(), Lines: inv.all(), Who: command.Who{Name: "-F", Owner: true}})
	wrong := slices.DeleteFunc(slices.Clone(r.Problems), func(p *config.Problem) bool { return p.Missing })
	if len(wrong) > 0 {
		return refuse(stderr, wrong)
	}
	if looked {
		r.Notes = append(slices.DeleteFunc(r.Notes, isPretended), "names of hosts are not looked up here")
	}
	for _, n := range append(inv.notes, r.Notes...) {
		fmt.Fprintln(stderr, "cygnet: note:", n)
	}
	if len(r.Problems) > 0 {
		return show(stdout, stderr, "valid as an addition to a command line: "+r.Problems[0].What+"\n")
	}
	return show(stdout, stderr, "valid\n")
}

// isPretended finds the notes about what pretend made up.
func isPretended(note string) bool {
	return strings.Contains(note, " is "+pretended4) || strings.Contains(note, " is "+pretended6)
}

// The blocks that pretend takes addresses from: RFC 2544's for benchmarks, and
// RFC 3849's for documentation.
const pretended4, pretended6 = "198.18.", "2001:db8::"

// pretend resolves names to addresses that no host has, each to its own:
// whether a name resolves is for the machine to say, when Cygnet starts.
func pretend() func(string) ([]netip.Addr, error) {
	known := map[string]int{}
	return func(host string) ([]netip.Addr, error) {
		n, ok := known[host]
		if !ok {
			n = len(known) + 1
			known[host] = n
		}
		v6 := netip.MustParseAddr(pretended6).As16()
		v6[14], v6[15] = byte(n>>8), byte(n)
		return []netip.Addr{netip.AddrFrom4([4]byte{198, 18, byte(n >> 8), byte(n)}), netip.AddrFrom16(v6)}, nil
	}
}
