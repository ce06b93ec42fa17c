// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import "unsafe"

// hugeFrom is from what size on memory is told of: with less, most of a table's pages
// are known to the processor.
const hugeFrom = 16 << 20

// tell gives Memory all that is large.
func tell[T any](memory func([]byte), all []T) {
	size := len(all) * int(unsafe.Sizeof(*new(T)))
	if memory != nil && size >= hugeFrom {
		memory(unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(all))), size))
	}
}
