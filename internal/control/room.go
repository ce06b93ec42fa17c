// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"slices"
	"sync"
	"time"
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

// wait returns how long a newcomer should wait before it enters: whoever would
// have to leave for it must have had a moment to be read. Else a crowd that
// comes at once would push out an operator whose line is there already.
func (r *room) wait(now time.Time, moment time.Duration) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.eldest(waiting, collecting)
	if len(r.visitors) < r.most || i < 0 {
		return 0
	}
	return max(0, moment-now.Sub(r.visitors[i].came))
}

// eldest finds the first to have come of those at one of the stages, or
// returns -1.
func (r *room) eldest(stages ...stage) int {
	return slices.IndexFunc(r.visitors, func(v *visitor) bool { return slices.Contains(stages, v.stage) })
}

// evict sends away the first to have come of those at one of the stages. It
// goes by the time of arrival, as lines of a transaction cost nothing.
func (r *room) evict(stages ...stage) bool {
	i := r.eldest(stages...)
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
