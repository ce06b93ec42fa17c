// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// own is the processor time of the thread that it is called on.
func own(t *testing.T) time.Duration {
	t.Helper()
	var used unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Nano())
}

// TestNetnsCPU has a worker spin between two Recvs, beside others that would
// move it to another thread, and spoil that thread's time, were it not locked.
func TestNetnsCPU(t *testing.T) {
	lb, client := segment(t)
	q, other := open(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	if got := q.CPU(); got != 0 {
		t.Errorf("%v before the first Recv", got)
	}
	var stop atomic.Bool
	for range 4 {
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			for !stop.Load() { // pre-empted again and again
			}
		}()
		t.Cleanup(func() { stop.Store(true); <-ended })
	}
	const work = 100 * time.Millisecond
	var used, read time.Duration
	var moved bool
	done := make(chan struct{})
	go func() {
		defer close(done)
		b := wire.NewBatch(4, 4096)
		if err := q.Recv(b); err != nil {
			t.Error(err)
		}
		id, began := unix.Gettid(), own(t)
		for used < work {
			used = own(t) - began
			moved = moved || unix.Gettid() != id
		}
		if err := q.Recv(b); err != nil {
			t.Error(err)
		}
		read, used = q.CPU(), own(t)
	}()
	<-done
	if moved {
		t.Error("the worker went to another thread")
	}
	if read < work || read > used {
		t.Errorf("read %v, want %v to %v", read, work, used)
	}
	q.worker.thread.id.Store(1 << 22) // PID_MAX_LIMIT: none has it
	if got := q.CPU(); got != 0 {
		t.Errorf("%v of a thread that has ended", got)
	}
	if err := other.Recv(wire.NewBatch(4, 4096)); err != nil || other.CPU() != 0 {
		t.Errorf("a queue that shares threads: %v, %v", other.CPU(), err)
	}
}
