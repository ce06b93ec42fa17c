// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package events

import (
	"strings"
	"testing"
)

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

func TestOneChannelStandsForSeveralRings(t *testing.T) {
	a, b, wake := NewRing[int](1), NewRing[int](1), make(chan struct{}, 1)
	stopA, stopB := a.Notify(wake), b.Notify(wake)
	for i, r := range []*Ring[int]{a, b} {
		r.Add(1)
		r.Add(2) // never blocks on a channel that is full
		select {
		case <-wake:
		default:
			t.Errorf("ring %d did not notify", i)
		}
	}
	stopA()
	stopB()
	a.Add(3)
	select {
	case <-wake:
		t.Error("notified after stop")
	default:
	}
	if a.End() != 3 || b.End() != 2 {
		t.Errorf("End is %d and %d, want 3 and 2", a.End(), b.End())
	}
}

// TestAddDoesNotAllocate while nobody waits in Arrival: hits come fast.
func TestAddDoesNotAllocate(t *testing.T) {
	r := NewRing[Event](4)
	r.Notify(make(chan struct{}, 1))
	if n := testing.AllocsPerRun(100, func() { r.Add(Event{}) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestEveryKindHasItsOwnName(t *testing.T) {
	seen := map[string]Kind{}
	for k := range kinds {
		for _, name := range []string{k.String(), "word " + k.Word()} {
			if other, ok := seen[name]; ok || name == "" || name == "word " {
				t.Errorf("kind %d is named %q, as kind %d", k, name, other)
			}
			seen[name] = k
		}
		if strings.Trim(k.Word(), "abcdefghijklmnopqrstuvwxyz_") != "" {
			t.Errorf("kind %d: the word %q is not of lower case and underscores", k, k.Word())
		}
		if got, ok := KindOf(k.Word()); got != k || !ok {
			t.Errorf("KindOf(%q) = %d, %v; want %d", k.Word(), got, ok, k)
		}
	}
	if _, ok := KindOf(kinds.Word()); ok {
		t.Errorf("KindOf(%q) is a kind", kinds.Word())
	}
}
