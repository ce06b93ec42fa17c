// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

// Slots is the size of a table, M in the paper's words: its smaller one, where a
// server that leaves moves well under 1 % of the others' slots. It is prime, so
// that each skip visits every slot, and 3 does not divide Slots-1, so that cubes
// do too.
const Slots = 65537

// maxRanked is how many servers a table can hold, for a slot is 16 bits wide.
const maxRanked = 1 << 16

// seat is one server's claim to slots.
type seat struct {
	walk   walk
	weight int64 // at least 1
}

// walk visits every slot once, in an order of its own: the paper's permutation,
// as the slot it stands on and how that changes with each step. All fields are
// below m.
type walk struct{ slot, change, change2, change3 uint32 }

// multiples is the walk of the paper: offset + j*skip for j = 0, 1, 2 ...
func multiples(offset, skip uint32) walk { return walk{slot: offset, change: skip} }

// cubes is the walk we use: offset + j³*skip mod Slots, by differences (those of
// 0, 1, 8, 27 are 1, 7, 19; theirs 6, 12; theirs 6). Multiples keep in step with
// each other where one skip is a small multiple of another: then one removal in
// 500 among 8 servers moves 1 to 5 % of the others' slots, and a key that is
// unlucky stays so. Cubes meet by chance only; 0.5 % was the most in 12000.
func cubes(offset, skip uint32) walk {
	six := uint32(6 * uint64(skip) % Slots)
	return walk{slot: offset, change: skip, change2: six, change3: six}
}

func (w *walk) step(m uint32) {
	w.slot = add(w.slot, w.change, m)
	w.change = add(w.change, w.change2, m)
	w.change2 = add(w.change2, w.change3, m)
}

// add returns (a + b) mod m for a and b below m.
func add(a, b, m uint32) uint32 {
	if a += b; a >= m {
		a -= m
	}
	return a
}

// filler fills tables. It keeps what it works with: there may be a thousand to fill.
type filler struct {
	slots []uint16
	taken []bool
}

// table returns a table of m slots, each holding the index of a seat, which is good
// until the next call; m is prime and there is at least one seat, and at most
// maxRanked. The seats' walks are used up.
//
// Weights follow katran's second rule: each round adds a seat's weight to its
// sum, and a sum that reaches the largest weight pays for one slot. Any two
// shares are then in proportion to within a slot or two; its first rule, w slots
// in the first round and one in each later round, is biased towards the small.
// A weight worth less than a slot may get none.
func (f *filler) table(seats []seat, m uint32) []uint16 {
	if uint32(len(f.slots)) != m {
		f.slots, f.taken = make([]uint16, m), make([]bool, m)
	}
	clear(f.taken)
	table, taken := f.slots, f.taken
	sum, most := make([]int64, len(seats)), int64(1)
	for _, s := range seats {
		most = max(most, s.weight)
	}
	for n := uint32(0); ; {
		for i := range seats {
			if sum[i] += seats[i].weight; sum[i] < most {
				continue
			}
			sum[i] -= most
			w := &seats[i].walk
			for taken[w.slot] {
				w.step(m)
			}
			table[w.slot], taken[w.slot] = uint16(i), true
			if n++; n == m {
				return table
			}
		}
	}
}
