// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// ways is by which way the frames of each worker of a group come: by its socket, or
// while it is busy, by its ring. Both are members of the fanout, and its program says
// which of them a frame meets: so none is lost and none comes twice when that changes.
//
// A goroutine sees to it, as the kernel takes some 20 ms to replace a program. All
// fields are guarded by the group's mu.
type ways struct {
	g     *Group
	shut  func() (*socket, error) // opens a socket that lets nothing in
	fan   *fanout                 // nil where there is one way only
	rings []int                   // by worker: the index of its ring's socket in the fanout; 0 is none
	used  []int                   // the program's members, by worker
	calls chan struct{}
	ended chan struct{} // closed with the group
	done  chan struct{} // closed when the goroutine has ended
	noted bool          // that there can be no ring
}

// retryAfter is how long what did not work is left alone.
const retryAfter = time.Second

// start begins with the sockets of a group alone. The workers do not run yet.
func (w *ways) start(g *Group, fan *fanout) {
	*w = ways{g: g, calls: make(chan struct{}, 1), ended: make(chan struct{}), done: make(chan struct{})}
	w.shut = func() (*socket, error) {
		s, _, err := openShut(g.ifname, w.fan.first.index, g.opt)
		return s, err
	}
	w.begin(fan)
	if !g.opt.Ring || !g.opt.Dedicated {
		close(w.done)
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
	defer close(w.done)
	for {
		select {
		case <-w.ended:
			return
		case <-w.calls:
		}
		if w.look() == nil {
			continue
		}
		select {
		case <-w.ended:
			return
		case <-time.After(retryAfter):
			w.call()
		}
	}
}

// look brings about what the workers want, and notes once that it cannot.
func (w *ways) look() error {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	err := w.change()
	if err != nil && !w.noted {
		w.noted = true
		w.g.notes = append(w.g.notes, fmt.Sprintf("busy workers on %s go without a receive ring: %v", w.g.ifname, err))
	}
	return err
}

// change brings about what the workers want. Who gets no ring stays where it is, and is
// heard all the same: only the program must not be another than a worker believes.
func (w *ways) change() (err error) {
	if w.fan == nil || w.over() {
		return nil
	}
	members, heard := slices.Clone(w.used), []*dedicated{}
	for i, q := range w.g.queues {
		d := &q.worker
		if d.asked.Load() {
			heard = append(heard, d)
		}
		if !d.busy.Load() {
			members[i] = i
			continue
		}
		if w.rings[i] == 0 {
			if noRing := w.open(i); noRing != nil {
				err = errors.Join(err, noRing)
				continue
			}
		}
		members[i] = w.rings[i]
	}
	if !slices.Equal(members, w.used) {
		if failed := w.fan.first.steer(fanoutProgram(members, w.g.seed)); failed != nil {
			return errors.Join(err, failed)
		}
		w.used = members
	}
	for _, d := range heard {
		d.asked.Store(false)
	}
	return err
}

// open gives a worker its ring.
func (w *ways) open(i int) error {
	s, err := w.shut()
	if err != nil {
		return err
	}
	r, err := openRing(s)
	if err != nil {
		_ = s.close()
		return err
	}
	index, err := w.fan.add(s)
	if err == nil { // not before: until then it would take every frame once more
		if err = s.setFilter(w.g.opt.Filter); err != nil {
			w.fan.size-- // it is the last, and so leaves no gap
		}
	}
	if err != nil {
		r.unmap()
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
// were, which are to be closed: after those that the workers wait in, see ring.fd.
func (w *ways) renew(fan *fanout) (old []*socket) {
	old = w.leave()
	w.begin(fan)
	w.call() // a worker may be busy still
	return old
}

// stop ends it, and returns the sockets of the rings, as renew does.
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
