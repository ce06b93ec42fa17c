// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestAddrMapAgainstAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		addr := rapid.Custom(func(t *rapid.T) netip.Addr {
			low := rapid.ByteRange(0, 40).Draw(t, "low")
			if rapid.Bool().Draw(t, "v6") {
				return netip.AddrFrom16([16]byte{0: 0xfd, 15: low})
			}
			return netip.AddrFrom4([4]byte{10, 77, 0, low})
		})
		model := rapid.MapOf(addr, rapid.Int()).Draw(t, "entries")
		m := newAddrMap(model)
		for range 50 {
			a := addr.Draw(t, "a")
			want, known := model[a]
			if got, ok := m.get(a); got != want || ok != known {
				t.Fatalf("get(%s) = %d, %v; want %d, %v", a, got, ok, want, known)
			}
		}
		if _, ok := m.get(netip.Addr{}); ok {
			t.Fatal("the invalid address is known")
		}
	})
}
