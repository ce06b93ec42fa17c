// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"testing"

	"pgregory.net/rapid"

	"cygnet/internal/wire"
)

// TestMACSet compares it with a map, for few addresses, so that they meet.
func TestMACSet(t *testing.T) {
	mac := rapid.Custom(func(t *rapid.T) wire.MAC {
		few := rapid.ByteRange(0, 3)
		return wire.MAC{2, 0, 0, few.Draw(t, "byte"), few.Draw(t, "byte"), few.Draw(t, "byte")}
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(mac, 0, 70).Draw(t, "set")
		set, want := newMACSet(len(all)), map[wire.MAC]bool{}
		for _, m := range all {
			set.add(m)
			want[m] = true
		}
		for _, m := range append(rapid.SliceOfN(mac, 1, 20).Draw(t, "asked"), all...) {
			if set.has(m) != want[m] {
				t.Fatalf("%v in %v: %v", m, all, set.has(m))
			}
		}
	})
	if newMACSet(0).has(wire.MAC{2}) {
		t.Error("the empty set has an address")
	}
}
