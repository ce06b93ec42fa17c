// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"unsafe"
)

// The kernel is asked for huge pages under a large table, and not under a small one.
func TestLargeTablesWantHugePages(t *testing.T) {
	if _, err := os.Stat("/sys/kernel/mm/transparent_hugepage"); err != nil {
		t.Skip("this kernel has no huge pages:", err)
	}
	for _, c := range []struct {
		flows int
		want  bool
	}{{1 << 20, true}, {1 << 16, false}} {
		table := New(c.flows, 16, Hooks{})
		middle := uintptr(unsafe.Pointer(&table.flows[c.flows/2]))
		if got := wantsHuge(t, middle); got != c.want {
			t.Errorf("%d flows: huge pages are wanted: %v", c.flows, got)
		}
	}
}

// wantsHuge says whether the memory at an address is flagged hg, see
// Documentation/filesystems/proc.rst of the kernel.
func wantsHuge(t *testing.T, at uintptr) bool {
	t.Helper()
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	inside := false
	for line := range strings.Lines(string(smaps)) {
		var first, last uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x ", &first, &last); n == 2 {
			inside = first <= at && at < last
		}
		if flags, is := strings.CutPrefix(line, "VmFlags:"); is && inside {
			return strings.Contains(flags, " hg ")
		}
	}
	t.Fatalf("no memory at %#x", at)
	return false
}
