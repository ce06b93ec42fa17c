// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/link/nstest"
	"cygnet/internal/wire"
)

const (
	groupClients = 64
	groupWorkers = 4
)

// forVIPs is the filter of the tests with a group.
func forVIPs() Filter { return Filter{Prefixes: prefixes("10.77.0.10/32", "fd77::10/128")} }

// openOf opens a group that is closed with the test. Its queues share threads, for
// the test is the worker of all.
func openOf(t *testing.T, n *nstest.NS, workers, flag int) (g *Group) {
	t.Helper()
	index := n.Index("eth1")
	n.Do(func() {
		var err error
		opt := Options{Filter: forVIPs(), Wait: wait}
		if g, err = openGroup("eth1", index, workers, opt, flag); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// text makes a frame from the client's MAC to the balancer's.
func text(t *testing.T, format string, args ...any) []byte {
	t.Helper()
	b, err := wire.ParseText(clientMAC + " > " + lbMAC + " " + fmt.Sprintf(format, args...))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// framesOf are all kinds of frames that a client sends, or is why others do.
func framesOf(t *testing.T, client int) [][]byte {
	t.Helper()
	four, six := fmt.Sprintf("10.77.1.%d", client), fmt.Sprintf("fd77::1:%x", client)
	return [][]byte{
		text(t, "tcp %s:40000 > 10.77.0.10:80 S", four),
		text(t, "tcp %s:40001 > 10.77.0.10:443 A ipopts=94040000 len=100", four),
		text(t, "udp %s:40000 > 10.77.0.10:53 len=16 ulen=8008 id=7 frag=0+", four),
		text(t, "ip %s > 10.77.0.10 proto=17 len=16 id=7 frag=24", four),
		text(t, "icmp %s > 10.77.0.10 echo-request", four),
		text(t, "icmp 10.77.2.254 > 10.77.0.10 unreachable code=4 mtu=1400 inner=(tcp 10.77.0.10:80 > %s:40000)", four),
		text(t, "icmp 10.77.2.253 > 10.77.0.10 time-exceeded ipopts=94040000 inner=(udp 10.77.0.10:53 > %s:40000)", four),
		text(t, "tcp [%s]:40000 > [fd77::10]:80 S", six),
		text(t, "udp [%s]:40001 > [fd77::10]:53 len=4", six),
		text(t, "udp [%s]:40000 > [fd77::10]:53 len=8 ulen=8008 id=7 frag=0+", six),
		text(t, "ip %s > fd77::10 proto=17 len=16 id=7 frag=16", six),
		text(t, "udp [%s]:40000 > [fd77::10]:53 len=4 ext=0:1100050200000100", six),
		text(t, "icmp6 fd77::2:fe > fd77::10 too-big mtu=1280 inner=(tcp [fd77::10]:443 > [%s]:40000)", six),
	}
}

// owners sends every frame of every client, and finds the workers that each
// client's met, of each family: one, and each frame once.
func owners(t *testing.T, g *Group, clientQ *Queue) (of map[string]int) {
	t.Helper()
	client := map[string]string{} // by frame
	for c := range groupClients {
		for _, f := range framesOf(t, c) {
			var parsed wire.Frame
			if defect := parsed.Parse(f); defect != wire.DefectNone {
				t.Fatal(defect)
			}
			client[string(f)] = fmt.Sprintf("client %d over %s", c, parsed.Kind)
			send(t, clientQ, f)
		}
	}
	of, times := map[string]int{}, map[string]int{}
	for w, q := range g.Queues() {
		for _, f := range drain(t, q) {
			who, sent := client[f]
			if !sent {
				t.Errorf("worker %d received what nobody sent: % x", w, f)
				continue
			}
			times[f]++
			if was, met := of[who]; met && was != w {
				t.Errorf("%s met workers %d and %d", who, was, w)
			}
			of[who] = w
		}
	}
	for f := range client {
		if times[f] != 1 {
			t.Errorf("%s: a frame came %d times", client[f], times[f])
		}
	}
	return of
}

// drain takes all frames that wait in a queue.
func drain(t *testing.T, q *Queue) (frames []string) {
	t.Helper()
	b := wire.NewBatch(wire.BatchSize, 4096)
	for {
		if err := q.Recv(b); err != nil {
			t.Fatal(err)
		}
		if b.N == 0 {
			return frames
		}
		for i := range b.N {
			frames = append(frames, string(b.Slots[i].Frame()))
		}
	}
}

// TestNetnsGroupOneWorkerAClient is with and without the flag that old kernels lack, also
// where the kernel refuses it: 0xff makes a kind of group of it that there is not.
func TestNetnsGroupOneWorkerAClient(t *testing.T) {
	for name, flag := range map[string]int{"flag": unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING, "none": 0, "refused": 0xff} {
		t.Run(name, func(t *testing.T) {
			lb, client := segment(t)
			g, clientQ := openOf(t, lb, groupWorkers, flag), open(t, client, "eth0", Filter{})
			of := owners(t, g, clientQ)
			share := map[int]int{}
			for _, w := range of {
				share[w]++
			}
			if even := 2 * groupClients / groupWorkers; len(share) != groupWorkers || slices.Max(slices.Collect(maps.Values(share))) > 2*even {
				t.Errorf("clients by worker: %v, want about %d each", share, even)
			}
			if st := g.Stats(); st != (wire.LinkStats{}) {
				t.Errorf("something was counted: %+v", st)
			}
			notHeard(t, lb, g, flag)
		})
	}
}

// notHeard has a worker, and another socket of the host, send frames that
// would be let in if they came from outside.
func notHeard(t *testing.T, lb *nstest.NS, g *Group, flag int) {
	t.Helper()
	arp := text(t, "arp who-has 10.77.0.10 tell 10.77.1.1")
	broadcast := wire.BroadcastMAC()
	copy(arp, broadcast[:])
	send(t, g.Queues()[1], arp)
	send(t, open(t, lb, "eth1", Filter{}), arp)
	for w, q := range g.Queues() {
		silent(t, q, fmt.Sprintf("worker %d", w))
	}
	// The filter drops them all the same: whether the kernel has even asked it is
	// seen with one that lets everything in.
	everything(t, g)
	send(t, open(t, lb, "eth1", Filter{}), arp)
	heard := 0
	for _, q := range g.Queues() {
		for _, f := range drain(t, q) {
			if f == string(arp) { // the client's kernel has something to say, too
				heard++
			}
		}
	}
	if ignored := flag == unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING; ignored != (heard == 0) {
		t.Errorf("%d frames of another socket of this host came to the group; the flag is %#x", heard, flag)
	}
}

// everything takes the filters off.
func everything(t *testing.T, g *Group) {
	t.Helper()
	for _, q := range g.Queues() {
		err := q.sock.Load().control(func(fd int) error {
			return unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DETACH_FILTER, 0)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestNetnsGroupKeepsClients: a client stays with its worker while the link goes
// down and up, and while the interface is another; the group opens on one that is down.
func TestNetnsGroupKeepsClients(t *testing.T) {
	lb, client := segment(t)
	lb.Down("eth1")
	g := openOf(t, lb, groupWorkers, unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING)
	lb.Up("eth1")
	of := owners(t, g, open(t, client, "eth0", Filter{}))

	lb.Down("eth1")
	lb.Up("eth1")
	if again := owners(t, g, open(t, client, "eth0", Filter{})); !maps.Equal(of, again) {
		t.Errorf("after down and up: %v, was %v", again, of)
	}

	lb.Delete("eth1")
	nstest.Veth(lb, "eth1", lbMAC, client, "eth0", clientMAC)
	index := lb.Index("eth1")
	lb.Do(func() {
		if err := g.Reopen(index); err != nil {
			t.Fatal(err)
		}
	})
	if again := owners(t, g, open(t, client, "eth0", Filter{})); !maps.Equal(of, again) {
		t.Errorf("after it returned: %v, was %v", again, of)
	}
}

// TestNetnsGroupOpensUnderTraffic opens a group, and then another in its place,
// while frames keep coming: none comes to two workers of a group, and none that was
// sent after that is missed.
func TestNetnsGroupOpensUnderTraffic(t *testing.T) {
	lb, client := segment(t)
	clientQ := open(t, client, "eth0", Filter{})
	for range 3 {
		var sent, last atomic.Uint32
		last.Store(16000) // some of what the buffers hold
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			b := wire.NewBatch(16, 256)
			for n := uint32(0); n < last.Load(); {
				b.N = len(b.Slots)
				for i := range b.Slots {
					f := toVIP(60)
					f[29] = byte(n) // many clients
					binary.BigEndian.PutUint32(f[40:], n)
					b.Slots[i].Set(f)
					b.Slots[i].Send = true
					n++
				}
				if err := clientQ.Send(b); err != nil {
					t.Error(err)
				}
				sent.Store(n)
			}
		}()
		poll(t, "frames", func() bool { return sent.Load() > 100 })
		g := openOf(t, lb, groupWorkers, unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING)
		from := sent.Load() + 16
		last.Store(from + 500)
		<-ended
		if from+500 > sent.Load() {
			t.Fatalf("all frames were sent before the group was open, at %d", from)
		}
		met := map[uint32]int{}
		for _, q := range g.Queues() {
			for _, f := range drain(t, q) {
				met[binary.BigEndian.Uint32([]byte(f)[40:])]++
			}
		}
		for n := range sent.Load() {
			if met[n] > 1 || n >= from && met[n] == 0 {
				t.Errorf("frame %d came %d times; the group was open at %d", n, met[n], from)
			}
		}
		if err := g.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestNetnsGroupSteer has the worker's other socket take over, as a program that
// names its index says.
func TestNetnsGroupSteer(t *testing.T) {
	lb, client := segment(t)
	g, clientQ := openOf(t, lb, 4, unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING), open(t, client, "eth0", Filter{})
	for _, members := range [][]int{{0, 2}, {1, 2}, {1, 3}} {
		if err := g.queues[0].sock.Load().steer(fanoutProgram(members, g.seed)); err != nil {
			t.Fatal(err)
		}
		met := map[int]bool{}
		for _, w := range owners(t, g, clientQ) {
			met[w] = true
		}
		if want := map[int]bool{members[0]: true, members[1]: true}; !maps.Equal(met, want) {
			t.Errorf("frames met %v, want %v", met, want)
		}
	}
}

// TestNetnsGroupFilter: the filters are replaced, and stay after a Reopen.
func TestNetnsGroupFilter(t *testing.T) {
	lb, client := segment(t)
	g, clientQ := openOf(t, lb, 3, 0), open(t, client, "eth0", Filter{})
	if err := g.SetFilter(Filter{Prefixes: prefixes("10.77.0.11/32")}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for c := range 30 {
			send(t, clientQ, text(t, "udp 10.77.1.%d:1 > 10.77.0.10:53", c), text(t, "udp 10.77.1.%d:1 > 10.77.0.11:53", c))
		}
		got := 0
		for _, q := range g.Queues() {
			n := len(drain(t, q))
			if got += n; n == 0 {
				t.Error("a worker has no frame")
			}
		}
		if got != 30 {
			t.Errorf("%d frames, want 30", got)
		}
		index := lb.Index("eth1")
		lb.Do(func() {
			if err := g.Reopen(index); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestNetnsGroupDedicated has each worker on its own thread, pinned, while the
// group reopens and closes, neither of which waits for one after another.
func TestNetnsGroupDedicated(t *testing.T) {
	lb, _ := segment(t)
	var g *Group
	index := lb.Index("eth1")
	const workers, slow = 8, 400 * time.Millisecond
	lb.Do(func() {
		var err error
		if g, err = OpenGroup("eth1", index, workers, Options{Filter: forVIPs(), Wait: slow, Dedicated: true, Pin: true}); err != nil {
			t.Fatal(err)
		}
	})
	var allowed unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		t.Fatal(err)
	}
	cpus := cpusOf(&allowed)
	want := placesFor(workers, cpus)
	if few := len(cpus) < workers; few != (len(g.Notes()) > 0) {
		t.Errorf("%d CPUs for %d workers, notes: %q", len(cpus), workers, g.Notes())
	}

	type end struct {
		on  []int
		err error
	}
	ends := make([]chan end, workers)
	begun := make(chan int, workers)
	for w, q := range g.Queues() {
		ends[w] = make(chan end, 1)
		go func() {
			b := wire.NewBatch(4, 4096)
			first := true
			for {
				if err := q.Recv(b); err != nil {
					var set unix.CPUSet
					_ = unix.SchedGetaffinity(0, &set)
					ends[w] <- end{cpusOf(&set), err}
					return
				}
				if first {
					begun <- w
				}
				first = false
			}
		}()
	}
	for range workers {
		<-begun
	}
	quickly := func(what string, f func() error) {
		t.Helper()
		start := time.Now()
		if err := f(); err != nil {
			t.Error(err)
		}
		if d := time.Since(start); d > 3*slow {
			t.Errorf("%s took %v, with %d workers that wait %v", what, d, workers, slow)
		}
	}
	lb.Do(func() { quickly("reopening", func() error { return g.Reopen(index) }) })
	if used := g.CPU(); len(used) != workers || slices.Contains(used, 0) {
		t.Errorf("processor time of %d workers: %v", workers, used)
	}
	quickly("closing", g.Close)
	for w := range workers {
		if e := <-ends[w]; !errors.Is(e.err, net.ErrClosed) || !slices.Equal(e.on, []int{want[w]}) {
			t.Errorf("worker %d ended with %v on CPUs %v, want closed, on %d", w, e.err, e.on, want[w])
		}
	}
	if err := g.Reopen(index); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Reopen after Close: %v", err)
	}
	if err := g.SetFilter(Filter{}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("SetFilter after Close: %v", err)
	}
}

// TestNetnsGroupOfOne is a queue without a group.
func TestNetnsGroupOfOne(t *testing.T) {
	lb, client := segment(t)
	g, clientQ := openOf(t, lb, 1, unix.PACKET_FANOUT_FLAG_IGNORE_OUTGOING), open(t, client, "eth0", Filter{})
	if id, err := g.queues[0].sock.Load().fanoutID(); id != 0 || err != nil {
		t.Errorf("it is in group %d, %v", id, err)
	}
	send(t, clientQ, toVIP(60))
	recv(t, g.Queues()[0], wire.NewBatch(4, 4096))
}
