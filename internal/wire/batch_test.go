// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// vnetHeader builds a virtio header as the kernel of this machine would.
func vnetHeader(flags, gsoType uint8, numbers ...uint16) []byte {
	b := []byte{flags, gsoType}
	for _, n := range numbers {
		b = binary.NativeEndian.AppendUint16(b, n)
	}
	return b
}

func TestVnet(t *testing.T) {
	b := NewBatch(1, 100)
	s := &b.Slots[0]
	copy(s.Buf, vnetHeader(VnetNeedsCsum, GSOTCPv6|GSOECN, 74, 1428, 54, 16))
	got := []int{int(s.Vnet().Flags()), int(s.Vnet().GSOType()), s.Vnet().HdrLen(), s.Vnet().GSOSize(), s.Vnet().CsumStart(), s.Vnet().CsumOffset()}
	if diff := cmp.Diff([]int{1, 0x84, 74, 1428, 54, 16}, got); diff != "" {
		t.Errorf("Vnet (-want +got):\n%s", diff)
	}
	s.Vnet().Clear()
	if !bytes.Equal(s.Buf, make([]byte, 100)) {
		t.Errorf("Clear: %x", s.Buf)
	}
}

func TestSegments(t *testing.T) {
	for _, tt := range []struct {
		name              string
		gsoType           uint8
		size              uint16
		frame, hdr, count int
	}{
		{"ordinary frame", GSONone, 0, 1514, 54, 1},
		{"size without a type", GSONone, 1448, 65226, 66, 1},
		{"ECN without a type", GSOECN, 1448, 65226, 66, 1},
		{"45 full segments", GSOTCPv4, 1448, 66 + 45*1448, 66, 45},
		{"and one byte", GSOTCPv4 | GSOECN, 1448, 66 + 45*1448 + 1, 66, 46},
		{"less than one segment", GSOTCPv6, 1448, 66 + 3, 66, 1},
		{"datagrams", GSOUDP, 1000, 42 + 2001, 42, 3},
		{"no payload", GSOTCPv4, 1448, 66, 66, 1},
		{"header longer than the frame", GSOTCPv4, 1448, 60, 66, 1},
		{"size 0", GSOTCPv4, 0, 3000, 66, 1},
		{"negative header", GSOTCPv4, 1448, 3000, -1, 1},
	} {
		s := Slot{Buf: make([]byte, VnetLen), Len: tt.frame}
		copy(s.Buf, vnetHeader(0, tt.gsoType, 0, tt.size, 0, 0))
		if got := s.Segments(tt.hdr); got != tt.count {
			t.Errorf("%s: Segments = %d, want %d", tt.name, got, tt.count)
		}
	}
}

// TestSlotsDoNotMeet shows that a slot's buffer and its frame end where the
// slot's room does: no append or reslicing reaches the next slot.
func TestSlotsDoNotMeet(t *testing.T) {
	b := NewBatch(3, 64)
	for i := range b.Slots {
		s := &b.Slots[i]
		if len(s.Buf) != 64 || cap(s.Buf) != 64 {
			t.Errorf("slot %d: len %d, cap %d", i, len(s.Buf), cap(s.Buf))
		}
		s.Len = 20
		if f := s.Frame(); len(f) != 20 || cap(f) != 64-VnetLen || &f[0] != &s.Buf[VnetLen] {
			t.Errorf("slot %d: frame of %d bytes, cap %d", i, len(f), cap(f))
		}
		s.Len = 1 << 20 // as MSG_TRUNC reports it
		if f := s.Frame(); len(f) != 64-VnetLen {
			t.Errorf("slot %d: truncated frame of %d bytes", i, len(f))
		}
	}
}

func TestSlotSet(t *testing.T) {
	b := NewBatch(1, VnetLen+4)
	s := &b.Slots[0]
	buf := s.Buf
	copy(s.Buf, bytes.Repeat([]byte{0xff}, len(s.Buf)))
	*s = Slot{Buf: buf, own: s.own, Len: 3, Type: PacketMulticast, CsumPending: true, Truncated: true, Send: true}
	before := *s
	if s.Set([]byte("12345")) {
		t.Error("Set of 5 bytes into 4 = true")
	}
	if diff := cmp.Diff(before, *s, cmp.AllowUnexported(Slot{})); diff != "" {
		t.Errorf("a refused Set changed (-before +after):\n%s", diff)
	}
	if !s.Set([]byte("1234")) {
		t.Error("Set of 4 bytes into 4 = false")
	}
	want := Slot{Buf: append(make([]byte, VnetLen), "1234"...), Len: 4, own: s.own}
	if diff := cmp.Diff(want, *s, cmp.AllowUnexported(Slot{})); diff != "" {
		t.Errorf("Set (-want +got):\n%s", diff)
	}
	if !s.Set(s.Frame()[1:3]) || string(s.Frame()) != "23" {
		t.Errorf("Set of its own bytes: %q", s.Frame())
	}
}

func TestSlotCopyFrom(t *testing.T) {
	from, to := &NewBatch(1, 40).Slots[0], &NewBatch(1, 30).Slots[0]
	copy(from.Buf, vnetHeader(VnetNeedsCsum, GSOTCPv4, 1, 2, 3, 4))
	copy(from.Buf[VnetLen:], "frame")
	from.Len, from.Type, from.CsumPending, from.Truncated, from.Send = 5, PacketBroadcast, true, true, true
	if !to.CopyFrom(from) {
		t.Fatal("CopyFrom = false")
	}
	want := *from
	want.Buf, want.Send, want.own = from.Buf[:30], false, to.own
	if diff := cmp.Diff(want, *to, cmp.AllowUnexported(Slot{})); diff != "" {
		t.Errorf("CopyFrom (-want +got):\n%s", diff)
	}
	from.Len = 21
	if to.CopyFrom(from) || to.Len != 5 {
		t.Error("CopyFrom of 21 bytes into 20 = true")
	}
}

func TestBatchReset(t *testing.T) {
	b := NewBatch(2, 20)
	b.N, b.Slots[1].Send, b.Slots[1].Len = 2, true, 3
	if b.Reset(); b.N != 0 || b.Slots[1].Send {
		t.Errorf("Reset: N = %d, Send = %v", b.N, b.Slots[1].Send)
	}
}

// TestSlotRoom shows that the largest thing a link delivers fits, and that
// slots do not begin at the same place of a page.
func TestSlotRoom(t *testing.T) {
	if SlotRoom < VnetLen+18+65535 || SlotRoom%64 != 0 || SlotRoom%4096 == 0 {
		t.Errorf("SlotRoom = %d", SlotRoom)
	}
	f := mustText(t, macs+"tcp 10.0.0.9:1 > 10.0.0.10:2 A len=65495 vlan=1")
	if s := &NewBatch(1, SlotRoom).Slots[0]; !s.Set(f) {
		t.Errorf("a frame of %d bytes does not fit", len(f))
	}
}
