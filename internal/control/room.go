// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"slices"
	"sync"
)

// stage is how far a connection has come.
type stage uint8

const (
	waiting    stage = iota // for its line
	collecting              // lines of a transaction
	busy                    // its command is being done
	replying                // the reply is being written
	watching
)

// room holds the connections: at most so many, and yet there is nearly always
// room for one more, because who has not said yet what it wants must leave
// for it. So nobody keeps an operator out by connecting and saying nothing.
type room struct {
	most, mostCollecting, mostWatching int

	mu       sync.Mutex
	visitors []*visitor // in the order of their arrival
	evicted  uint64
}

// enter lets v in. It fails when all the others are busy or watch.
func (r *room) enter(v *visitor) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.visitors) >= r.most && !r.evict(waiting, collecting) && !r.evict(replying) {
		return false
	}
	r.visitors = append(r.visitors, v)
	return true
}

// evict sends away the first to have come of those at one of the stages. It
// goes by the time of arrival, as lines of a transaction cost nothing.
func (r *room) evict(stages ...stage) bool {
	i := slices.IndexFunc(r.visitors, func(v *visitor) bool { return slices.Contains(stages, v.stage) })
	if i < 0 {
		return false
	}
	r.visitors[i].cancel(errEvicted)
	r.visitors = slices.Delete(r.visitors, i, i+1)
	r.evicted++
	return true
}

// move takes v to another stage, unless its connection has to end. Only so
// many may watch. Only so many may collect, for what they collect takes
// memory: one more costs the eldest its place.
func (r *room) move(v *visitor, to stage) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := v.why(); err != nil {
		return err
	}
	switch {
	case to == watching && r.count(watching) >= r.mostWatching:
		return errWatchers
	case to == collecting && r.count(collecting) >= r.mostCollecting:
		r.evict(collecting)
	}
	v.stage = to
	return nil
}

func (r *room) count(at stage) (n int) {
	for _, v := range r.visitors {
		if v.stage == at {
			n++
		}
	}
	return n
}

// leave takes v out, if it was not evicted before.
func (r *room) leave(v *visitor) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.visitors, v); i >= 0 {
		r.visitors = slices.Delete(r.visitors, i, i+1)
	}
}

func (r *room) evictions() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.evicted
}
