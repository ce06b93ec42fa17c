// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"strings"
	"testing"
)

// TestParseDefects changes one thing in a good frame. The IPv4 header checksum
// is made good again, so that it is not what Parse objects to.
func TestParseDefects(t *testing.T) {
	const (
		l3 = ethernetLen
		t4 = l3 + ipv4Len
		t6 = l3 + ipv6Len
	)
	for _, tt := range []struct {
		name, hex string
		edit      func(b []byte)
		want      Defect
	}{
		{"nothing", tcpSYNHex, func(b []byte) {}, DefectNone},
		{"IPv4 version 5", tcpSYNHex, func(b []byte) { b[l3] = 0x55 }, DefectHeader},
		{"IPv4 header of 16 bytes", igmpOptionsHex, func(b []byte) { b[l3] = 0x44 }, DefectHeader},
		{"IPv4 header longer than the frame", igmpOptionsHex, func(b []byte) { b[l3] = 0x4f }, DefectTruncated},
		{"IPv4 total length less than its header", tcpSYNHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(19) }, DefectHeader},
		{"IPv4 total length 0", tcpSYNHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(0) }, DefectHeader},
		{"IPv4 total length beyond the frame", tcpSYNHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(61) }, DefectTruncated},
		{"IPv4 total length within the padding", tcpPaddedHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(46) }, DefectNone},
		{"IPv4 total length within the TCP header", tcpSYNHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(39) }, DefectTruncated},
		{"IPv4 total length within the TCP options", tcpSYNHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(59) }, DefectHeader},
		{"TCP data offset 4", tcpSYNHex, func(b []byte) { b[t4+12] = 0x40 }, DefectHeader},
		{"TCP data offset beyond the datagram", tcpPaddedHex, func(b []byte) { b[t4+12] = 0x60 }, DefectHeader},
		{"UDP length 7", udpDNSHex, func(b []byte) { UDP(b[t4:]).SetLength(7) }, DefectHeader},
		{"UDP length beyond the datagram", udpDNSHex, func(b []byte) { UDP(b[t4:]).SetLength(38) }, DefectHeader},
		{"UDP length less than the datagram", udpDNSHex, func(b []byte) { UDP(b[t4:]).SetLength(8) }, DefectNone},
		{"UDP of 7 bytes", udpDNSHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(27) }, DefectTruncated},
		{"ICMP of 7 bytes", pingHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(27) }, DefectTruncated},
		{"ICMPv6 over IPv4 of 7 bytes", pingHex, func(b []byte) {
			IPv4(b[l3:]).SetTotalLen(27)
			IPv4(b[l3:]).SetProto(ProtoICMPv6)
		}, DefectNone},

		{"fragment, not the last, of 23 bytes", firstFragmentHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(43) }, DefectHeader},
		{"fragment with nothing in it", lastFragmentHex, func(b []byte) { IPv4(b[l3:]).SetTotalLen(20) }, DefectHeader},
		{"fragment that ends at 65515", lastFragmentHex, func(b []byte) {
			IPv4(b[l3:]).SetFragment(0, 65512)
			IPv4(b[l3:]).SetTotalLen(23)
		}, DefectNone},
		{"fragment that ends at 65516", lastFragmentHex, func(b []byte) {
			IPv4(b[l3:]).SetFragment(0, 65512)
			IPv4(b[l3:]).SetTotalLen(24)
		}, DefectHeader},
		{"TCP at offset 8", lastFragmentHex, func(b []byte) {
			IPv4(b[l3:]).SetFragment(0, 8)
			IPv4(b[l3:]).SetProto(ProtoTCP)
		}, DefectHeader},
		{"TCP at offset 16", lastFragmentHex, func(b []byte) {
			IPv4(b[l3:]).SetFragment(0, 16)
			IPv4(b[l3:]).SetProto(ProtoTCP)
		}, DefectNone},
		{"first fragment with 8 bytes of TCP", firstFragmentHex, func(b []byte) {
			IPv4(b[l3:]).SetTotalLen(28)
			IPv4(b[l3:]).SetProto(ProtoTCP)
		}, DefectNone},
		{"first fragment with a TCP data offset of 4", tcpSYNHex, func(b []byte) {
			IPv4(b[l3:]).SetFragment(IPv4MoreFragments, 0)
			b[t4+12] = 0x40
		}, DefectHeader},
		{"first fragment with a part of the TCP options", tcpSYNHex, func(b []byte) {
			IPv4(b[l3:]).SetFragment(IPv4MoreFragments, 0)
			IPv4(b[l3:]).SetTotalLen(44)
		}, DefectNone},

		{"fragment over IPv6 that ends at 65531", lastFragment6Hex, func(b []byte) { b[t6+2], b[t6+3] = 0xff, 0xf8 }, DefectNone},

		{"ARP for IEEE 802", arpReplyHex, func(b []byte) { b[l3+1] = 6 }, DefectHeader},
		{"ARP for IPv6", arpReplyHex, func(b []byte) { b[l3+2], b[l3+3] = 0x86, 0xdd }, DefectHeader},
		{"ARP with hardware addresses of 200 bytes", arpReplyHex, func(b []byte) { b[l3+4] = 200 }, DefectHeader},
		{"ARP with protocol addresses of 16 bytes", arpReplyHex, func(b []byte) { b[l3+5] = 16 }, DefectHeader},

		{"IPv6 version 4", tcp6Hex, func(b []byte) { b[l3] = 0x40 }, DefectHeader},
		{"IPv6 payload length beyond the frame", tcp6Hex, func(b []byte) { IPv6(b[l3:]).SetPayloadLen(38) }, DefectTruncated},
		{"IPv6 payload length 0", tcp6Hex, func(b []byte) { IPv6(b[l3:]).SetPayloadLen(0) }, DefectTruncated},
		{"IPv6 jumbogram", udp6ExtensionsHex, func(b []byte) { IPv6(b[l3:]).SetPayloadLen(0) }, DefectHeader},
		{"hop-by-hop longer than the packet", udp6ExtensionsHex, func(b []byte) { b[t6+1] = 5 }, DefectHeader},
		{"hop-by-hop that is not the first", udp6ExtensionsHex, func(b []byte) { b[t6] = protoHopByHop }, DefectHeader},
		{"routing type 0 with segments left", udp6ExtensionsHex, func(b []byte) { b[t6+8+2], b[t6+8+3] = 0, 1 }, DefectHeader},
		{"routing type 2 with segments left", udp6ExtensionsHex, func(b []byte) { b[t6+8+3] = 1 }, DefectNone},
		{"extension header of 7 bytes", udp6ExtensionsHex, func(b []byte) { IPv6(b[l3:]).SetPayloadLen(7) }, DefectTruncated},
		{"fragment over IPv6, not the last, of 3 bytes", lastFragment6Hex, func(b []byte) { b[t6+3] |= 1 }, DefectHeader},
		{"first and last fragment over IPv6", firstFragment6Hex, func(b []byte) { b[t6+3] = 0 }, DefectHeader}, // UDP length
		{"ICMP over IPv6 of 7 bytes", solicitationHex, func(b []byte) {
			IPv6(b[l3:]).SetPayloadLen(7)
			IPv6(b[l3:]).SetNextHeader(ProtoICMP)
		}, DefectNone},
		{"ICMPv6 of 7 bytes", solicitationHex, func(b []byte) { IPv6(b[l3:]).SetPayloadLen(7) }, DefectTruncated},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := parseHex(t, tt.hex)
			tt.edit(b)
			if h := IPv4(b[l3:]); Ethernet(b).Type() == EtherTypeIPv4 && len(h) >= h.IHL() {
				h.UpdateChecksum()
			}
			var f Frame
			if got := f.Parse(b); got != tt.want {
				t.Errorf("Parse = %v, want %v", got, tt.want)
			}
			if f.L3 > f.L4 || f.L4 > f.End || f.End > len(b) {
				t.Errorf("L3, L4, End = %d, %d, %d of %d", f.L3, f.L4, f.End, len(b))
			}
		})
	}
}

func TestParseIPv4ChecksumIsVerified(t *testing.T) {
	var f Frame
	if d := f.Parse(mustText(t, macs+"udp 10.0.0.9:1 > 10.0.0.10:2 ipcsum=bad")); d != DefectChecksum {
		t.Errorf("Parse = %v, want %v", d, DefectChecksum)
	}
	if f.Src != addr("10.0.0.9") || f.Dst != addr("10.0.0.10") {
		t.Errorf("Src, Dst = %v, %v", f.Src, f.Dst)
	}
}

// TestParseIPv6FragmentLimit shows that a payload of 65535 bytes is possible,
// and not one of 65536.
func TestParseIPv6FragmentLimit(t *testing.T) {
	const line = macs + "ip fd00::9 > fd00::10 proto=17 frag=65528 "
	var f Frame
	if d := f.Parse(mustText(t, line+"len=7")); d != DefectNone {
		t.Errorf("ends at 65535: Parse = %v", d)
	}
	if d := f.Parse(mustText(t, line+"len=8")); d != DefectHeader {
		t.Errorf("ends at 65536: Parse = %v, want %v", d, DefectHeader)
	}
}

// TestParseExtensionLimit shows that 8 extension headers are walked, not 9.
func TestParseExtensionLimit(t *testing.T) {
	line := func(n int) string {
		chain := strings.Repeat("3c00010400000000", n-1) + "1100010400000000"
		return macs + "udp [fd00::9]:1 > [fd00::10]:2 ext=60:" + chain
	}
	if f := mustParse(t, mustText(t, line(8))); !f.Ports || f.L4 != ethernetLen+ipv6Len+8*8 {
		t.Errorf("8 headers: Ports = %v, L4 = %d", f.Ports, f.L4)
	}
	var f Frame
	if d := f.Parse(mustText(t, line(9))); d != DefectHeader {
		t.Errorf("9 headers: Parse = %v, want %v", d, DefectHeader)
	}
}

// TestParseExtensionKinds shows where the upper-layer header is found.
func TestParseExtensionKinds(t *testing.T) {
	for _, tt := range []struct {
		name, ext string
		part      FragmentPart
		want      Defect
	}{
		{"authentication header of 24 bytes", "51:1104" + strings.Repeat("00", 22), Whole, DefectNone},
		{"atomic fragment (RFC 6946)", "44:1100000000000007", Whole, DefectNone},
		{"options after a first fragment", "44:3c000001000000071100010400000000", FirstFragment, DefectNone},
		{"fragment header with reserved bits", "44:11ff000600000007", Whole, DefectNone},
		{"two fragment headers", "44:2c000000000000071100000000000007", Whole, DefectHeader},
	} {
		f := new(Frame)
		d := f.Parse(mustText(t, macs+"udp [fd00::9]:1 > [fd00::10]:2 len=8 ext="+tt.ext))
		if d != tt.want || d == DefectNone && (!f.Ports || f.Part != tt.part || !f.Options || f.DstPort != 2) {
			t.Errorf("%s: Parse = %v, %v", tt.name, d, f)
		}
	}
}
