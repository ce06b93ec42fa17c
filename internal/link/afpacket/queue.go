// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package afpacket moves frames between an Ethernet interface and batches, by
// packet sockets (packet(7)) that mdlayher/packet opens, binds, filters and
// closes. Frames go through its SyscallConn, up to 64 with one system call.
//
//	driver ── GRO ── tap (ETH_P_ALL) ── ingress drop ── the host's own stack
//	                   │
//	                 filter (cBPF: ours?) ── receive buffer ── Recv ┐
//	                                                                engine
//	driver ── queueing discipline ────────────────────────── Send ──┘
//
// Several workers share an interface as a Group: each frame meets one of their
// sockets, by its client's address.
//
// A worker that is busy goes over to a receive ring, memory that it shares with the
// kernel, and back when it rests (load, ways):
//
//	        ┌── socket: recvmmsg, a frame comes at once ──┐
//	group ──┤                                             ├── Recv
//	        └── ring: no copy, a frame comes in 1 to 2 ms ┘
//
// A frame in the ring is lent to its slot (wire.Slot.Lend) and sent from there.
//
// Three decisions that must stay:
//
// Sockets are bound to ETH_P_ALL: one bound to ETH_P_IP sits behind the ingress
// drop and sees nothing.
//
// PACKET_VNET_HDR is on from before the first frame, and the 10 octets go back
// out with the frame as they came. They carry unfinished checksums and the
// segment size of merged frames, without which TCP breaks or collapses.
//
// Frames leave by a socket of the group they came by: it never hears itself, so even
// a kernel without PACKET_IGNORE_OUTGOING makes no echo.
package afpacket

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Options are fixed for the life of a queue, but for the filter.
type Options struct {
	// Filter says which frames the queue receives; SetFilter changes it.
	Filter Filter

	// Wait is the longest that Recv waits for a frame. It must be positive.
	Wait time.Duration

	// Dedicated is for the queue of a busy worker. Its Recv waits in ppoll(2),
	// on a thread of its own, to which it locks the goroutine that calls it, and
	// the runtime's poller hears nothing of the socket; otherwise each frame that
	// comes or has left wakes a thread that waits for events, which on one core
	// costs a third of all frames. The price is that closing and reopening wait for a Recv that waits.
	Dedicated bool

	// Ring lets the dedicated queues of a group, while they are busy, receive by rings
	// instead of by system calls. It does nothing for a queue that is opened alone.
	Ring bool

	// Pin keeps the threads of a group's dedicated queues on a CPU each, as far
	// as there are as many. It does nothing for a queue that is opened alone.
	Pin bool

	pollers []int // what leavePoller needs
}

// Queue is one packet socket: its frames in and out. Recv and Send belong to
// one goroutine, with the batches they are given; all other methods may be
// called from any goroutine.
//
// The queue outlives its interface: when that vanishes, Recv and Send go on,
// without frames, until Reopen gives them a new socket.
type Queue struct {
	ifname string
	wait   time.Duration // of Recv; its goroutine's own

	sock atomic.Pointer[socket] // nil once closed
	woke atomic.Bool            // by Wake, since Recv last returned for it

	// Owned by the goroutine that calls Recv and Send. The functions are made
	// once, since a closure made for each call would be an allocation.
	rx   receiver
	tx   sender
	read func(fd uintptr) bool

	worker dedicated // of a dedicated one

	write  func(fd uintptr)
	counts counters // written there, read anywhere

	mu     sync.Mutex   // never taken by Recv and Send
	opt    Options      // of which only the filter changes; Recv reads Wait and Dedicated alone
	groups []netip.Addr // asked for by Join
	all    bool         // the same
	notes  []string
	drops  uint64 // kernel drops read so far, of all sockets; reading clears them
}

// Open opens a queue on the interface of that number; the name is for messages.
// The interface may be down. CAP_NET_RAW suffices; without it the error is a
// *PrivilegeError, whose Hint says how to get it.
func Open(ifname string, ifindex int, opt Options) (*Queue, error) {
	opt = opt.prepared()
	s, notes, err := openSocket(ifname, ifindex, opt)
	if err != nil {
		return nil, openError(ifname, err)
	}
	return newQueue(ifname, opt, s, notes), nil
}

// prepared looks up what opening needs.
func (o Options) prepared() Options {
	if o.Dedicated {
		o.pollers = pollers()
	}
	return o
}

// openError says what could not be done, and of a lack of privilege what helps.
func openError(ifname string, err error) error {
	if errors.Is(err, unix.EPERM) {
		return &PrivilegeError{Name: ifname, Err: err}
	}
	return fmt.Errorf("open packet socket on %s: %w", ifname, err)
}

// newQueue makes the queue of a socket.
func newQueue(ifname string, opt Options, s *socket, notes []string) *Queue {
	q := &Queue{ifname: ifname, wait: opt.Wait, opt: opt, notes: notes}
	q.rx.init()
	q.tx.init()
	q.read = q.rx.readFrom(&q.counts)
	q.worker.init(q)
	q.write = q.tx.writeTo(&q.counts)
	q.sock.Store(s)
	return q
}

// Notes are sentences about what works less well than it could, each with the
// command that helps.
func (q *Queue) Notes() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.notes)
}

// SetFilter replaces the filter of the running socket at once. Frames that are
// already waiting were judged by the old one.
func (q *Queue) SetFilter(f Filter) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.sock.Load()
	if s == nil {
		return net.ErrClosed
	}
	err := s.setFilter(f)
	if r := q.worker.given.Load(); r != nil {
		err = errors.Join(err, r.sock.setFilter(f))
	}
	if err != nil {
		return fmt.Errorf("set filter on %s: %w", q.ifname, err)
	}
	q.opt.Filter = f
	return nil
}

// Reopen moves the queue to the interface of that number: after the interface
// it had vanished and came back, its socket is dead for good. Filter and groups
// follow; call Join again to hear about groups that could not. A Recv that
// waits goes on with the new socket. After an error the queue is as before.
func (q *Queue) Reopen(ifindex int) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.sock.Load() == nil {
		return net.ErrClosed
	}
	opt := q.opt
	opt.Wait = reopenWait
	s, notes, err := openSocket(q.ifname, ifindex, opt)
	if err != nil {
		return fmt.Errorf("reopen packet socket on %s: %w", q.ifname, err)
	}
	_ = q.move(s, notes).close() // wakes a Recv that waits in it
	return nil
}

// take makes s the socket of a queue of a group, as move does. Of a queue that
// is closed, s is what is to be closed.
func (q *Queue) take(s *socket, notes []string) (old *socket, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.sock.Load() == nil {
		return s, net.ErrClosed
	}
	return q.move(s, notes), nil
}

// move makes s the socket of a queue that is not closed, and returns the one
// that was, which is to be closed. The caller holds mu.
func (q *Queue) move(s *socket, notes []string) (old *socket) {
	q.notes = notes
	_ = s.join(q.groups, q.all)
	old = q.sock.Swap(s)
	q.drops += old.drops()
	return old
}

// reopenWait is how long the first Recv waits in a socket that was opened anew.
const reopenWait = 20 * time.Millisecond

// SetWait changes Options.Wait, from the next Recv on. It is for the goroutine that
// calls Recv, and has no effect on a queue that is Dedicated.
func (q *Queue) SetWait(wait time.Duration) {
	if q.opt.Dedicated || wait == q.wait {
		return
	}
	q.wait = wait
	s := q.sock.Load()
	if s == nil {
		return
	}
	_ = s.conn.SetReadDeadline(time.Now().Add(wait))
	if q.woke.Load() { // Wake was here before, and that was its deadline
		_ = s.conn.SetReadDeadline(longAgo())
	}
}

// longAgo is a deadline that has expired.
func longAgo() time.Time { return time.Unix(1, 0) }

// Wake makes the Recv that waits, or else the next one, return at once, unless the
// queue is Dedicated: that has no other work.
func (q *Queue) Wake() {
	if q.opt.Dedicated || q.woke.Swap(true) {
		return
	}
	if s := q.sock.Load(); s != nil {
		_ = s.conn.SetReadDeadline(longAgo())
	}
}

// giveRing gives a dedicated queue a ring, or with nil takes it away, and returns the
// one that it had: its socket is to be closed. Its memory is the worker's to unmap.
func (q *Queue) giveRing(r *ring) (old *ring) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if old = q.worker.given.Swap(r); old != nil {
		q.drops += old.sock.drops()
	}
	return old
}

// Close closes the socket. A Recv that waits returns net.ErrClosed, and so does
// every later call.
func (q *Queue) Close() error {
	if s := q.shut(); s != nil {
		return s.close()
	}
	return nil
}

// shut takes the queue's socket away, which is to be closed; nil if it was before.
func (q *Queue) shut() *socket {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.sock.Swap(nil)
	if s != nil {
		q.drops += s.drops()
	}
	return s
}
