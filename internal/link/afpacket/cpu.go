// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// thread is the one that a dedicated queue's Recv runs on.
type thread struct {
	own bool         // it was taken; the goroutine's that calls Recv
	id  atomic.Int32 // 0 before that
	pin *unix.CPUSet // where it is to run; nil is anywhere
}

// take locks the goroutine to its thread, for good: waiting in ppoll holds a
// thread anyway, and one that runs nothing else can be told how much it worked,
// and where. A CPU that has been taken from us since it was chosen is none to
// insist on.
func (t *thread) take() {
	runtime.LockOSThread()
	if t.pin != nil {
		_ = unix.SchedSetaffinity(0, t.pin)
	}
	t.own = true
	t.id.Store(int32(unix.Gettid()))
}

// CPU returns the processor time that receiving, handling and sending have used
// so far, of the user and the kernel: that of the thread which Recv of a
// dedicated queue runs on. It is zero before the first Recv, once that thread
// has ended, and for other queues. It costs the packet path nothing.
func (q *Queue) CPU() time.Duration {
	id := q.worker.thread.id.Load()
	if id == 0 {
		return 0
	}
	// The clock of one thread of ours: MAKE_THREAD_CPUCLOCK of the kernel's
	// posix-timers.h, with CPUCLOCK_SCHED and CPUCLOCK_PERTHREAD_MASK.
	const sched, perThread = 2, 4
	var used unix.Timespec
	if err := unix.ClockGettime(^id<<3|sched|perThread, &used); err != nil {
		return 0
	}
	return time.Duration(used.Nano())
}
