// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import "testing"

func TestRingTellsWhatASlowReaderLost(t *testing.T) {
	r := NewRing[Event](3)
	for i := range 5 {
		r.Add(Event{Kind: Kind(i)})
	}
	got, next, lost := r.Since(0)
	if lost != 2 || next != 5 || len(got) != 3 || got[0].Kind != 2 || got[2].Kind != 4 {
		t.Fatalf("Since(0) = %v, %d, %d; want the newest three, 5, 2", got, next, lost)
	}
	if got, _, lost := r.Since(next); len(got) != 0 || lost != 0 {
		t.Fatalf("Since(next) = %v, lost %d; want nothing", got, lost)
	}
}

func TestRingWakesItsReaders(t *testing.T) {
	r := NewRing[Event](1)
	arrived := r.Arrival()
	select {
	case <-arrived:
		t.Fatal("arrival before any event")
	default:
	}
	r.Add(Event{Kind: Announced})
	<-arrived
}

func TestEveryKindHasItsOwnName(t *testing.T) {
	seen := map[string]Kind{}
	for k := range kinds {
		name := k.String()
		if other, ok := seen[name]; ok || name == "" {
			t.Errorf("kind %d is named %q, as kind %d", k, name, other)
		}
		seen[name] = k
	}
}
