// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"runtime"
	"testing"

	"cygnet/internal/config"
)

func TestWorkersOf(t *testing.T) {
	for _, tt := range []struct{ said, cores, want int }{
		{0, 1, 1}, {0, 2, 1}, {0, 3, 2}, {0, 4, 3}, {0, 5, 4}, {0, 64, 4},
		{1, 64, 1}, {3, 1, 3}, {64, 2, 64},
	} {
		if got := workersOf(&config.Config{Workers: tt.said}, tt.cores); got != tt.want {
			t.Errorf("workers %d on %d CPUs: %d, want %d", tt.said, tt.cores, got, tt.want)
		}
	}
}

// TestMakeRoom: there is a turn for each worker and one more, and never fewer than
// there were.
func TestMakeRoom(t *testing.T) {
	was := runtime.GOMAXPROCS(1) // as on one CPU
	defer runtime.GOMAXPROCS(was)
	for _, tt := range []struct{ workers, want int }{{1, 2}, {4, 5}, {2, 5}} {
		makeRoom(tt.workers)
		if got := runtime.GOMAXPROCS(0); got != tt.want {
			t.Errorf("%d workers: room for %d, want %d", tt.workers, got, tt.want)
		}
	}
}
