// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/link/nstest"
	"cygnet/internal/wire"
)

// ringGroup opens a group whose workers may use rings.
func ringGroup(t *testing.T, n *nstest.NS, workers int) (g *Group) {
	t.Helper()
	index := n.Index("eth1")
	n.Do(func() {
		var err error
		opt := Options{Filter: forVIPs(), Wait: wait, Dedicated: true, Ring: true}
		if g, err = OpenGroup("eth1", index, workers, opt); err != nil {
			t.Fatal(err)
		}
	})
	shut := g.ways.shut
	g.ways.shut = func() (s *socket, err error) { // it is called by a goroutine in the test's own namespace
		n.Do(func() { s, err = shut() })
		return s, err
	}
	return g
}

// follower is a worker that wants its other way every so many batches, and checks that
// what each client sent comes in order, once, and whole.
type follower struct {
	q       *Queue
	every   int
	next    map[uint32]uint32 // by client
	frames  atomic.Int64
	by      [2]atomic.Int64 // the socket, the ring
	problem string
}

func (f *follower) run() error {
	b := wire.NewBatch(wire.BatchSize, 4096)
	for n := 1; ; n++ {
		if err := f.q.Recv(b); err != nil {
			return err
		}
		lent := 0
		for i := range b.N {
			f.check(b.Slots[i].Frame())
			if b.Slots[i].Own() {
				lent++
			}
		}
		f.by[0].Add(int64(b.N - lent))
		f.by[1].Add(int64(lent))
		f.frames.Add(int64(b.N))
		if w := &f.q.worker; n%f.every == 0 && !w.asked.Load() && !w.leave.under && (w.clear || !w.load.busy) {
			w.load = load{busy: !w.load.busy}
			w.change(w.load.busy)
		}
	}
}

func (f *follower) check(frame []byte) {
	client, n := binary.BigEndian.Uint32(frame[26:]), binary.BigEndian.Uint32(frame[42:])
	if want := f.next[client]; n != want && f.problem == "" {
		f.problem = netip.AddrFrom4([4]byte(frame[26:30])).String() + ": a frame is lost, or came twice or too late"
	}
	f.next[client] = n + 1
}

// startFollowers starts a follower for each worker.
func startFollowers(g *Group, every int) (all []*follower, ended *sync.WaitGroup, errs chan error) {
	ended, errs = new(sync.WaitGroup), make(chan error, len(g.Queues()))
	for _, q := range g.Queues() {
		f := &follower{q: q, every: every, next: map[uint32]uint32{}}
		all = append(all, f)
		ended.Go(func() { errs <- f.run() })
	}
	return all, ended, errs
}

// stayHere keeps the test on one CPU: what is sent from another may come earlier than
// what still waits in the kernel on this one.
func stayHere(t *testing.T) {
	var all unix.CPUSet
	runtime.LockOSThread()
	if err := unix.SchedGetaffinity(0, &all); err != nil {
		t.Fatal(err)
	}
	var one unix.CPUSet
	one.Set(cpusOf(&all)[0])
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.SchedSetaffinity(0, &all)
		runtime.UnlockOSThread()
	})
}

// TestNetnsWayChanges has workers go to and fro between socket and ring while frames
// come: every frame meets the same worker of its client, once and in order.
func TestNetnsWayChanges(t *testing.T) {
	for _, workers := range []int{1, 3} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) { wayChanges(t, workers) })
	}
}

func wayChanges(t *testing.T, workers int) {
	{
		lb, client := segment(t)
		g, clientQ := ringGroup(t, lb, workers), open(t, client, "eth0", forVIP())
		all, ended, errs := startFollowers(g, 50)
		received := func() (n int64) {
			for _, f := range all {
				n += f.frames.Load()
			}
			return n
		}
		stayHere(t)
		const clients, total = 64, 200_000
		out := wire.NewBatch(wire.BatchSize, 4096)
		for sent := uint32(0); sent < total; {
			for out.Reset(); out.N < len(out.Slots); out.N++ {
				f := toVIP(60)
				binary.BigEndian.PutUint32(f[26:], 0x0a4d0100+sent%clients)
				binary.BigEndian.PutUint32(f[42:], sent/clients)
				out.Slots[out.N].Set(f)
				out.Slots[out.N].Send = true
				sent++
			}
			if err := clientQ.Send(out); err != nil {
				t.Fatal(err)
			}
			poll(t, "the workers to keep up", func() bool { return received() > int64(sent)-1000 })
		}
		poll(t, "every frame", func() bool { return received() == total })
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		ended.Wait()
		for i, f := range all {
			if err := <-errs; !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
			if f.problem != "" || f.by[0].Load() < 1000 || f.by[1].Load() < 1000 {
				t.Errorf("worker %d of %d: %s; %d frames by the socket, %d by the ring: %q", i, workers, f.problem, f.by[0].Load(), f.by[1].Load(), g.Notes())
			}
			if f.q.worker.ring != nil {
				t.Errorf("worker %d of %d did not let go of its ring", i, workers)
			}
		}
		if st := g.Stats(); st != (wire.LinkStats{}) {
			t.Errorf("something was counted: %+v", st)
		}
	}
}

// TestNetnsBusyQueueUsesItsRing floods a worker until it has a ring, lets it rest until
// it has not, and has the interface go down and vanish in between.
func TestNetnsBusyQueueUsesItsRing(t *testing.T) {
	lb, client := segment(t)
	g, clientQ := ringGroup(t, lb, 1), open(t, client, "eth0", forVIP())
	defer func() { _ = g.Close() }()
	q, b := g.Queues()[0], wire.NewBatch(wire.BatchSize, 4096)
	byRing := func() bool {
		if err := q.Recv(b); err != nil {
			t.Fatal(err)
		}
		return b.N > 0 && b.Slots[0].Own()
	}
	flood := func() {
		t.Helper()
		frames := make([][]byte, wire.BatchSize)
		for i := range frames {
			frames[i] = toVIP(60)
		}
		out := put(wire.NewBatch(wire.BatchSize, 4096), frames...)
		poll(t, "frames by the ring", func() bool {
			for range 2 * ringAfter { // faster than it takes them
				_ = clientQ.Send(out)
			}
			for range ringAfter {
				if byRing() {
					return true
				}
			}
			return false
		})
	}
	flood()
	lb.Down("eth1")
	lb.Up("eth1")
	flood()
	if st := g.Stats(); st.RecvErrors > 2 {
		t.Errorf("going down was counted more than once by each way: %+v", st)
	}

	poll(t, "frames by the socket", func() bool {
		send(t, clientQ, toVIP(60))
		return !byRing() && b.N > 0
	})
	flood()

	lb.Delete("eth1")
	nstest.Veth(lb, "eth1", lbMAC, client, "eth0", clientMAC)
	index := lb.Index("eth1")
	lb.Do(func() {
		if err := g.Reopen(index); err != nil {
			t.Fatal(err)
		}
	})
	clientQ = open(t, client, "eth0", forVIP())
	reach(t, clientQ, q, b)
	flood()
}

// TestNetnsNoRing has no memory for one worker's ring while another has one: that stays
// with its ring, and the first goes on by its socket, rests when it may, and is not told
// of twice. Later it gets a ring.
func TestNetnsNoRing(t *testing.T) {
	lb, _ := segment(t)
	g := ringGroup(t, lb, 2)
	defer func() { _ = g.Close() }()
	first, second := &g.Queues()[0].worker, &g.Queues()[1].worker
	shut := g.ways.shut
	want := func(d *dedicated, busy bool) {
		d.busy.Store(busy)
		d.asked.Store(true)
	}
	look := func() error { // as the goroutine does
		g.ways.calls = make(chan struct{}, 1) // which hears nothing any more
		return g.ways.look()
	}
	want(second, true)
	if err := look(); err != nil || second.asked.Load() {
		t.Fatal("the second worker has no ring: ", err)
	}
	g.ways.shut = func() (*socket, error) { return nil, unix.ENOMEM }
	want(first, true)
	want(second, true)
	for range 2 {
		if err := look(); !errors.Is(err, unix.ENOMEM) || len(g.Notes()) != 1 {
			t.Errorf("%v; noted %q", err, g.Notes())
		}
	}
	if used := g.ways.used; used[0] != 0 || used[1] != 2 {
		t.Errorf("the workers' frames come by members %v, want 0 and 2", used)
	}
	if first.asked.Load() || second.asked.Load() || !first.mayRest() || second.mayRest() {
		t.Errorf("asked %v and %v, may rest %v and %v", first.asked.Load(), second.asked.Load(), first.mayRest(), second.mayRest())
	}
	g.ways.shut = shut
	if err := look(); err != nil || g.ways.used[0] != 3 {
		t.Errorf("with memory: %v, members %v", err, g.ways.used)
	}
}

// A worker that goes back to its socket, and has taken the last frames of its ring, must
// not wait for more of them while others wait in the socket.
func TestPartingDoesNotWaitForAnEmptyRing(t *testing.T) {
	fds := unreadable(t)
	const wait = 5 * time.Second
	q := &Queue{opt: Options{Wait: wait}}
	d := &q.worker
	d.init(q)
	d.ring = &ring{fd: int32(fds[0]), mem: make([]byte, ringBytes)} // of which the kernel owns all, and nothing is in it
	d.leave = parting{under: true, seen: true}
	d.asked.Store(true)
	began := time.Now()
	d.waitToLeave(int32(fds[1]))
	if d.leave.under || time.Since(began) > wait/2 {
		t.Errorf("after %v: parting still: %v", time.Since(began), d.leave.under)
	}
}

// A worker that is busy and has no ring yet looks for one soon, whatever comes to its
// socket.
func TestBusyWorkerLooksForItsRing(t *testing.T) {
	fds := unreadable(t)
	const wait = 5 * time.Second
	q := newQueue("test", Options{Wait: wait, Dedicated: true}, nil, nil)
	q.rx.bind(wire.NewBatch(wire.BatchSize, wire.SlotRoom))
	d := &q.worker
	d.load.busy = true
	d.asked.Store(true)
	began := time.Now()
	d.takeOrWait(uintptr(fds[0]))
	if took := time.Since(began); took > wait/2 {
		t.Errorf("it waited for %v", took)
	}
}

// unreadable are two descriptors that are never readable.
func unreadable(t *testing.T) [2]int {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = unix.Close(fds[0])
		_ = unix.Close(fds[1])
	})
	return fds
}
