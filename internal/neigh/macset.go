// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"math/bits"

	"cygnet/internal/wire"
)

// macSet is a set of MAC addresses that workers ask with each frame: a table that is
// half empty, where an address is at the place that its hash says or behind it. Zero is
// an empty place, as no host has that address.
type macSet []uint64

func newMACSet(n int) macSet { return make(macSet, 1<<bits.Len(uint(2*n+1))) }

func (s macSet) add(m wire.MAC) {
	for i := s.place(m.Uint64()); ; i = (i + 1) & (len(s) - 1) {
		if s[i] == 0 || s[i] == m.Uint64() {
			s[i] = m.Uint64()
			return
		}
	}
}

func (s macSet) has(m wire.MAC) bool {
	want := m.Uint64()
	for i := s.place(want); s[i] != 0; i = (i + 1) & (len(s) - 1) {
		if s[i] == want {
			return true
		}
	}
	return false
}

// place is where an address is looked for first: Fibonacci hashing, by 2^64 divided by
// the golden ratio.
func (s macSet) place(mac uint64) int {
	return int(mac*0x9e3779b97f4a7c15>>32) & (len(s) - 1)
}
