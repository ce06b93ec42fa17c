// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import "sync/atomic"

// Stats of a table at one moment.
type Stats struct {
	Room     uint64 // flows that it can hold
	Open     uint64 // flows that it holds
	Opening  uint64 // of them, those that are Opening
	Closing  uint64 // of them, those that are Closing or Reset
	Added    uint64 // since the start
	Unstored uint64 // since the start: for which there was no room
	Clients  uint64 // that are known
}

// published is what Stats returns, each number by itself.
type published struct {
	open, opening, closing, added, unstored, clients atomic.Uint64
}

// Publish makes the counts of now visible to Stats.
func (t *Table) Publish() {
	opening, closing := t.counts[Opening], t.counts[Closing]+t.counts[Reset]
	p := &t.published
	p.open.Store(opening + t.counts[Established] + closing)
	p.opening.Store(opening)
	p.closing.Store(closing)
	p.added.Store(t.added)
	p.unstored.Store(t.unstored)
	p.clients.Store(uint64(t.clients.known))
}

// Stats returns what was last published; while Publish is at work, some of the
// numbers may be of the one before. It is safe for concurrent use.
func (t *Table) Stats() Stats {
	p := &t.published
	return Stats{
		Room:     uint64(len(t.flows)),
		Open:     p.open.Load(),
		Opening:  p.opening.Load(),
		Closing:  p.closing.Load(),
		Added:    p.added.Load(),
		Unstored: p.unstored.Load(),
		Clients:  uint64(p.clients.Load()),
	}
}
