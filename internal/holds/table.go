// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

// grade says how interesting an entry of a table is: what is of a lower one is
// forgotten first.
type grade uint8

const (
	unproven grade = iota // it may be forged
	proven                // it was caught, once
	holding               // it is held
	grades
	forgotten // it is in no table any more; connections may still count for it
)

// entry is what a table keeps of one source, network or country.
type entry[K comparable] struct {
	key K
	counts
	grade grade
	link  link[entry[K]]
	place *entry[string] // a source's country; nil until it was asked for
	asked uint           // when it was, see Ledger.asks
}

// table keeps so many entries. When it is full, it forgets those of the lowest
// grade, and of these the one that was not heard of for longest: a flood of forged
// sources pushes out nobody who was caught.
type table[K comparable] struct {
	room   int
	of     map[K]*entry[K]
	grades [grades]queue[entry[K]]
}

// get returns the entry of k, a new one if there is none. For one who proved
// nothing, that is nil where it would push out somebody who did.
func (t *table[K]) get(k K, proof bool) *entry[K] {
	if e := t.of[k]; e != nil {
		return e
	}
	if len(t.of) >= t.room && !t.forget(proof) {
		return nil
	}
	if t.of == nil {
		t.of = map[K]*entry[K]{}
	}
	e := &entry[K]{key: k}
	e.link.of = e
	t.of[k] = e
	t.grades[unproven].push(&e.link)
	return e
}

// forget makes room, where that is worth it.
func (t *table[K]) forget(proof bool) bool {
	for g := range t.grades {
		if grade(g) > unproven && !proof {
			return false
		}
		if e := t.grades[g].first(); e != nil {
			t.grades[g].remove(&e.link)
			delete(t.of, e.key)
			e.grade = forgotten
			return true
		}
	}
	return false
}

// touch puts e where its counts want it: behind all others of its grade.
func (t *table[K]) touch(e *entry[K]) {
	if e.grade == forgotten {
		return
	}
	t.grades[e.grade].remove(&e.link)
	switch {
	case e.now > 0:
		e.grade = holding
	case e.verified > 0:
		e.grade = proven
	}
	t.grades[e.grade].push(&e.link)
}

// settle is touch for what was not heard of, but may be held no more.
func (t *table[K]) settle(e *entry[K]) {
	if e.grade == holding && e.now == 0 {
		t.touch(e)
	}
}

// all yields the entries.
func (t *table[K]) all(yield func(*entry[K]) bool) {
	for g := range t.grades {
		for e := range t.grades[g].all {
			if !yield(e) {
				return
			}
		}
	}
}
