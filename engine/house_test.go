// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"testing"
	"time"
)

// Of thousands of servers a snapshot is made less often, but at least once a second.
func TestSnapshotsOfManyServersAreRarer(t *testing.T) {
	for servers, want := range map[int]int{0: 1, 399: 1, 400: 2, 4000: 10, 100_000: 10} {
		s := Snapshot{Services: []ServiceSnapshot{{Servers: make([]ServerSnapshot, servers/2)}, {Servers: make([]ServerSnapshot, servers-servers/2)}}}
		if got := s.rounds(); got != want {
			t.Errorf("%d servers: every %d rounds, want %d", servers, got, want)
		}
	}
	if longestRounds*houseEvery > time.Second {
		t.Errorf("a snapshot may be %v old", longestRounds*houseEvery)
	}
}
