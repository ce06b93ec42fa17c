// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import "container/heap"

// timers has the entries with something to do later, the first one in front. Each
// knows its place, so that there is at most one timer for an entry.
type timers []*entry

// set lets e be due at the given time, and at no other.
func (t *timers) set(e *entry, at int64) {
	e.at = at
	if e.timer == 0 {
		heap.Push(t, e)
	} else {
		heap.Fix(t, e.timer-1)
	}
}

// stop lets e not be due.
func (t *timers) stop(e *entry) {
	if e.timer != 0 {
		heap.Remove(t, e.timer-1)
	}
}

// due returns an entry that is due at now, and stops its timer; nil if none is.
func (t *timers) due(now int64) *entry {
	if len(*t) == 0 || (*t)[0].at > now {
		return nil
	}
	return heap.Pop(t).(*entry)
}

// Len is for the heap, as are the following.
func (t timers) Len() int { return len(t) }

// Less puts the sooner one in front.
func (t timers) Less(i, j int) bool { return t[i].at < t[j].at }

// Swap keeps the places.
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].timer, t[j].timer = i+1, j+1
}

// Push adds an *entry at the end.
func (t *timers) Push(x any) {
	e := x.(*entry)
	*t = append(*t, e)
	e.timer = len(*t)
}

// Pop takes the last one.
func (t *timers) Pop() any {
	last := len(*t) - 1
	e := (*t)[last]
	(*t)[last] = nil
	*t = (*t)[:last]
	e.timer = 0
	return e
}
