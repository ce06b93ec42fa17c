// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"cygnet/acl"
)

// list is an access list as workers see it. State: derived, but for its
// counters, each of which is owned by its worker.
type list struct {
	cfg    *List
	counts [][]*ruleCount // by worker, then by the rule's position; 0 is the default

	told   []uint64 // the newest sums that a snapshot has; guarded by house
	toldAt time.Time
}

// ruleCount counts the frames of one worker that one rule decided over. State:
// owned, published as a tally is. Lists may have 10,000 rules, so that it is
// smaller than a tally, and shares its cache lines with others of its worker.
type ruleCount struct {
	now   uint64
	frame uint32 // the last one counted
	dirty bool
	total atomic.Uint64
}

func (c *ruleCount) publish() {
	c.total.Store(c.now)
	c.dirty = false
}

// permits says whether l permits a, and counts for the rule that decided.
func (w *worker) permits(l *list, a netip.Addr) bool {
	permit, rule := l.cfg.Table.Lookup(a)
	w.count.rule(l.counts[w.id][rule])
	return permit
}

// hits returns the sums over the workers, by the rule's position; 0 is the
// default.
func (l *list) hits() []uint64 {
	sums := make([]uint64, len(l.cfg.Rules)+1)
	for _, counts := range l.counts {
		for i, c := range counts {
			sums[i] += c.total.Load()
		}
	}
	return sums
}

// list derives l, which may be nil, with the counters that its rules had
// before.
func (b *builder) list(l *List) *list {
	if known := b.lists[l]; known != nil || l == nil {
		return known
	}
	derived := &list{cfg: l, counts: make([][]*ruleCount, b.workers)}
	b.lists[l] = derived
	was := b.lastLists[l.Name]
	if was != nil && (was.cfg.Table == l.Table || slices.Equal(was.cfg.Rules, l.Rules)) {
		derived.counts = was.counts
		return derived
	}
	before := was.positions(l.Rules)
	for w := range derived.counts {
		counts := make([]*ruleCount, len(before))
		for i, from := range before {
			if from < 0 {
				counts[i] = b.blocks[w].next()
			} else {
				counts[i] = was.counts[w][from]
			}
		}
		derived.counts[w] = counts
	}
	return derived
}

// positions returns where in l, which may be nil, each of the rules was, -1 if
// it was not. Rules that are equal keep their order. Before them stands the
// default, at 0.
func (l *list) positions(rules []acl.Rule) []int32 {
	before := make([]int32, len(rules)+1)
	var old []acl.Rule
	if l == nil {
		before[0] = -1
	} else {
		old = l.cfg.Rules
	}
	same := 0 // at the beginning: most changes are at the end
	for same < min(len(old), len(rules)) && old[same] == rules[same] {
		same++
		before[same] = int32(same)
	}
	was := map[acl.Rule][]int32{}
	for i, r := range old[same:] {
		was[r] = append(was[r], int32(same+i+1))
	}
	for i, r := range rules[same:] {
		before[same+i+1] = -1
		if at := was[r]; len(at) > 0 {
			before[same+i+1], was[r] = at[0], at[1:]
		}
	}
	return before
}

// ruleBlock is as many counters as cacheLines holds: one worker's.
type ruleBlock struct {
	counts [5]ruleCount
	_      [cacheLines - 5*24]byte
}

// ruleBlocks hands out one worker's counters.
type ruleBlocks struct{ free []ruleCount }

func (b *ruleBlocks) next() *ruleCount {
	if len(b.free) == 0 {
		b.free = new(ruleBlock).counts[:]
	}
	c := &b.free[0]
	b.free = b.free[1:]
	return c
}
