// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"net"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dedicated is how a dedicated queue receives: on a thread of its own, from its socket,
// and while it is busy, from a ring. It belongs to the goroutine that calls Recv, but
// for the atomic fields.
type dedicated struct {
	q       *Queue
	thread  thread
	receive func(fd uintptr) // takeOrWait, made once

	load  load
	clear bool // while busy: the socket was found empty after frames had begun to come by the ring
	leave parting
	ring  *ring                // nil while there is none
	given atomic.Pointer[ring] // the ring that there is to be, see useRing
	busy  atomic.Bool          // by which way frames are to come
	asked atomic.Bool          // for the other way, and it is not brought about yet
	call  func()               // has that looked at; it must not wait. Nil where there is one way only

	poll    [2]unix.PollFd
	timeout unix.Timespec
}

func (d *dedicated) init(q *Queue) {
	d.q = q
	d.receive = d.takeOrWait
}

// recvDedicated is Recv of a dedicated queue.
func (q *Queue) recvDedicated() error {
	d := &q.worker
	if !d.thread.own {
		d.thread.take()
	}
	for {
		s := q.sock.Load()
		if s == nil {
			d.useRing(nil)
			return net.ErrClosed
		}
		d.useRing(d.given.Load())
		err := s.raw.Control(d.receive)
		if err == nil || q.sock.Load() == s {
			return err
		}
	}
}

// useRing gives back what was taken from the ring, and goes over to another if that is
// meant: the one before ends here, as only its user knows that no slot is lent any of
// it.
func (d *dedicated) useRing(r *ring) {
	if d.ring != nil {
		d.ring.release()
	}
	if d.ring == r {
		return
	}
	if d.ring != nil {
		d.q.rx.batch.RestoreAll()
		d.q.tx.forget()
		d.ring.unmap()
		d.clear, d.leave = false, parting{}
	}
	d.ring = r
}

// takeOrWait takes frames that are there, or waits once and takes what is there then.
func (d *dedicated) takeOrWait(fd uintptr) {
	if d.take(fd) {
		return
	}
	switch {
	case d.leave.under:
		d.waitToLeave(int32(fd))
	case d.load.busy:
		from, atMost := time.Now(), d.q.opt.Wait
		if d.ring == nil {
			atMost = min(brief, atMost) // frames may come by a ring at any time, of which only the next Recv knows
		}
		d.wait(int32(fd), atMost)
		if d.mayRest() && d.load.waited(from, time.Now()) {
			d.change(false)
		}
	default:
		d.wait(int32(fd), d.q.opt.Wait)
	}
	d.take(fd)
}

// mayRest says whether a busy worker may go back: it was heard, and uses its ring, or got
// none.
func (d *dedicated) mayRest() bool {
	return !d.asked.Load() && (d.clear || d.ring == nil && d.given.Load() == nil)
}

// take takes frames by one of both ways. What is left of the way that was used before
// came first: so a client's frames stay in their order. See parting, too.
func (d *dedicated) take(fd uintptr) bool {
	rx, counts := &d.q.rx, &d.q.counts
	if d.ring == nil {
		return rx.take(fd, counts) && d.took()
	}
	if d.load.busy {
		// Frames that came to the socket while it was looked at came before the
		// ring's, too: only once there are some in the ring, none comes there.
		ready := d.ring.ready()
		if rx.take(fd, counts) {
			return true
		}
		d.clear = d.clear || ready
		return ready && d.ring.take(rx.batch, counts)
	}
	return d.ring.take(rx.batch, counts) || !d.leave.under && rx.take(fd, counts) && d.took()
}

// took notes that frames came by the socket.
func (d *dedicated) took() bool {
	if d.call != nil && !d.asked.Load() && d.load.took(d.q.rx.n, d.q.rx.room) {
		d.change(true)
	}
	return true
}

// change has frames come by the other way. Who has asked, and not heard, or is not clear,
// must not ask again, or the order of frames would be lost.
func (d *dedicated) change(busy bool) {
	d.clear, d.leave = false, parting{under: !busy && d.ring != nil}
	d.busy.Store(busy)
	d.asked.Store(true)
	d.call()
}

// brief is how long a wait is not told to the scheduler: longer than it takes until the
// next frame comes where there is any traffic to speak of.
const brief = 2 * time.Millisecond

// pollBriefly polls for no longer than brief, and reports whether frames were there.
//
// The call is raw. Of one that the scheduler is told of, it hears after 20 us that it
// still lasts, and has another thread take over and look for work: at 40 000 frames a
// second, which are waited for one by one, that costs as much as all else. The price is
// small: who wants to stop the world sends a signal, and that ends the call.
func (d *dedicated) pollBriefly(atMost time.Duration) bool {
	d.timeout = unix.NsecToTimespec(int64(atMost)) // Linux writes the rest of it back
	ready, _, _ := unix.RawSyscall6(unix.SYS_PPOLL, uintptr(unsafe.Pointer(&d.poll[0])), uintptr(len(d.poll)),
		uintptr(unsafe.Pointer(&d.timeout)), 0, 0, 0)
	return int(ready) > 0 // -1 when a signal ended it: then the scheduler is to hear of the wait
}

// wait waits until frames are there, by either way, or for so long. A negative
// descriptor is not waited for, ppoll(2).
func (d *dedicated) wait(fd int32, atMost time.Duration) {
	d.poll = [2]unix.PollFd{{Fd: fd, Events: unix.POLLIN}, {Fd: -1}}
	if d.ring != nil {
		d.poll[1] = unix.PollFd{Fd: d.ring.fd, Events: unix.POLLIN}
	}
	if !d.pollBriefly(min(brief, atMost)) && atMost > brief {
		d.timeout = unix.NsecToTimespec(int64(atMost))
		_, _ = unix.Ppoll(d.poll[:], &d.timeout, nil)
	}
	if d.poll[1].Revents&unix.POLLERR != 0 {
		// The interface went down. Nobody receives from the ring's socket, who
		// would take the error; it would end every wait.
		_, _ = unix.GetsockoptInt(int(d.ring.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	}
}
