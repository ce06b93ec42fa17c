// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

// quiet is after how many milliseconds without a frame a flow that is Closing or
// Reset makes room for another. A sender that still waits for an answer asks
// again after 1 s, RFC 6298 section 2.1. Without it, clients that open many short
// connections would fill the table with what is over for them.
const quiet = 1000

// reach is how many entries are looked at for one that may go, when all are in
// use: a bound on what a flood of SYNs costs.
const reach = 16

// spare says whether f may go where room is needed: it is over, or as good as.
func (t *Table) spare(f *Flow, now Moment) bool {
	return (f.state == Closing || f.state == Reset) && now.Since(f.seen) >= quiet || t.over(f, now)
}

// slot returns a slot of b without an entry, for an entry of that tag; -1 if
// there is none. It is refused where another has that tag already, once in 16 000
// times: see bucket.
func (t *Table) slot(b *bucket, tag uint16, now Moment) int {
	if i := b.find(tag); i >= 0 {
		if f := &t.flows[b.refs[i]]; t.spare(f, now) {
			t.forget(f)
			return i
		}
		return -1
	}
	if i := b.find(0); i >= 0 {
		return i
	}
	i := t.spareOf(b, now)
	if i >= 0 {
		t.forget(&t.flows[b.refs[i]])
	}
	return i
}

// spareOf returns the slot of the flow in a full bucket that may go: one that is
// over, else the one that was quiet longest; -1 if none may.
func (t *Table) spareOf(b *bucket, now Moment) int {
	slot, longest := -1, uint32(0)
	for i, ref := range b.refs {
		f := &t.flows[ref]
		if t.over(f, now) {
			return i
		}
		if d := now.Since(f.seen); t.spare(f, now) && d > longest {
			slot, longest = i, d
		}
	}
	return slot
}

// entry returns a flow that is not in use; false if there is none.
func (t *Table) entry(now Moment) (ref uint32, ok bool) {
	if t.free == 0 && t.high == uint32(len(t.flows)) {
		t.turn(now)
	}
	switch {
	case t.free != 0:
		ref = t.free - 1
		t.free = t.flows[ref].seq
	case t.high < uint32(len(t.flows)):
		ref = t.high
		t.high++
	default:
		return 0, false
	}
	return ref, true
}

// turn moves the hand on, over as many flows as it reaches, to one that may go.
func (t *Table) turn(now Moment) {
	for range min(reach, len(t.flows)) {
		f := &t.flows[t.hand]
		if t.hand++; t.hand == uint32(len(t.flows)) {
			t.hand = 0
		}
		if t.spare(f, now) {
			t.forget(f)
			return
		}
	}
}
