// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

// top finds the highest ranks of many, as many as it has capacity for, and gives
// each a row: a heap with the lowest that is kept in front. It does not allocate.
type top struct{ kept []rank }

// rank is what rows are compared by, and where the row is.
type rank struct {
	first, then uint64
	row         int
}

func (r *rank) below(o *rank) bool {
	return r.first < o.first || r.first == o.first && r.then < o.then
}

func newTop(rows int) top { return top{make([]rank, 0, rows)} }

// admit returns which row is for what has that rank, a new one or that of the
// lowest so far; false if it is not among the highest.
func (t *top) admit(first, then uint64) (row int, ok bool) {
	r := rank{first, then, len(t.kept)}
	switch {
	case r.row < cap(t.kept):
		t.kept = append(t.kept, r)
		t.rise()
	case r.row > 0 && t.kept[0].below(&r):
		r.row = t.kept[0].row
		t.kept[0] = r
		t.sink()
	default:
		return 0, false
	}
	return r.row, true
}

// rise moves the last rank to its place.
func (t *top) rise() {
	for i := len(t.kept) - 1; i > 0; {
		up := (i - 1) / 2
		if !t.kept[i].below(&t.kept[up]) {
			return
		}
		t.kept[i], t.kept[up] = t.kept[up], t.kept[i]
		i = up
	}
}

// sink moves the first rank to its place.
func (t *top) sink() {
	for i := 0; ; {
		down := 2*i + 1
		if down >= len(t.kept) {
			return
		}
		if right := down + 1; right < len(t.kept) && t.kept[right].below(&t.kept[down]) {
			down = right
		}
		if !t.kept[down].below(&t.kept[i]) {
			return
		}
		t.kept[i], t.kept[down] = t.kept[down], t.kept[i]
		i = down
	}
}
