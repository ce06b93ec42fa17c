// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
)

// random returns a list of n rules of IPv4, /16 to /32, the longer ones first.
func random(n int) (*List, []netip.Addr) {
	r := rand.New(rand.NewPCG(1, 2))
	l := &List{}
	addrs := make([]netip.Addr, n)
	for i := range addrs {
		v := r.Uint32()
		addrs[i] = netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
		l.Append(Rule{Action: Action(i % 2), Prefix: netip.PrefixFrom(addrs[i], 32-i*16/n)})
	}
	return l, addrs
}

func BenchmarkLookup(b *testing.B) {
	for _, n := range []int{1, 100, 10_000, 100_000} {
		l, addrs := random(n)
		table := l.Compile(nil)
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				table.Lookup(addrs[i%n])
			}
		})
	}
}

// A country as large as the largest of a GeoIP database, merged.
func BenchmarkCompileCountry(b *testing.B) {
	const prefixes = 50_000
	l, c := list("permit NL"), Countries{}
	for i := range prefixes {
		at := uint32(i) << 12
		addr := netip.AddrFrom4([4]byte{byte(at >> 24), byte(at >> 16), byte(at >> 8)})
		c["NL"] = append(c["NL"], netip.PrefixFrom(addr, 20+i%5))
	}
	b.ReportAllocs()
	for b.Loop() {
		l.compile(c)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				random(n)
			}
		})
	}
}

func BenchmarkSteps(b *testing.B) {
	l, _ := random(100_000)
	b.ReportAllocs()
	for b.Loop() {
		l.Steps()
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{100, 10_000, 100_000} {
		l, _ := random(n)
		b.Run(fmt.Sprintf("rules=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				l.compile(nil)
			}
		})
	}
}
