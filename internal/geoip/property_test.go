// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package geoip

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/maxmind/mmdbwriter"
	"github.com/oschwald/maxminddb-golang/v2"
	"go4.org/netipx"
	"pgregory.net/rapid"
)

// An address is in a country exactly if the database, asked for that address
// alone, says so; and no fewer prefixes would say the same.
func TestPrefixesAreWhatLookupSays(t *testing.T) {
	codes := []string{"AX", "BE", "NL"}
	// Addresses differ in one byte, so that all can be tried.
	v4 := func(b byte) netip.Addr { return netip.AddrFrom4([4]byte{1, 0, 0, b}) }
	v6 := func(b byte) netip.Addr { return netip.AddrFrom16([16]byte{0: 0x2a, 15: b}) }
	rapid.Check(t, func(rt *rapid.T) {
		var entries []entry
		for _, code := range codes { // so that none is without any
			entries = append(entries, entry{"9.0.0." + string('0'+code[0]%10) + "/32", country(code)})
		}
		for range rapid.IntRange(0, 20).Draw(rt, "networks") {
			addr := rapid.SampledFrom([]func(byte) netip.Addr{v4, v6}).Draw(rt, "family")
			p := netip.PrefixFrom(addr(rapid.Byte().Draw(rt, "last")), 0)
			p = netip.PrefixFrom(p.Addr(), p.Addr().BitLen()-rapid.IntRange(0, 8).Draw(rt, "host bits")).Masked()
			entries = append(entries, entry{p.String(), country(rapid.SampledFrom(codes).Draw(rt, "country"))})
		}
		db, err := maxminddb.OpenBytes(database(t, mmdbwriter.Options{
			IncludeReservedNetworks: true,
			DisableIPv4Aliasing:     rapid.Bool().Draw(rt, "no aliases"),
		}, entries...))
		if err != nil {
			rt.Fatal(err)
		}
		c, err := read(db, codes)
		if err != nil {
			rt.Fatal(err)
		}
		for b := range 256 {
			for _, a := range []netip.Addr{v4(byte(b)), v6(byte(b))} {
				var r record
				if err := db.Lookup(a).Decode(&r); err != nil {
					rt.Fatal(err)
				}
				for _, code := range codes {
					got := slices.ContainsFunc(c[code], func(p netip.Prefix) bool { return p.Contains(a) })
					if got != (r.code() == code) {
						rt.Fatalf("%v in %s: %v, but the database says %q", a, code, got, r.code())
					}
				}
			}
		}
		for _, code := range codes {
			var set netipx.IPSetBuilder
			for _, p := range c[code] {
				set.AddPrefix(p)
			}
			fewest, err := set.IPSet()
			if err != nil {
				rt.Fatal(err)
			}
			if diff := cmp.Diff(fewest.Prefixes(), c[code], cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
				rt.Fatalf("%s (-fewest +got):\n%s", code, diff)
			}
		}
	})
}
