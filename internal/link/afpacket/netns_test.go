// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"cygnet/internal/wire"
)

// TestNetnsSuperFrame sends a TCP frame of four segments with an unfinished
// checksum to and fro: its virtio header arrives, and goes back untouched.
func TestNetnsSuperFrame(t *testing.T) { byBothWays(t, testNetnsSuperFrame) }

func testNetnsSuperFrame(t *testing.T, open opener) {
	lb, client := segment(t)
	lbQ, clientQ := open(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())

	const headers, mss = 14 + 20 + 20, 1448
	frame := toVIP(headers + 4*mss)
	frame[23] = wire.ProtoTCP
	frame[34+12] = 5 << 4 // data offset
	out := put(wire.NewBatch(1, wire.SlotRoom), frame)
	h := out.Slots[0].Vnet()
	h[0], h[1] = wire.VnetNeedsCsum, wire.GSOTCPv4
	binary.NativeEndian.PutUint16(h[2:], headers)
	binary.NativeEndian.PutUint16(h[4:], mss)
	binary.NativeEndian.PutUint16(h[6:], 34)
	binary.NativeEndian.PutUint16(h[8:], 16)
	if err := clientQ.Send(out); err != nil {
		t.Fatal(err)
	}

	check := func(who string, s *wire.Slot) {
		t.Helper()
		if s.Len != len(frame) || s.Segments(headers) != 4 || !s.CsumPending || s.Truncated {
			t.Errorf("%s got length %d in %d segments, checksum pending %v, truncated %v; want %d in 4, true, false",
				who, s.Len, s.Segments(headers), s.CsumPending, s.Truncated, len(frame))
		}
	}
	in := wire.NewBatch(wire.BatchSize, wire.SlotRoom)
	recv(t, lbQ, in)
	check("the balancer", &in.Slots[0])
	f := wire.Ethernet(in.Slots[0].Frame())
	f.SetDst(mac(clientMAC))
	f.SetSrc(mac(lbMAC))
	in.Slots[0].Send = true
	if err := lbQ.Send(in); err != nil {
		t.Fatal(err)
	}
	recv(t, clientQ, in)
	check("the client", &in.Slots[0])
	if st := lbQ.Stats(); st != (wire.LinkStats{}) {
		t.Errorf("something was counted: %+v", st)
	}
}

func TestNetnsOwnFramesAreNotSeen(t *testing.T) {
	lb, client := segment(t)
	worker, control := open(t, lb, "eth1", forVIP()), open(t, lb, "eth1", forVIP())
	clientQ := open(t, client, "eth0", forVIP())

	arp := make([]byte, 60)
	broadcast, src := wire.BroadcastMAC(), mac(lbMAC)
	copy(arp, broadcast[:])
	copy(arp[6:], src[:])
	binary.BigEndian.PutUint16(arp[12:], wire.EtherTypeARP)
	send(t, worker, arp)

	b := wire.NewBatch(4, 4096)
	recv(t, clientQ, b)
	if got := b.Slots[0]; got.Type != wire.PacketBroadcast || !bytes.Equal(got.Frame(), arp) {
		t.Errorf("the client got type %d, % x", got.Type, got.Frame())
	}
	silent(t, worker, "the socket that sent")
	silent(t, control, "another socket on the interface")
}

func TestNetnsVLANTagIsPutBack(t *testing.T) { byBothWays(t, testNetnsVLANTagIsPutBack) }

func testNetnsVLANTagIsPutBack(t *testing.T, open opener) {
	lb, client := segment(t)
	lbQ, clientQ := open(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	tests := []struct {
		name string
		tag  []byte
	}{
		{"untagged", nil},
		{"VID 5", []byte{0x81, 0x00, 0x00, 0x05}},
		{"VID 5 with priority 7", []byte{0x81, 0x00, 0xe0, 0x05}},
		{"priority alone", []byte{0x81, 0x00, 0xe0, 0x00}},
		{"provider's tag", []byte{0x88, 0xa8, 0x00, 0x06}},
		{"untagged in a slot that had a tag", nil},
	}
	b := wire.NewBatch(4, 4096)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plain := toVIP(60)
			tagged := append(append(bytes.Clone(plain[:12]), tt.tag...), plain[12:]...)
			send(t, clientQ, tagged)
			recv(t, lbQ, b)
			if got := b.Slots[0].Frame(); !bytes.Equal(got, tagged) {
				t.Errorf("got % x, want % x", got, tagged)
			}
		})
	}
}

func TestNetnsTruncation(t *testing.T) {
	lb, client := segment(t)
	lbQ, clientQ := open(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	send(t, clientQ, toVIP(60), toVIP(1000), toVIP(90))

	b := wire.NewBatch(4, wire.VnetLen+100)
	recv(t, lbQ, b)
	for i, want := range []struct {
		length, room int
		truncated    bool
	}{{60, 60, false}, {1000, 100, true}, {90, 90, false}} {
		s := &b.Slots[i]
		if s.Len != want.length || len(s.Frame()) != want.room || s.Truncated != want.truncated {
			t.Errorf("frame %d: length %d, %d octets, truncated %v, want %+v", i, s.Len, len(s.Frame()), s.Truncated, want)
		}
	}
}

func TestNetnsSendSkipsWhatFails(t *testing.T) { byBothWays(t, testNetnsSendSkipsWhatFails) }

func testNetnsSendSkipsWhatFails(t *testing.T, open opener) {
	lb, client := segment(t)
	lbQ, clientQ := open(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	send(t, clientQ, toVIP(60), toVIP(2000), toVIP(61), toVIP(60)[:10], toVIP(62))

	b := wire.NewBatch(8, 4096)
	recv(t, lbQ, b)
	if b.N != 3 || b.Slots[0].Len != 60 || b.Slots[1].Len != 61 || b.Slots[2].Len != 62 {
		t.Errorf("got %d frames, want the three that can be sent", b.N)
	}
	if st := clientQ.Stats(); st != (wire.LinkStats{SendTooLong: 1, SendOther: 1}) {
		t.Errorf("counted %+v, want one too long and one other", st)
	}
	out := put(wire.NewBatch(3, 4096), toVIP(63), toVIP(64), toVIP(65))
	out.Slots[1].Send = false
	if err := clientQ.Send(out); err != nil {
		t.Fatal(err)
	}
	recv(t, lbQ, b)
	if b.N != 2 || b.Slots[0].Len != 63 || b.Slots[1].Len != 65 {
		t.Errorf("got %d frames, want the two that were to be sent", b.N)
	}
	client.Down("eth0")
	send(t, clientQ, toVIP(60), toVIP(60))
	if st := clientQ.Stats(); st.SendDown != 2 {
		t.Errorf("counted %+v, want two for a link that is down", st)
	}
}

func TestNetnsKernelDropsAddUp(t *testing.T) { byBothWays(t, testNetnsKernelDropsAddUp) }

func testNetnsKernelDropsAddUp(t *testing.T, open opener) {
	lb, client := segment(t)
	lbQ, clientQ := open(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	flood := func() {
		out := wire.NewBatch(wire.BatchSize, 4096)
		out.N = len(out.Slots)
		for i := range out.Slots {
			out.Slots[i].Set(toVIP(60))
			out.Slots[i].Send = true
		}
		for range 1200 { // 76800 frames: the buffer holds some 20000, the ring 55000
			if err := clientQ.Send(out); err != nil {
				t.Fatal(err)
			}
		}
	}
	flood()
	first := lbQ.Stats().KernelDrops
	if first == 0 {
		t.Fatal("no drop counted, though nobody received")
	}
	if again := lbQ.Stats().KernelDrops; again != first {
		t.Errorf("drops went from %d to %d without a frame", first, again)
	}
	flood()
	if second := lbQ.Stats().KernelDrops; second <= first {
		t.Errorf("drops stay at %d", second)
	}
	b, got := wire.NewBatch(wire.BatchSize, 4096), 0
	for got < 1000 {
		recv(t, lbQ, b)
		got += b.N
	}
}

func TestNetnsSetFilter(t *testing.T) {
	lb, client := segment(t)
	lbQ, clientQ := open(t, lb, "eth1", Filter{}), open(t, client, "eth0", forVIP())
	send(t, clientQ, toVIP(60))
	silent(t, lbQ, "a queue without prefixes")
	if err := lbQ.SetFilter(forVIP()); err != nil {
		t.Fatal(err)
	}
	send(t, clientQ, toVIP(60))
	recv(t, lbQ, wire.NewBatch(4, 4096))
}

// TestNetnsFilterTooLargeForKernel gives the kernel no memory for a long filter,
// as one before Linux 6.8 has by default.
func TestNetnsFilterTooLargeForKernel(t *testing.T) {
	lb, client := segment(t)
	f := Filter{}
	for i := range maxPrefixes {
		f.Prefixes = append(f.Prefixes, netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 1, byte(i), 1}), 32))
	}
	clientQ := open(t, client, "eth0", forVIP())
	b := wire.NewBatch(4, 4096)

	fits := open(t, lb, "eth1", f)
	lb.Sysctl("core/optmem_max", "4096") // of each namespace since Linux 6.8
	wide := open(t, lb, "eth1", f)
	send(t, clientQ, toVIP(60))
	recv(t, wide, b)
	silent(t, fits, "a queue whose filter fits")
}

// TestNetnsRecvReturnsInTime shows that Recv waits, and not for longer than it
// was told to, while its deadline goes on from call to call.
func TestNetnsRecvReturnsInTime(t *testing.T) { byBothWays(t, testNetnsRecvReturnsInTime) }

func testNetnsRecvReturnsInTime(t *testing.T, open opener) {
	lb, _ := segment(t)
	q, b := open(t, lb, "eth1", forVIP()), wire.NewBatch(4, 4096)
	if err := q.Recv(b); err != nil { // ends with the first deadline, wherever that was
		t.Fatal(err)
	}
	for range 3 {
		start := time.Now()
		if err := q.Recv(b); err != nil || b.N != 0 {
			t.Fatal(b.N, err)
		}
		if d := time.Since(start); d < wait/2 || d > 5*wait {
			t.Errorf("Recv waited %v, want about %v", d, wait)
		}
	}
}

// TestNetnsWake shows that a Recv that waits returns when it is woken, and that the
// next one does when nobody waited.
func TestNetnsWake(t *testing.T) {
	_, client := segment(t)
	const long = 5 * time.Second
	var q *Queue
	client.Do(func() {
		var err error
		if q, err = Open("eth0", client.Index("eth0"), Options{Filter: forVIP(), Wait: long}); err != nil {
			t.Fatal(err)
		}
	})
	defer func() { _ = q.Close() }()
	b := wire.NewBatch(4, 4096)
	if q.Wake(); q.Recv(b) != nil { // its deadline was none yet
		t.Fatal("closed")
	}
	for _, after := range []time.Duration{0, 50 * time.Millisecond} {
		start := time.Now()
		if after == 0 {
			q.Wake()
		} else {
			time.AfterFunc(after, q.Wake)
		}
		if err := q.Recv(b); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d < after || d > long/2 {
			t.Errorf("woken after %v, Recv waited %v", after, d)
		}
	}
}

// TestNetnsSetWait shows that Recv waits as it was last told, and that this loses no
// wake-up.
func TestNetnsSetWait(t *testing.T) {
	_, client := segment(t)
	q := open(t, client, "eth0", forVIP())
	b := wire.NewBatch(4, 4096)
	for _, wait := range []time.Duration{300 * time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond} {
		q.SetWait(wait)
		start := time.Now()
		if err := q.Recv(b); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d < wait*9/10 || d > wait+2*time.Second {
			t.Errorf("Recv waited %v, was told %v", d, wait)
		}
	}
	q.Wake()
	q.SetWait(time.Minute)
	start := time.Now()
	if err := q.Recv(b); err != nil || time.Since(start) > 30*time.Second {
		t.Errorf("Recv returned after %v, %v: the wake-up before is lost", time.Since(start), err)
	}
}

// TestNetnsNoAllocations moves frames to and fro, with a wait between, too.
func TestNetnsNoAllocations(t *testing.T) { byBothWays(t, testNetnsNoAllocations) }

func testNetnsNoAllocations(t *testing.T, open opener) {
	lb, client := segment(t)
	lbQ, clientQ := open(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	frames := make([][]byte, wire.BatchSize)
	for i := range frames {
		frames[i] = toVIP(60)
	}
	out := put(wire.NewBatch(wire.BatchSize, 4096), frames...)
	in := wire.NewBatch(wire.BatchSize, 4096)
	round := func() {
		_ = clientQ.Send(out)
		_ = lbQ.Recv(in)
		for i := range in.N {
			in.Slots[i].Send = true
		}
		_ = lbQ.Send(in)
	}
	round()
	if in.N == 0 {
		t.Fatal("no frame came")
	}
	if n := testing.AllocsPerRun(200, round); n != 0 {
		t.Errorf("%v allocations a batch, want none", n)
	}
}
