// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"fmt"
	"slices"
)

// ways is by which way the frames of each worker of a group come: by its socket, or
// while it is busy, by its ring. Both are members of the fanout, and its program says
// which of them a frame meets: so none is lost and none comes twice when that changes.
//
// A goroutine sees to it, as the kernel takes some 20 ms to replace a program. All
// fields are guarded by the group's mu.
type ways struct {
	g     *Group
	fan   *fanout // nil where there is one way only
	rings []int   // by worker: the index of its ring's socket in the fanout; 0 is none
	used  []int   // the program's members, by worker
	calls chan struct{}
	ended chan struct{} // closed with the group
	noted bool          // that there can be no ring
}

// start begins with the sockets of a group alone. The workers do not run yet.
func (w *ways) start(g *Group, fan *fanout) {
	*w = ways{g: g, calls: make(chan struct{}, 1), ended: make(chan struct{})}
	w.begin(fan)
	if !g.opt.Ring || !g.opt.Dedicated {
		return
	}
	for _, q := range g.queues {
		q.worker.call = w.call
	}
	go w.run()
}

func (w *ways) begin(fan *fanout) {
	w.fan, w.rings, w.used = fan, make([]int, len(w.g.queues)), inOrder(len(w.g.queues))
}

// call has the goroutine look which way each worker wants. It does not wait.
func (w *ways) call() {
	select {
	case w.calls <- struct{}{}:
	default:
	}
}

func (w *ways) run() {
	for {
		select {
		case <-w.ended:
			return
		case <-w.calls:
			w.g.mu.Lock()
			if err := w.change(); err != nil && !w.noted {
				w.noted = true
				w.g.notes = append(w.g.notes, fmt.Sprintf("busy workers on %s go without a receive ring: %v", w.g.ifname, err))
			}
			w.g.mu.Unlock()
		}
	}
}

// change brings about what the workers want.
func (w *ways) change() (err error) {
	if w.fan == nil || w.over() {
		return nil
	}
	members, asked := inOrder(len(w.g.queues)), []*dedicated{}
	defer func() {
		for _, d := range asked {
			d.asked.Store(false)
		}
	}()
	for i, q := range w.g.queues {
		if q.worker.asked.Load() {
			asked = append(asked, &q.worker)
		}
		if !q.worker.busy.Load() {
			continue
		}
		if w.rings[i] == 0 {
			if err = w.open(i); err != nil {
				break
			}
		}
		members[i] = w.rings[i]
	}
	if !slices.Equal(members, w.used) {
		w.used = members
		err = w.fan.first.steer(fanoutProgram(members, w.g.seed))
	}
	return err
}

// open gives a worker its ring.
func (w *ways) open(i int) error {
	var s *socket
	var err error
	open := func() { s, _, err = openShut(w.g.ifname, w.fan.first.index, w.g.opt) }
	if inside := w.g.opt.inside; inside != nil {
		inside(open)
	} else {
		open()
	}
	if err != nil {
		return err
	}
	r, err := openRing(s)
	index := 0
	if err == nil {
		index, err = w.fan.add(s)
	}
	if err == nil { // not before: until then it would take every frame once more
		err = s.setFilter(w.g.opt.Filter)
	}
	if err != nil {
		_ = s.close()
		return err
	}
	w.rings[i] = index
	w.g.queues[i].giveRing(r)
	return nil
}

// over says whether the group is closed.
func (w *ways) over() bool {
	select {
	case <-w.ended:
		return true
	default:
		return false
	}
}

// renew begins anew with another fanout, and returns the sockets of the rings that
// were, which are to be closed.
func (w *ways) renew(fan *fanout) (old []*socket) {
	old = w.leave()
	w.begin(fan)
	w.call() // a worker may be busy still
	return old
}

// stop ends it, and returns the sockets of the rings, which are to be closed.
func (w *ways) stop() (old []*socket) {
	if !w.over() {
		close(w.ended)
	}
	return w.leave()
}

func (w *ways) leave() (old []*socket) {
	for _, q := range w.g.queues {
		if r := q.giveRing(nil); r != nil {
			old = append(old, r.sock)
		}
	}
	return old
}
