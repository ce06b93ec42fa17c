// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"syscall"
	"unsafe"
)

const (
	hugePage = 2 << 20 // of amd64 and, with pages of 4 KiB, of arm64

	// hugeFrom is from what size on memory is worth huge pages: with less, most of a
	// table's pages are known to the processor, and each that is touched at all would
	// cost 2 MiB.
	hugeFrom = 16 << 20
)

// wantHuge asks the kernel for huge pages under all that is large: flows are looked up
// at random, and a million of them are in 25 000 small pages, each of which takes
// the processor a walk through its tables. A kernel that has none goes on with small
// ones.
func wantHuge[T any](all []T) {
	if len(all) == 0 {
		return
	}
	size := len(all) * int(unsafe.Sizeof(all[0]))
	if size < hugeFrom {
		return
	}
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(all))), size)
	head := int(-uintptr(unsafe.Pointer(&b[0])) % hugePage)
	_ = syscall.Madvise(b[head:head+(size-head)/hugePage*hugePage], syscall.MADV_HUGEPAGE)
}
