// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package geoip

import (
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/maxmind/mmdbwriter"
)

// About as many networks as GeoLite2-Country has, two thirds of them IPv4,
// scattered over 100 countries, of which two are asked for.
func BenchmarkLoad(b *testing.B) {
	const networks = 300_000
	r := rand.New(rand.NewPCG(1, 2))
	codes := make([]string, 100)
	for i := range codes {
		codes[i] = string([]byte{'A' + byte(i/10), 'A' + byte(i%10)})
	}
	entries := make([]entry, networks)
	for i := range entries {
		p := netip.PrefixFrom(netip.AddrFrom4([4]byte{11 + byte(i>>14), byte(i >> 6), byte(i << 2), 0}), 22)
		if i%3 == 0 {
			p = netip.PrefixFrom(netip.AddrFrom16([16]byte{0x2a, byte(i >> 16), byte(i >> 8), byte(i), 0}), 40)
		}
		entries[i] = entry{p.String(), country(codes[r.IntN(len(codes))])}
	}
	path := file(b, database(b, mmdbwriter.Options{}, entries...))
	b.ReportAllocs()
	for b.Loop() {
		c, err := Load(path, []string{"AA", "JJ"})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(c["AA"])+len(c["JJ"])), "prefixes")
	}
}
