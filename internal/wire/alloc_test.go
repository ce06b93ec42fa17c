// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import "testing"

// TestParseAllocatesNothing covers all that the packet path asks of a frame.
func TestParseAllocatesNothing(t *testing.T) {
	for _, s := range samples() {
		b := parseHex(t, s.hex)
		var f, in Frame
		var yes bool
		allocs := testing.AllocsPerRun(100, func() {
			f.Parse(b)
			yes = f.TransportChecksumOK()
			yes = f.IsNeighbourSolicitation() || yes
			yes = f.IsNeighbourAdvertisement() || yes
			yes = f.IsEchoRequest() || yes
			yes = f.Inner(&in) || yes
		})
		if allocs != 0 {
			t.Errorf("%s: %v allocations (%v)", s.name, allocs, yes)
		}
	}
}

func TestEditingAllocatesNothing(t *testing.T) {
	b := NewBatch(2, 2048)
	frame := parseHex(t, tcpSYNHex)
	a, c := addr("10.77.0.10"), addr("10.77.0.66")
	allocs := testing.AllocsPerRun(100, func() {
		b.Reset()
		s := &b.Slots[0]
		s.Set(frame)
		b.Slots[1].CopyFrom(s)
		var f Frame
		f.Parse(s.Frame())
		f.Ethernet().SetDst(MACFromUint64(0x020000000001))
		f.IPv4().SetSrc(a)
		f.IPv4().UpdateChecksum()
		f.TCP().UpdateChecksum(a, c)
		s.Segments(f.HeaderLen())
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func BenchmarkParse(b *testing.B) {
	for _, s := range samples() {
		b.Run(s.name, func(b *testing.B) {
			frame := parseHex(b, s.hex)
			f := new(Frame)
			b.ReportAllocs()
			for b.Loop() {
				f.Parse(frame)
			}
		})
	}
}
