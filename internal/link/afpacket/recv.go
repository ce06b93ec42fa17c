// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"errors"
	"net"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// mmsghdr is struct mmsghdr of recvmmsg(2). Go pads it as C does, on 32 and on
// 64 bit alike.
type mmsghdr struct {
	Hdr unix.Msghdr
	Len uint32 // octets of the message, header of the frame included
}

// auxiliary is the room for the one control message there is, PACKET_AUXDATA.
// Its size is CMSG_SPACE(sizeof(struct tpacket_auxdata)).
type auxiliary struct {
	hdr  unix.Cmsghdr
	data unix.TpacketAuxdata
}

// receiver is what recvmmsg needs, made once. It must not be copied: msgs
// points into the other arrays.
type receiver struct {
	msgs [wire.BatchSize]mmsghdr
	iovs [wire.BatchSize]unix.Iovec
	aux  [wire.BatchSize]auxiliary

	batch *wire.Batch // whose slots iovs point into
	room  int         // how many of them
	n     int         // how many the last call filled, whose headers it wrote to
	tried bool        // whether the kernel was asked since the deadline was set
}

// init points the headers at their arrays.
func (r *receiver) init() {
	for i := range r.msgs {
		h := &r.msgs[i].Hdr
		h.Iov = &r.iovs[i]
		h.SetIovlen(1)
		h.Control = (*byte)(unsafe.Pointer(&r.aux[i]))
	}
	r.rearm(len(r.msgs))
}

// rearm restores the lengths of the first n headers, which the kernel shortened
// to what it used.
func (r *receiver) rearm(n int) {
	for i := range n {
		h := &r.msgs[i].Hdr
		h.SetControllen(int(unsafe.Sizeof(r.aux[i])))
	}
}

// bind points the receiver at the slots of a batch. Their own memory never
// changes, so the same batch needs nothing.
func (r *receiver) bind(b *wire.Batch) {
	if b == r.batch {
		return
	}
	r.batch, r.room = b, min(len(b.Slots), len(r.msgs))
	for i := range r.room {
		b.Slots[i].Restore()
		r.iovs[i].Base = &b.Slots[i].Buf[0]
		r.iovs[i].SetLen(len(b.Slots[i].Buf))
	}
}

// Recv fills the batch with the frames that are there, at most 64, or waits for
// some, at most Options.Wait. It returns nil with b.N == 0 when none came. No
// state of the interface is an error: those are counted (Stats.RecvErrors) and
// waited out. It returns net.ErrClosed after Close. The batch stays the
// caller's; a truncated frame has its true length in Len.
func (q *Queue) Recv(b *wire.Batch) error {
	b.Reset()
	q.rx.bind(b)
	if q.opt.Dedicated {
		return q.recvDedicated()
	}
	for {
		s := q.sock.Load()
		if s == nil {
			return net.ErrClosed
		}
		q.rx.tried = false
		err := s.raw.Read(q.read)
		switch {
		case err == nil:
			return nil
		case errors.Is(err, os.ErrDeadlineExceeded):
			// The deadline is renewed only here: setting it costs more than a
			// frame. One that expired while there was work expires before the
			// kernel is asked, and is no reason to return.
			err := s.conn.SetReadDeadline(time.Now().Add(q.wait))
			if woken := q.woke.Swap(false); err == nil && (q.rx.tried || woken) {
				return nil
			}
		case q.sock.Load() == s:
			return err
		}
	}
}

// readFrom makes the function that RawConn.Read calls: it asks the kernel
// without waiting, and returns false to be called again when there is something.
func (r *receiver) readFrom(c *counters) func(fd uintptr) bool {
	return func(fd uintptr) bool {
		r.tried = true
		return r.take(fd, c)
	}
}

// take fills the batch with the frames that the kernel has, without waiting, and
// reports whether there were any.
//
// The call is raw: it takes at most some 20 us, and telling the scheduler of it
// costs a fifth of all frames.
func (r *receiver) take(fd uintptr, c *counters) bool {
	// Errors come one at a time, each between two frames: a link that went
	// down, a merged frame that no header can describe. Asking again at once
	// gets the frames behind it; but not for ever, should it stay.
	for range wire.BatchSize {
		r.rearm(r.n)
		r.n = 0
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVMMSG, fd, uintptr(unsafe.Pointer(&r.msgs[0])),
			uintptr(r.room), unix.MSG_DONTWAIT|unix.MSG_TRUNC, 0, 0)
		switch errno {
		case 0:
			r.n = int(n)
			r.fill()
			return true
		case unix.EAGAIN:
			return false
		case unix.EINTR:
		default:
			c.recv.Add(1)
		}
	}
	return false
}

// fill writes down what the kernel said of each frame.
func (r *receiver) fill() {
	b := r.batch
	b.N = r.n
	for i := range r.n {
		s, m := &b.Slots[i], &r.msgs[i]
		s.Restore()
		s.Len = max(int(m.Len)-wire.VnetLen, 0)
		s.Truncated = int(m.Len) > len(s.Buf)
		s.Type = packetTypeOf(wire.Ethernet(s.Buf[wire.VnetLen:]).Dst())
		s.CsumPending = s.Vnet().Flags()&wire.VnetNeedsCsum != 0

		a := &r.aux[i]
		if m.Hdr.Controllen == 0 || a.hdr.Level != unix.SOL_PACKET || a.hdr.Type != unix.PACKET_AUXDATA {
			continue
		}
		if a.data.Status&unix.TP_STATUS_VLAN_VALID != 0 {
			s.Tag(tpidOf(a.data.Status, a.data.Vlan_tpid), a.data.Vlan_tci)
		}
		s.CsumPending = s.CsumPending || a.data.Status&unix.TP_STATUS_CSUMNOTREADY != 0
	}
}

// tpidOf is the TPID of the tag that the kernel took off; old ones, before 3.14, know
// only one.
func tpidOf(status uint32, tpid uint16) uint16 {
	if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
		return tpid
	}
	return wire.EtherTypeVLAN
}

// packetTypeOf tells for whom a frame is. The kernel knows, too, but copying an
// address out with each frame costs a twentieth of all it takes to forward one;
// and the filter has dropped what is for other hosts and what this host sent, so
// that only a group's frames are not to us.
func packetTypeOf(dst wire.MAC) wire.PacketType {
	switch {
	case !dst.IsGroup():
		return wire.PacketHost
	case dst == wire.BroadcastMAC():
		return wire.PacketBroadcast
	}
	return wire.PacketMulticast
}
