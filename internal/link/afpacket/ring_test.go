// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// numbered is a frame of that number, as long as the number says.
func numbered(n uint32) []byte {
	f := toVIP(60 + int(n*37%1400))
	binary.BigEndian.PutUint32(f[42:], n)
	for i := 46; i < len(f); i++ {
		f[i] = byte(n)
	}
	return f
}

// TestNetnsRingGoesRound has the ring filled several times over, by frames of all
// lengths. They come whole and in their order, and stay as they are until the next
// Recv, however many come meanwhile.
func TestNetnsRingGoesRound(t *testing.T) {
	lb, client := segment(t)
	lbQ, clientQ := openRinged(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	const total = 5 * ringBytes / 700
	in, out := wire.NewBatch(wire.BatchSize, wire.SlotRoom), wire.NewBatch(wire.BatchSize, 4096)
	sent, got := uint32(0), uint32(0)
	more := func() {
		// No more than half the ring is ahead of who reads.
		for out.Reset(); out.N < len(out.Slots) && sent < total && sent < got+ringBytes/1600; sent++ {
			out.Slots[out.N].Set(numbered(sent))
			out.Slots[out.N].Send = true
			out.N++
		}
		if err := clientQ.Send(out); err != nil {
			t.Fatal(err)
		}
	}
	for more(); got < total; {
		recv(t, lbQ, in)
		more()
		for i := range in.N {
			if want := numbered(got); !bytes.Equal(in.Slots[i].Frame(), want) {
				t.Fatalf("frame %d of %d: got % x, want % x", got, total, in.Slots[i].Frame()[:50], want[:50])
			}
			got++
		}
	}
	if st := lbQ.Stats(); st != (wire.LinkStats{}) {
		t.Errorf("something was counted: %+v", st)
	}
}

// TestNetnsRingLinkDown shows that a queue with a ring does not spin when its link goes
// down, and goes on when it is up again.
func TestNetnsRingLinkDown(t *testing.T) {
	lb, client := segment(t)
	lbQ, clientQ := openRinged(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	b := wire.NewBatch(4, 4096)
	send(t, clientQ, toVIP(60))
	recv(t, lbQ, b)
	lb.Down("eth1")
	if err := lbQ.Recv(b); err != nil { // hears of it
		t.Fatal(err)
	}
	start := time.Now()
	silent(t, lbQ, "a queue whose link is down")
	if d := time.Since(start); d < wait/2 {
		t.Errorf("Recv waited %v, want %v", d, wait)
	}
	lb.Up("eth1")
	reach(t, clientQ, lbQ, b)
}

// TestNetnsRingEnds takes a ring away while frames that it lent are in use.
func TestNetnsRingEnds(t *testing.T) {
	lb, client := segment(t)
	lbQ, clientQ := openRinged(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	b := wire.NewBatch(4, 4096)
	send(t, clientQ, toVIP(60), toVIP(61))
	recv(t, lbQ, b)
	b.Slots[0].Send = true
	if err := lbQ.Send(b); err != nil {
		t.Fatal(err)
	}
	lbQ.worker.given.Store(nil)
	if err := lbQ.Recv(b); err != nil || b.N != 0 {
		t.Fatal(b.N, err)
	}
	if lbQ.worker.ring != nil || lbQ.tx.iovs[0].Base != nil {
		t.Error("the ring is still in use")
	}
	for i := range b.Slots {
		if s := &b.Slots[i]; s.Own() || !s.Set(toVIP(60)) {
			t.Errorf("slot %d has no memory of its own", i)
		}
	}
}

func TestLoad(t *testing.T) {
	l, now := load{}, time.Unix(1000, 0)
	for i := range 3 * ringAfter {
		n := wire.BatchSize
		if i%ringAfter == ringAfter-1 {
			n-- // it had caught up
		}
		if l.took(n, wire.BatchSize) {
			t.Fatalf("busy after %d batches that were not all full", i+1)
		}
	}
	for i := range ringAfter {
		if got, want := l.took(wire.BatchSize, wire.BatchSize), i == ringAfter-1; got != want {
			t.Fatalf("batch %d: became busy: %v", i+1, got)
		}
	}
	if l.took(wire.BatchSize, wire.BatchSize) || !l.busy {
		t.Error("became busy again")
	}
	// It waits for 40 % of the time, then for 60 %.
	for _, of := range []struct {
		slept time.Duration
		rests bool
	}{{4 * time.Millisecond, false}, {6 * time.Millisecond, true}} {
		rested := false
		for range 30 {
			from := now.Add(10*time.Millisecond - of.slept)
			now = now.Add(10 * time.Millisecond)
			rested = rested || l.waited(from, now)
		}
		if rested != of.rests || l.busy == of.rests {
			t.Errorf("waiting %v of 10 ms: rested %v, want %v", of.slept, rested, of.rests)
		}
	}
}

// TestRingStepsOverWhatIsNoFrame has the kernel leave a place in a block empty, with
// what was there in an earlier round.
func TestRingStepsOverWhatIsNoFrame(t *testing.T) {
	const place, mac = 256, 96
	r := &ring{mem: make([]byte, ringBytes)}
	block := r.header(0)
	block.Num_pkts, block.Offset_to_first_pkt, block.Block_status = 3, 64, unix.TP_STATUS_USER
	for i, status := range []uint32{unix.TP_STATUS_USER, 0, unix.TP_STATUS_USER} {
		h := (*unix.Tpacket3Hdr)(unsafe.Pointer(&r.mem[64+i*place]))
		h.Next_offset, h.Status, h.Mac = place, status, mac
		h.Len, h.Snaplen = uint32(60+i), uint32(60+i)
		if status == 0 {
			h.Len, h.Snaplen, h.Mac = 1<<31, 1<<31, 0xffff
		}
	}
	var c counters
	b := wire.NewBatch(4, 4096)
	if !r.take(b, &c) || b.N != 2 || b.Slots[0].Len != 60 || b.Slots[1].Len != 62 || c.recv.Load() != 1 {
		t.Errorf("%d frames, of %d and %d bytes, %d counted", b.N, b.Slots[0].Len, b.Slots[1].Len, c.recv.Load())
	}
	if r.release(); block.Block_status != unix.TP_STATUS_KERNEL {
		t.Error("the block was not given back")
	}
}
