// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package linktest has links without a kernel, for tests.
package linktest

import (
	"slices"
	"sync"
	"time"

	"cygnet/internal/wire"
)

// Queue is a queue in memory: what is pushed is received, what is sent is kept
// until it is taken. It is safe for concurrent use, and its waiting is visible
// to testing/synctest.
type Queue struct {
	wait time.Duration
	in   chan frame
	woke chan struct{}

	mu   sync.Mutex
	sent [][]byte
}

// frame is one on its way in.
type frame struct {
	data []byte
	typ  wire.PacketType
	set  func(*wire.Slot)
}

// depth is how many frames a queue holds before Push blocks.
const depth = 1024

// NewQueue returns a queue whose Recv returns after at most wait.
func NewQueue(wait time.Duration) *Queue {
	return &Queue{wait: wait, in: make(chan frame, depth), woke: make(chan struct{}, 1)}
}

// SetWait makes later Recvs return after at most wait. It is for the goroutine that
// calls Recv.
func (q *Queue) SetWait(wait time.Duration) { q.wait = wait }

// Push makes Recv return a frame of this packet type; adjust, if not nil,
// changes its slot further, to what a driver would have found out.
func (q *Queue) Push(data []byte, typ wire.PacketType, adjust func(*wire.Slot)) {
	q.in <- frame{data: slices.Clone(data), typ: typ, set: adjust}
}

// Recv implements engine.Queue.
func (q *Queue) Recv(b *wire.Batch) error {
	timer := time.NewTimer(q.wait)
	defer timer.Stop()
	select {
	case f := <-q.in:
		f.fill(b)
	case <-timer.C:
		return nil
	case <-q.woke:
		return nil
	}
	for b.N < len(b.Slots) {
		select {
		case f := <-q.in:
			f.fill(b)
		default:
			return nil
		}
	}
	return nil
}

// Wake makes the Recv that waits, or else the next one, return at once.
func (q *Queue) Wake() {
	select {
	case q.woke <- struct{}{}:
	default:
	}
}

// Send implements engine.Queue.
func (q *Queue) Send(b *wire.Batch) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range b.N {
		if s := &b.Slots[i]; s.Send {
			q.sent = append(q.sent, slices.Clone(s.Frame()))
		}
	}
	return nil
}

// Take returns what was sent since the last call.
func (q *Queue) Take() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	sent := q.sent
	q.sent = nil
	return sent
}

func (f frame) fill(b *wire.Batch) {
	s := &b.Slots[b.N]
	if !s.Set(f.data) {
		return
	}
	s.Type = f.typ
	if f.set != nil {
		f.set(s)
	}
	b.N++
}
