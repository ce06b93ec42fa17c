// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"os"
	"runtime/debug"
	"unsafe"

	"golang.org/x/sys/unix"

	"cygnet/internal/config"
)

const (
	// entryBytes is what a flow or a client takes, its share of the index included:
	// see flow.New.
	entryBytes = 80

	// slack is how much garbage may pile up between two collections.
	slack = 8 << 20

	// seldom is the lowest percentage: a collection looks at little more than what
	// is not a flow table, for these hold no pointers, but it is not free.
	seldom = 5
)

// limitGarbage keeps the flow tables from doubling in memory: Go lets as much
// garbage pile up as there is live data, 100 MB for a million flows. GOGC in the
// environment decides otherwise.
func limitGarbage(cfg *config.Config, workers int) {
	if os.Getenv("GOGC") != "" {
		return
	}
	tables := int64(workers) * entryBytes * int64(cfg.ConnMax+cfg.ClientsMax)
	debug.SetGCPercent(int(max(seldom, 100*slack/(tables+slack))))
}

// hugePage is 2 MiB on amd64 and, with pages of 4 KiB, on arm64.
const hugePage = 2 << 20

// wantHuge asks for huge pages under memory that is looked into at random. A kernel
// that has none goes on with small ones.
func wantHuge(memory []byte) {
	head := int(-uintptr(unsafe.Pointer(unsafe.SliceData(memory))) % hugePage)
	if whole := (len(memory) - head) / hugePage * hugePage; whole > 0 {
		_ = unix.Madvise(memory[head:head+whole], unix.MADV_HUGEPAGE)
	}
}
