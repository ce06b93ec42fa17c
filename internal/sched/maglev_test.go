// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The worked example of the Maglev paper, table 1: three servers, then without
// the middle one.
func TestFillPaper(t *testing.T) {
	b0, b1, b2 := seat{multiples(3, 4), 1}, seat{multiples(0, 2), 1}, seat{multiples(3, 1), 1}
	tests := []struct {
		name  string
		seats []seat
		want  []uint16
	}{
		{"before", []seat{b0, b1, b2}, []uint16{1, 0, 1, 0, 2, 2, 0}},
		{"after B1 is removed", []seat{b0, b2}, []uint16{0, 0, 0, 0, 1, 1, 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, new(filler).table(tt.seats, 7)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Weights 2 and 1 over 7 slots are 5 to 2; picking w times in the first round
// only would have given 4 to 3.
func TestFillWeights(t *testing.T) {
	got := count(new(filler).table([]seat{{multiples(3, 4), 2}, {multiples(0, 2), 1}}, 7), 2)
	if diff := cmp.Diff([]int{5, 2}, got); diff != "" {
		t.Errorf("slots a server (-want +got):\n%s", diff)
	}
}

// Cubes by differences are cubes, and reach every slot once before they repeat.
func TestCubes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offset := rapid.Uint32Range(0, Slots-1).Draw(t, "offset")
		skip := rapid.Uint32Range(1, Slots-1).Draw(t, "skip")
		w := cubes(offset, skip)
		seen := make([]bool, Slots)
		for j := range uint64(Slots) {
			want := uint32((uint64(offset) + j*j%Slots*j%Slots*uint64(skip)) % Slots)
			if w.slot != want {
				t.Fatalf("step %d of %d, %d is %d, want %d", j, offset, skip, w.slot, want)
			}
			if seen[w.slot] {
				t.Fatalf("step %d of %d, %d visits %d again", j, offset, skip, w.slot)
			}
			seen[w.slot] = true
			w.step(Slots)
		}
	})
}

func count(table []uint16, seats int) []int {
	n := make([]int, seats)
	for _, i := range table {
		n[i]++
	}
	return n
}

// Each server has its share of what the heaviest has, to a slot for the fraction
// and one for a round that was cut short, wherever their permutations collide.
func TestFillSharesAreInProportion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "servers")
		seats := make([]seat, n)
		heaviest := 0
		for i := range seats {
			seats[i] = seat{
				walk: cubes(
					rapid.Uint32Range(0, Slots-1).Draw(t, "offset"),
					rapid.Uint32Range(1, Slots-1).Draw(t, "skip")),
				weight: rapid.Int64Range(1, 100).Draw(t, "weight"),
			}
			if seats[i].weight > seats[heaviest].weight {
				heaviest = i
			}
		}
		got := count(new(filler).table(seats, Slots), n)
		for i, s := range seats {
			want := float64(got[heaviest]) * float64(s.weight) / float64(seats[heaviest].weight)
			if d := float64(got[i]) - want; d > 2 || d < -2 {
				t.Fatalf("server %d of weight %d has %d slots, want %.1f", i, s.weight, got[i], want)
			}
		}
	})
}
