// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"net"
	"unsafe"

	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// sender is what sendmmsg needs, made once. It must not be copied.
type sender struct {
	msgs [wire.BatchSize]mmsghdr
	iovs [wire.BatchSize]unix.Iovec
	n    int // how many are to be sent
}

// init points the headers at their vectors. They name no address: the socket is
// bound, and that decides the interface.
func (t *sender) init() {
	for i := range t.msgs {
		t.msgs[i].Hdr.Iov = &t.iovs[i]
		t.msgs[i].Hdr.SetIovlen(1)
	}
}

// load points the sender at the slots that are to go.
func (t *sender) load(b *wire.Batch) {
	t.n = 0
	for i := range min(b.N, len(b.Slots)) {
		s := &b.Slots[i]
		if !s.Send || t.n == len(t.iovs) {
			continue
		}
		t.iovs[t.n].Base = &s.Buf[0]
		t.iovs[t.n].SetLen(min(wire.VnetLen+s.Len, len(s.Buf)))
		t.n++
	}
}

// forget drops the vectors, which may point to memory that is about to go.
func (t *sender) forget() { clear(t.iovs[:]) }

// Send sends the slots of the batch that have Send set, in their order, each
// with its virtio header, and never waits. A frame that the kernel refuses is
// skipped and counted (Stats); there is no retry, which would hold up the
// frames behind it. It returns net.ErrClosed after Close, otherwise nil. The
// batch may be used again at once.
func (q *Queue) Send(b *wire.Batch) error {
	q.tx.load(b)
	if q.tx.n == 0 {
		return nil
	}
	for {
		s := q.sock.Load()
		if s == nil {
			return net.ErrClosed
		}
		err := s.raw.Control(q.write)
		if err == nil || q.sock.Load() == s {
			return err
		}
	}
}

// writeTo makes the function that RawConn.Control calls.
func (t *sender) writeTo(c *counters) func(fd uintptr) {
	return func(fd uintptr) {
		for sent := 0; sent < t.n; {
			n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, fd, uintptr(unsafe.Pointer(&t.msgs[sent])),
				uintptr(t.n-sent), unix.MSG_DONTWAIT, 0, 0)
			// The call stops at the first message that fails, and reports why only
			// when that is the first of the call.
			if errno == unix.EINTR {
				continue
			}
			if errno != 0 {
				c.unsent(errno)
			}
			sent += max(int(n), 1) // -1 with an error: past the frame that failed
		}
	}
}
