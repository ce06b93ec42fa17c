// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"
)

// slowSum is RFC 1071's definition, one word after the other.
func slowSum(b []byte, initial uint32) uint16 {
	sum := uint64(initial)
	for len(b) > 1 {
		sum += uint64(b[0])<<8 | uint64(b[1])
		b = b[2:]
	}
	if len(b) == 1 {
		sum += uint64(b[0]) << 8
	}
	for sum > 0xffff {
		sum = sum>>16 + sum&0xffff
	}
	return uint16(sum)
}

// TestSumRFC1071 is the example of RFC 1071, section 3.
func TestSumRFC1071(t *testing.T) {
	if s := Sum([]byte{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}, 0); s != 0xddf2 {
		t.Errorf("Sum = %#x, want 0xddf2", s)
	}
}

func TestSumAgainstSlow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 0, 200).Draw(t, "b")
		if rapid.Bool().Draw(t, "full of ones") { // every addition carries
			for i := range b {
				b[i] |= 0xfe
			}
		}
		skip := rapid.IntRange(0, min(7, len(b))).Draw(t, "skip") // any alignment
		b = b[skip:]
		initial := rapid.Uint32().Draw(t, "initial")
		want := slowSum(b, initial)
		if got := Sum(b, initial); got != uint32(want) {
			t.Errorf("Sum = %#x, want %#x", got, want)
		}
		if got := Checksum(b, initial); got != ^want {
			t.Errorf("Checksum = %#x, want %#x", got, ^want)
		}
		even := rapid.IntRange(0, len(b)/2).Draw(t, "half of the first piece") * 2
		if got := Sum(b[even:], Sum(b[:even], initial)); got != uint32(want) {
			t.Errorf("Sum of two pieces = %#x, want %#x", got, want)
		}
	})
}

func TestSumOfLargestDatagram(t *testing.T) {
	b := make([]byte, 65535)
	for i := range b {
		b[i] = 0xff
	}
	if got, want := Sum(b, 0xffffffff), slowSum(b, 0xffffffff); got != uint32(want) {
		t.Errorf("Sum = %#x, want %#x", got, want)
	}
}

// TestPseudoSum writes the pseudo-headers out.
func TestPseudoSum(t *testing.T) {
	a, b := addr("10.77.0.66"), addr("10.77.0.10")
	header := append(append(a.AsSlice(), b.AsSlice()...), 0, ProtoUDP) // RFC 768
	header = binary.BigEndian.AppendUint16(header, 65535)
	if got, want := PseudoSum(a, b, ProtoUDP, 65535), slowSum(header, 0); got != uint32(want) {
		t.Errorf("IPv4: PseudoSum = %#x, want %#x", got, want)
	}
	a, b = addr("fd77::66"), addr("fe80::1")
	header = append(a.AsSlice(), b.AsSlice()...) // RFC 8200, 8.1
	header = binary.BigEndian.AppendUint32(header, 70000)
	header = append(header, 0, 0, 0, ProtoTCP)
	if got, want := PseudoSum(a, b, ProtoTCP, 70000), slowSum(header, 0); got != uint32(want) {
		t.Errorf("IPv6: PseudoSum = %#x, want %#x", got, want)
	}
}

func TestTransportChecksumOK(t *testing.T) {
	for _, tt := range []struct {
		line string
		want bool
	}{
		{"tcp 10.0.0.9:1 > 10.0.0.10:2 S len=7", true},
		{"tcp 10.0.0.9:1 > 10.0.0.10:2 S len=7 pad=11", true},
		{"tcp 10.0.0.9:1 > 10.0.0.10:2 S len=7 csum=bad", false},
		{"tcp [fd00::9]:1 > [fd00::10]:2 S opts=01010101 ext=60:0600010400000000", true},
		{"tcp [fd00::9]:1 > [fd00::10]:2 S csum=bad", false},
		{"udp 10.0.0.9:1 > 10.0.0.10:2 len=3", true},
		{"udp 10.0.0.9:1 > 10.0.0.10:2 len=30 ulen=21", true}, // what follows the datagram is not summed
		{"udp 10.0.0.9:1 > 10.0.0.10:2 len=3 csum=bad", false},
		{"udp 10.0.0.9:1 > 10.0.0.10:2 len=3 csum=none", true},
		{"udp [fd00::9]:1 > [fd00::10]:2 len=3", true},
		{"udp [fd00::9]:1 > [fd00::10]:2 len=3 csum=bad", false},
		{"udp [fd00::9]:1 > [fd00::10]:2 len=3 csum=none", false},
		{"icmp 10.0.0.9 > 10.0.0.10 echo-request id=3", true},
		{"icmp 10.0.0.9 > 10.0.0.10 echo-request id=3 csum=bad", false},
		{"icmp6 fd00::9 > fd00::10 echo-request id=3", true},
		{"icmp6 fd00::9 > fd00::10 echo-request id=3 csum=bad", false},
		{"udp 10.0.0.9:1 > 10.0.0.10:2 len=8 csum=bad frag=0+", true}, // cannot be known
		{"ip 10.0.0.9 > 10.0.0.10 proto=6 len=40 frag=80", true},
		{"ip 10.0.0.9 > 10.0.0.10 proto=58 len=40", true},
		{"ip fd00::9 > fd00::10 proto=1 len=40", true},
		{"arp who-has 1.2.3.4 tell 1.2.3.5", true},
	} {
		if got := mustParse(t, mustText(t, macs+tt.line)).TransportChecksumOK(); got != tt.want {
			t.Errorf("%s: TransportChecksumOK = %v", tt.line, got)
		}
	}
}

// TestUDPChecksumZero finds a datagram whose sum is zero: it must not be sent
// as "no checksum".
func TestUDPChecksumZero(t *testing.T) {
	src, dst := addr("10.0.0.9"), addr("10.0.0.10")
	h := UDP(make([]byte, udpLen+2))
	h.SetLength(len(h))
	binary.BigEndian.PutUint16(h[udpLen:], Checksum(h, PseudoSum(src, dst, ProtoUDP, len(h))))
	h.UpdateChecksum(src, dst)
	if h.Checksum() != 0xffff {
		t.Errorf("Checksum = %#x, want 0xffff", h.Checksum())
	}
}

func BenchmarkSum1500(b *testing.B) {
	p := make([]byte, 1500)
	b.SetBytes(int64(len(p)))
	for b.Loop() {
		Sum(p, 0)
	}
}
