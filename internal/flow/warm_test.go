// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"slices"
	"testing"
)

// Warm changes nothing that is seen, and allocates nothing, whatever the hashes
// are: of flows that are there and of some that are not, more than it takes at once.
func TestWarmChangesNothing(t *testing.T) {
	table := New(256, 16, Hooks{
		Count: func(uint32, int32) {}, Idle: func(uint32) *Idle { return &Idle{1000, 1000, 1000, 1000} }, Serves: func(uint32) bool { return true },
	})
	var hashes []uint64
	for i := range 3 * warmed {
		k := key(i)
		if i%2 == 0 {
			table.Assign(table.Add(k, 1, 1), uint32(i+1))
		}
		hashes = append(hashes, table.Hash(k))
	}
	servers := make([]uint32, len(hashes))
	flows, buckets := slices.Clone(table.flows), slices.Clone(table.index.buckets)
	if n := testing.AllocsPerRun(10, func() { table.Warm(hashes, servers) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	table.Warm(nil, nil)
	for i, got := range servers {
		f := table.Find(key(i), 1)
		if f != nil && got != f.Server() {
			t.Errorf("the server of flow %d is %d, not %d", i, f.Server(), got)
		}
	}
	if !slices.Equal(flows, table.flows) || !slices.Equal(buckets, table.index.buckets) {
		t.Error("the table is another")
	}
}
