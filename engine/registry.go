// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import "slices"

// registry numbers services and members, since flow tables name them by number.
// A number is given again only when no flow and no client can have it: every
// worker uses a table without it, has no flow of it left, and has looked through
// its clients since.
type registry struct {
	workers  int
	members  []*member // by number; those that departed, too, until their numbers are free
	services int       // numbers ever given, 0 included
	departed []departure
	blocks   []countsBlocks // by worker

	freeMembers, freeServices []uint32
}

// departure is a service, or members of one, that no table has any more.
type departure struct {
	generation uint64 // of the first table without it
	service    uint32 // 0 is none
	members    []*member
	passes     []uint64 // by worker: which of its passes must have ended; nil while that table is in use or has flows
}

func newRegistry(workers int) *registry {
	return &registry{workers: workers, members: []*member{nil}, services: 1, blocks: make([]countsBlocks, workers)}
}

// member returns a new member.
func (r *registry) member() *member {
	id := uint32(len(r.members))
	if n := len(r.freeMembers); n > 0 {
		id, r.freeMembers = r.freeMembers[n-1], r.freeMembers[:n-1]
	} else {
		r.members = append(r.members, nil)
	}
	r.members[id] = &member{id: id, counts: r.counts()}
	return r.members[id]
}

// counts returns what each worker counts of something new.
func (r *registry) counts() (all []*counts) {
	for w := range r.blocks {
		all = append(all, r.blocks[w].next())
	}
	return all
}

// service returns the number of a new service, from 1.
func (r *registry) service() uint32 {
	if n := len(r.freeServices); n > 0 {
		id := r.freeServices[n-1]
		r.freeServices = r.freeServices[:n-1]
		return id
	}
	r.services++
	return uint32(r.services - 1)
}

// reap frees the numbers of what departed and left nothing behind; oldest is the
// lowest generation that a worker uses, passes how many each has ended.
func (r *registry) reap(oldest uint64, passes []uint64) {
	for i := range r.departed {
		d := &r.departed[i]
		if d.passes == nil && oldest >= d.generation && !slices.ContainsFunc(d.members, func(m *member) bool { return m.open() > 0 }) {
			d.passes = slices.Clone(passes)
			for j := range d.passes {
				d.passes[j] += 2 // the one under way began before
			}
		}
	}
	r.departed = slices.DeleteFunc(r.departed, func(d departure) bool {
		if d.passes == nil || slices.ContainsFunc(d.members, func(m *member) bool { return m.open() > 0 }) {
			return false
		}
		for i := range d.passes {
			if passes[i] < d.passes[i] {
				return false
			}
		}
		for _, m := range d.members {
			r.members[m.id] = nil
			r.freeMembers = append(r.freeMembers, m.id)
		}
		if d.service != 0 {
			r.freeServices = append(r.freeServices, d.service)
		}
		return true
	})
}
