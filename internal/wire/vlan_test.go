// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"
	"testing"
)

// TestTag puts a tag into frames as the kernel hands them over.
func TestTag(t *testing.T) {
	const text = macs + "tcp 10.0.0.9:1 > 10.0.0.10:2 A len=2000"
	for _, tt := range []struct {
		name       string
		vnet, want []byte
	}{
		{"complete", make([]byte, VnetLen), make([]byte, VnetLen)},
		{
			"checksum to be filled in", vnetHeader(VnetNeedsCsum, GSONone, 0, 0, 34, 16),
			vnetHeader(VnetNeedsCsum, GSONone, 0, 0, 38, 16),
		},
		{
			"to be cut up", vnetHeader(VnetNeedsCsum, GSOTCPv4, 54, 1448, 34, 16),
			vnetHeader(VnetNeedsCsum, GSOTCPv4, 58, 1448, 38, 16),
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := &NewBatch(1, 4096).Slots[0]
			if !s.Set(mustText(t, text)) {
				t.Fatal("no room")
			}
			copy(s.Buf, tt.vnet)
			s.Tag(EtherTypeVLAN, 0xe005)
			if want := mustText(t, text+" vlan=5"); s.Len != len(want) || !bytes.Equal(s.Buf[:VnetLen], tt.want) {
				t.Errorf("%d bytes, virtio header % x, want %d and % x", s.Len, s.Buf[:VnetLen], len(want), tt.want)
			}
			got := bytes.Clone(s.Frame())
			if got[14] != 0xe0 {
				t.Errorf("the priority is %x, want e0", got[14])
			}
			if got[14] = 0; !bytes.Equal(got, mustText(t, text+" vlan=5")) {
				t.Errorf("got % x", got[:40])
			}
			if s.Restore(); len(s.Buf) != 4096 {
				t.Errorf("afterwards the room is %d bytes", len(s.Buf))
			}
		})
	}
}

// TestOwn lends a slot memory, and has it back.
func TestOwn(t *testing.T) {
	s := &NewBatch(1, 100).Slots[0]
	link := append(make([]byte, VnetLen), "frame"...)
	if s.Own() {
		t.Error("its own memory moved")
	}
	s.Lend(link)
	s.Len = 5
	if &s.Frame()[0] != &link[VnetLen] {
		t.Error("the frame is not where the link has it")
	}
	if !s.Own() || s.Own() || string(s.Frame()) != "frame" || len(s.Buf) != 100 {
		t.Errorf("own: %q in %d bytes", s.Frame(), len(s.Buf))
	}
	s.Frame()[0] = 'F'
	if string(link[VnetLen:]) != "frame" {
		t.Error("the link's memory changed")
	}
	if s.Lend(link); !s.Set([]byte("longer than it")) || string(link[VnetLen:]) != "frame" {
		t.Errorf("Set wrote into the link's memory: %q", link)
	}
}
