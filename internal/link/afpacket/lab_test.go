// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"cygnet/internal/link/nstest"
	"cygnet/internal/wire"
)

// The two hosts of every namespace test: the balancer with eth1, the client
// with eth0.
const (
	lbMAC     = "02:00:00:00:00:01"
	clientMAC = "02:00:00:00:00:02"
	wait      = 100 * time.Millisecond
)

func vip() netip.Addr { return netip.AddrFrom4([4]byte{10, 77, 0, 10}) }

// forVIP is the filter of the tests, without the neighbour discovery that the
// kernels do by themselves.
func forVIP() Filter { return Filter{Prefixes: prefixes("10.77.0.10/32")} }

// segment makes the two hosts.
func segment(t testing.TB) (lb, client *nstest.NS) {
	t.Helper()
	nstest.Require(t)
	lb, client = nstest.New(t, "lb"), nstest.New(t, "client")
	nstest.Veth(lb, "eth1", lbMAC, client, "eth0", clientMAC)
	return lb, client
}

// open opens a queue that is closed with the test: on the balancer's eth1 one
// as workers have it, so that both kinds are tested.
func open(t testing.TB, n *nstest.NS, ifname string, f Filter) (q *Queue) {
	t.Helper()
	index := n.Index(ifname)
	n.Do(func() {
		var err error
		if q, err = Open(ifname, index, Options{Filter: f, Wait: wait, Dedicated: ifname == "eth1"}); err != nil {
			t.Fatal(err)
		}
	})
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return q
}

// opener opens a queue as open does.
type opener func(t testing.TB, n *nstest.NS, ifname string, f Filter) *Queue

// byBothWays runs a test with workers' queues whose frames come by the socket, and by
// the ring.
func byBothWays(t *testing.T, test func(t *testing.T, open opener)) {
	t.Run("socket", func(t *testing.T) { test(t, open) })
	t.Run("ring", func(t *testing.T) { test(t, openRinged) })
}

// openRinged is open, but frames come to a worker's queue by its ring alone.
func openRinged(t testing.TB, n *nstest.NS, ifname string, f Filter) *Queue {
	t.Helper()
	if ifname != "eth1" {
		return open(t, n, ifname, f)
	}
	q := open(t, n, ifname, Filter{})
	n.Do(func() {
		s, _, err := openSocket(ifname, n.Index(ifname), Options{Filter: f, Wait: wait, Dedicated: true})
		if err != nil {
			t.Fatal(err)
		}
		r, err := openRing(s)
		if err != nil {
			t.Fatal(err)
		}
		q.worker.given.Store(r)
		t.Cleanup(func() { _ = s.close() })
	})
	return q
}

// toVIP makes a UDP-like IPv4 frame of that length from client to balancer.
func toVIP(length int) []byte {
	b := make([]byte, length)
	dst, src := mac(lbMAC), mac(clientMAC)
	copy(b, dst[:])
	copy(b[6:], src[:])
	binary.BigEndian.PutUint16(b[12:], wire.EtherTypeIPv4)
	b[14] = 0x45
	binary.BigEndian.PutUint16(b[16:], uint16(length-14))
	b[22], b[23] = 64, 17
	copy(b[14+16:], vip().AsSlice())
	return b
}

func mac(s string) wire.MAC {
	m, err := wire.ParseMAC(s)
	if err != nil {
		panic(err)
	}
	return m
}

// put fills the batch with copies of the frames, to be sent.
func put(b *wire.Batch, frames ...[]byte) *wire.Batch {
	b.Reset()
	for i, f := range frames {
		b.Slots[i].Set(f)
		b.Slots[i].Send = true
	}
	b.N = len(frames)
	return b
}

// send sends frames through the queue.
func send(t testing.TB, q *Queue, frames ...[]byte) {
	t.Helper()
	if err := q.Send(put(wire.NewBatch(len(frames), 4096), frames...)); err != nil {
		t.Fatal(err)
	}
}

// recv waits for frames and fails the test if none comes.
func recv(t testing.TB, q *Queue, b *wire.Batch) {
	t.Helper()
	for range 30 {
		if err := q.Recv(b); err != nil {
			t.Fatal(err)
		}
		if b.N > 0 {
			return
		}
	}
	t.Fatal("no frame came")
}

// reach sends frames until one comes: after a link went up, the kernel takes a moment
// to see that it carries.
func reach(t testing.TB, from, to *Queue, b *wire.Batch) {
	t.Helper()
	for range 100 {
		send(t, from, toVIP(60))
		if err := to.Recv(b); err != nil {
			t.Fatal(err)
		}
		if b.N > 0 {
			return
		}
	}
	t.Fatal("no frame came")
}

// silent fails the test if a frame comes within the queue's wait.
func silent(t testing.TB, q *Queue, who string) {
	t.Helper()
	b := wire.NewBatch(4, 4096)
	if err := q.Recv(b); err != nil {
		t.Fatal(err)
	}
	if b.N > 0 {
		t.Errorf("%s received a frame: % x", who, b.Slots[0].Frame())
	}
}
