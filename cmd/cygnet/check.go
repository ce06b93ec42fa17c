// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"fmt"
	"io"
	"net/netip"
	"slices"

	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/geoip"
)

// check judges what the arguments and their files say, and touches nothing: no
// interface is looked at, no name resolved, no socket opened.
func check(inv *invocation, stdout, stderr io.Writer) int {
	p := &command.Parser{Resolve: pretend(), Countries: geoip.Load}
	r := p.Run(command.Request{Base: inv.initial(), Lines: inv.all(), Who: command.Who{Name: "-F", Owner: true}})
	wrong := slices.DeleteFunc(slices.Clone(r.Problems), func(p *config.Problem) bool { return p.Missing })
	if len(wrong) > 0 {
		return refuse(stderr, wrong)
	}
	for _, n := range append(inv.notes, r.Notes...) {
		fmt.Fprintln(stderr, "cygnet: note:", n)
	}
	if len(r.Problems) > 0 {
		return show(stdout, stderr, "valid as an addition to a command line: "+r.Problems[0].What+"\n")
	}
	return show(stdout, stderr, "valid\n")
}

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
		// RFC 2544's block for benchmarks, and RFC 3849's for documentation.
		v6 := netip.MustParseAddr("2001:db8::").As16()
		v6[14], v6[15] = byte(n>>8), byte(n)
		return []netip.Addr{netip.AddrFrom4([4]byte{198, 18, byte(n >> 8), byte(n)}), netip.AddrFrom16(v6)}, nil
	}
}
