// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"testing"
	"unsafe"
)

// Who cares for memory is told of that of large tables, whole, and of no other.
func TestMemoryOfLargeTablesIsTold(t *testing.T) {
	for _, c := range []struct{ flows, want int }{{1 << 20, 2}, {1 << 16, 0}} {
		var told [][]byte
		table := New(c.flows, 16, Hooks{Memory: func(b []byte) { told = append(told, b) }})
		if len(told) != c.want {
			t.Fatalf("%d flows: %d pieces of memory, want %d", c.flows, len(told), c.want)
		}
		if c.want > 0 && (len(told[0]) != c.flows*64 || unsafe.Pointer(&told[0][0]) != unsafe.Pointer(&table.flows[0])) {
			t.Errorf("%d bytes are not those of %d flows", len(told[0]), c.flows)
		}
	}
}
