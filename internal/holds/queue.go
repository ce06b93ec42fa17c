// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

// link makes what it is part of a member of a queue.
type link[T any] struct {
	prev, next *link[T]
	of         *T
}

// queue is a ring of links, the one that waits longest first. The zero value is
// empty.
type queue[T any] struct {
	root link[T]
	n    int
}

func (q *queue[T]) push(l *link[T]) {
	if q.root.next == nil {
		q.root.prev, q.root.next = &q.root, &q.root
	}
	l.prev, l.next = q.root.prev, &q.root
	l.prev.next, l.next.prev = l, l
	q.n++
}

func (q *queue[T]) remove(l *link[T]) {
	l.prev.next, l.next.prev = l.next, l.prev
	l.prev, l.next = nil, nil
	q.n--
}

// first returns the member that was pushed first; nil where there is none.
func (q *queue[T]) first() *T {
	if q.n == 0 {
		return nil
	}
	return q.root.next.of
}

// all yields the members, the first first.
func (q *queue[T]) all(yield func(*T) bool) {
	for l := q.root.next; l != nil && l != &q.root; l = l.next {
		if !yield(l.of) {
			return
		}
	}
}
