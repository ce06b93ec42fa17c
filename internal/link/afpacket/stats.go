// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// counters are the part of wire.LinkStats that the packet path counts: written by its
// goroutine, only when something fails, and read by any.
type counters struct {
	recv, tooLong, full, down, other atomic.Uint64
}

// unsent counts a frame that could not be sent.
func (c *counters) unsent(errno unix.Errno) {
	switch errno {
	case unix.EMSGSIZE:
		c.tooLong.Add(1)
	case unix.ENOBUFS, unix.EAGAIN:
		c.full.Add(1)
	case unix.ENETDOWN, unix.ENXIO, unix.ENODEV:
		c.down.Add(1)
	default:
		c.other.Add(1)
	}
}

// Stats returns what was lost since the queue was opened, over all its
// sockets.
func (q *Queue) Stats() wire.LinkStats {
	q.mu.Lock()
	defer q.mu.Unlock()
	if s := q.sock.Load(); s != nil {
		q.drops += s.drops()
	}
	if r := q.worker.given.Load(); r != nil {
		q.drops += r.sock.drops()
	}
	return wire.LinkStats{
		KernelDrops: q.drops,
		RecvErrors:  q.counts.recv.Load(),
		SendTooLong: q.counts.tooLong.Load(),
		SendFull:    q.counts.full.Load(),
		SendDown:    q.counts.down.Load(),
		SendOther:   q.counts.other.Load(),
	}
}
