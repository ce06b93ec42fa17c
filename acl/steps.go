// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"cmp"
	"slices"
)

// Step is one insertion: List.Insert(Pos, Rule).
type Step struct {
	Pos  int // from 1; one past the rules inserted so far appends
	Rule Rule
}

// Steps returns the insertions, in order of entry, that make an empty list
// into one with the rules of l at their positions and their order of entry: one
// that behaves as l does under every later edit. An explicit default is not
// among them.
func (l *List) Steps() []Step {
	order := make([]int, len(l.entries)) // places in l.entries, as entered
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Compare(l.entries[a].serial, l.entries[b].serial)
	})
	steps := make([]Step, len(order))
	there := make(counter, len(order)+1)
	for i, place := range order {
		steps[i] = Step{Pos: there.upTo(place) + 1, Rule: l.entries[place].Rule}
		there.add(place)
	}
	return steps
}

// counter is a Fenwick tree: how many places up to any one are taken, and
// taking one, in logarithmic time. Node n counts the places n-(n&-n) to n-1.
type counter []int

func (c counter) upTo(place int) (taken int) {
	for n := place + 1; n > 0; n -= n & -n {
		taken += c[n]
	}
	return taken
}

func (c counter) add(place int) {
	for n := place + 1; n < len(c); n += n & -n {
		c[n]++
	}
}
