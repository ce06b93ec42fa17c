// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
)

// ip abbreviates the columns of the table below.
type ip = netip.Addr

// field is an accessor of a header view: a setter, a getter, and where in the
// header the RFC puts the field.
type field struct {
	name     string
	from, to int // bytes of the header that the setter may change
	set      func(h []byte)
	get      func(h []byte) any
	want     any
}

func fieldOf[T comparable](name string, from, to int, v T, set func(h []byte, v T), get func(h []byte) T) field {
	return field{name: name, from: from, to: to, want: v,
		set: func(h []byte) { set(h, v) },
		get: func(h []byte) any { return get(h) },
	}
}

// TestSetters shows that each setter writes its field, that the getter reads
// it, and that nothing beside it changes.
func TestSetters(t *testing.T) {
	m, a4, a6 := MAC{2, 3, 4, 5, 6, 7}, addr("192.0.2.77"), addr("2001:db8::77")
	for _, f := range []field{
		fieldOf("Ethernet.Dst", 0, 6, m, func(h []byte, v MAC) { Ethernet(h).SetDst(v) }, func(h []byte) MAC { return Ethernet(h).Dst() }),
		fieldOf("Ethernet.Src", 6, 12, m, func(h []byte, v MAC) { Ethernet(h).SetSrc(v) }, func(h []byte) MAC { return Ethernet(h).Src() }),
		fieldOf("Ethernet.Type", 12, 14, 0x86dd, func(h []byte, v uint16) { Ethernet(h).SetType(v) }, func(h []byte) uint16 { return Ethernet(h).Type() }),

		fieldOf("ARP.Op", 6, 8, 0x0102, func(h []byte, v uint16) { ARP(h).SetOp(v) }, func(h []byte) uint16 { return ARP(h).Op() }),
		fieldOf("ARP.SenderMAC", 8, 14, m, func(h []byte, v MAC) { ARP(h).SetSenderMAC(v) }, func(h []byte) MAC { return ARP(h).SenderMAC() }),
		fieldOf("ARP.SenderIP", 14, 18, a4, func(h []byte, v ip) { ARP(h).SetSenderIP(v) }, func(h []byte) ip { return ARP(h).SenderIP() }),
		fieldOf("ARP.TargetMAC", 18, 24, m, func(h []byte, v MAC) { ARP(h).SetTargetMAC(v) }, func(h []byte) MAC { return ARP(h).TargetMAC() }),
		fieldOf("ARP.TargetIP", 24, 28, a4, func(h []byte, v ip) { ARP(h).SetTargetIP(v) }, func(h []byte) ip { return ARP(h).TargetIP() }),

		fieldOf("IPv4.TOS", 1, 2, 0xab, func(h []byte, v uint8) { IPv4(h).SetTOS(v) }, func(h []byte) uint8 { return IPv4(h).TOS() }),
		fieldOf("IPv4.TotalLen", 2, 4, 0xabcd, func(h []byte, v int) { IPv4(h).SetTotalLen(v) }, func(h []byte) int { return IPv4(h).TotalLen() }),
		fieldOf("IPv4.ID", 4, 6, 0xabcd, func(h []byte, v uint16) { IPv4(h).SetID(v) }, func(h []byte) uint16 { return IPv4(h).ID() }),
		fieldOf("IPv4.Flags", 6, 8, IPv4DontFragment, func(h []byte, v uint16) { IPv4(h).SetFragment(v, 65528) }, func(h []byte) uint16 { return IPv4(h).Flags() }),
		fieldOf("IPv4.FragmentOffset", 6, 8, 65528, func(h []byte, v int) { IPv4(h).SetFragment(IPv4MoreFragments, v) }, func(h []byte) int { return IPv4(h).FragmentOffset() }),
		fieldOf("IPv4.TTL", 8, 9, 0xab, func(h []byte, v uint8) { IPv4(h).SetTTL(v) }, func(h []byte) uint8 { return IPv4(h).TTL() }),
		fieldOf("IPv4.Proto", 9, 10, 0xab, func(h []byte, v uint8) { IPv4(h).SetProto(v) }, func(h []byte) uint8 { return IPv4(h).Proto() }),
		fieldOf("IPv4.Checksum", 10, 12, 0xabcd, func(h []byte, v uint16) { IPv4(h).SetChecksum(v) }, func(h []byte) uint16 { return IPv4(h).Checksum() }),
		fieldOf("IPv4.Src", 12, 16, a4, func(h []byte, v ip) { IPv4(h).SetSrc(v) }, func(h []byte) ip { return IPv4(h).Src() }),
		fieldOf("IPv4.Dst", 16, 20, a4, func(h []byte, v ip) { IPv4(h).SetDst(v) }, func(h []byte) ip { return IPv4(h).Dst() }),

		fieldOf("IPv6.TrafficClass", 0, 2, 0xab, func(h []byte, v uint8) { IPv6(h).SetTrafficClass(v) }, func(h []byte) uint8 { return IPv6(h).TrafficClass() }),
		fieldOf("IPv6.FlowLabel", 1, 4, 0xabcde, func(h []byte, v uint32) { IPv6(h).SetFlowLabel(v) }, func(h []byte) uint32 { return IPv6(h).FlowLabel() }),
		fieldOf("IPv6.PayloadLen", 4, 6, 0xabcd, func(h []byte, v int) { IPv6(h).SetPayloadLen(v) }, func(h []byte) int { return IPv6(h).PayloadLen() }),
		fieldOf("IPv6.NextHeader", 6, 7, 0xab, func(h []byte, v uint8) { IPv6(h).SetNextHeader(v) }, func(h []byte) uint8 { return IPv6(h).NextHeader() }),
		fieldOf("IPv6.HopLimit", 7, 8, 0xab, func(h []byte, v uint8) { IPv6(h).SetHopLimit(v) }, func(h []byte) uint8 { return IPv6(h).HopLimit() }),
		fieldOf("IPv6.Src", 8, 24, a6, func(h []byte, v ip) { IPv6(h).SetSrc(v) }, func(h []byte) ip { return IPv6(h).Src() }),
		fieldOf("IPv6.Dst", 24, 40, a6, func(h []byte, v ip) { IPv6(h).SetDst(v) }, func(h []byte) ip { return IPv6(h).Dst() }),

		fieldOf("TCP.SrcPort", 0, 2, 0xabcd, func(h []byte, v uint16) { TCP(h).SetSrcPort(v) }, func(h []byte) uint16 { return TCP(h).SrcPort() }),
		fieldOf("TCP.DstPort", 2, 4, 0xabcd, func(h []byte, v uint16) { TCP(h).SetDstPort(v) }, func(h []byte) uint16 { return TCP(h).DstPort() }),
		fieldOf("TCP.Seq", 4, 8, 0xabcdef01, func(h []byte, v uint32) { TCP(h).SetSeq(v) }, func(h []byte) uint32 { return TCP(h).Seq() }),
		fieldOf("TCP.Ack", 8, 12, 0xabcdef01, func(h []byte, v uint32) { TCP(h).SetAck(v) }, func(h []byte) uint32 { return TCP(h).Ack() }),
		fieldOf("TCP.DataOffset", 12, 13, 60, func(h []byte, v int) { TCP(h).SetDataOffset(v) }, func(h []byte) int { return TCP(h).DataOffset() }),
		fieldOf("TCP.Flags", 13, 14, FlagSYN|FlagCWR, func(h []byte, v uint8) { TCP(h).SetFlags(v) }, func(h []byte) uint8 { return TCP(h).Flags() }),
		fieldOf("TCP.Window", 14, 16, 0xabcd, func(h []byte, v uint16) { TCP(h).SetWindow(v) }, func(h []byte) uint16 { return TCP(h).Window() }),
		fieldOf("TCP.Checksum", 16, 18, 0xabcd, func(h []byte, v uint16) { TCP(h).SetChecksum(v) }, func(h []byte) uint16 { return TCP(h).Checksum() }),
		fieldOf("TCP.Urgent", 18, 20, 0xabcd, func(h []byte, v uint16) { TCP(h).SetUrgent(v) }, func(h []byte) uint16 { return TCP(h).Urgent() }),

		fieldOf("UDP.SrcPort", 0, 2, 0xabcd, func(h []byte, v uint16) { UDP(h).SetSrcPort(v) }, func(h []byte) uint16 { return UDP(h).SrcPort() }),
		fieldOf("UDP.DstPort", 2, 4, 0xabcd, func(h []byte, v uint16) { UDP(h).SetDstPort(v) }, func(h []byte) uint16 { return UDP(h).DstPort() }),
		fieldOf("UDP.Length", 4, 6, 0xabcd, func(h []byte, v int) { UDP(h).SetLength(v) }, func(h []byte) int { return UDP(h).Length() }),
		fieldOf("UDP.Checksum", 6, 8, 0xabcd, func(h []byte, v uint16) { UDP(h).SetChecksum(v) }, func(h []byte) uint16 { return UDP(h).Checksum() }),

		fieldOf("ICMP.Type", 0, 1, 0xab, func(h []byte, v uint8) { ICMP(h).SetType(v) }, func(h []byte) uint8 { return ICMP(h).Type() }),
		fieldOf("ICMP.Code", 1, 2, 0xab, func(h []byte, v uint8) { ICMP(h).SetCode(v) }, func(h []byte) uint8 { return ICMP(h).Code() }),
		fieldOf("ICMP.Checksum", 2, 4, 0xabcd, func(h []byte, v uint16) { ICMP(h).SetChecksum(v) }, func(h []byte) uint16 { return ICMP(h).Checksum() }),
		fieldOf("ICMP.Rest", 4, 8, 0xabcdef01, func(h []byte, v uint32) { ICMP(h).SetRest(v) }, func(h []byte) uint32 { return ICMP(h).Rest() }),
		fieldOf("ICMP.EchoID", 4, 8, 0xabcd, func(h []byte, v uint16) { ICMP(h).SetRest(uint32(v) << 16) }, func(h []byte) uint16 { return ICMP(h).EchoID() }),
		fieldOf("ICMP.EchoSeq", 4, 8, 0xabcd, func(h []byte, v uint16) { ICMP(h).SetRest(uint32(v)) }, func(h []byte) uint16 { return ICMP(h).EchoSeq() }),

		fieldOf("ICMPv6.Type", 0, 1, 0xab, func(h []byte, v uint8) { ICMPv6(h).SetType(v) }, func(h []byte) uint8 { return ICMPv6(h).Type() }),
		fieldOf("ICMPv6.Code", 1, 2, 0xab, func(h []byte, v uint8) { ICMPv6(h).SetCode(v) }, func(h []byte) uint8 { return ICMPv6(h).Code() }),
		fieldOf("ICMPv6.Checksum", 2, 4, 0xabcd, func(h []byte, v uint16) { ICMPv6(h).SetChecksum(v) }, func(h []byte) uint16 { return ICMPv6(h).Checksum() }),
		fieldOf("ICMPv6.Rest", 4, 8, 0xabcdef01, func(h []byte, v uint32) { ICMPv6(h).SetRest(v) }, func(h []byte) uint32 { return ICMPv6(h).Rest() }),
		fieldOf("ICMPv6.EchoID", 4, 8, 0xabcd, func(h []byte, v uint16) { ICMPv6(h).SetRest(uint32(v) << 16) }, func(h []byte) uint16 { return ICMPv6(h).EchoID() }),
		fieldOf("ICMPv6.EchoSeq", 4, 8, 0xabcd, func(h []byte, v uint16) { ICMPv6(h).SetRest(uint32(v)) }, func(h []byte) uint16 { return ICMPv6(h).EchoSeq() }),

		fieldOf("ND.Flags", 4, 8, NDRouter|NDOverride, func(h []byte, v uint8) { ND(h).SetFlags(v) }, func(h []byte) uint8 { return ND(h).Flags() }),
		fieldOf("ND.Target", 8, 24, a6, func(h []byte, v ip) { ND(h).SetTarget(v) }, func(h []byte) ip { return ND(h).Target() }),
		fieldOf("ND.SourceLinkLayer", 24, 32, m, func(h []byte, v MAC) { ND(h).SetSourceLinkLayer(v) }, func(h []byte) MAC { m, _ := ND(h).SourceLinkLayer(); return m }),
		fieldOf("ND.TargetLinkLayer", 24, 32, m, func(h []byte, v MAC) { ND(h).SetTargetLinkLayer(v) }, func(h []byte) MAC { m, _ := ND(h).TargetLinkLayer(); return m }),
	} {
		for _, fill := range []byte{0x00, 0xff} {
			t.Run(fmt.Sprintf("%s over %#02x", f.name, fill), func(t *testing.T) {
				h := bytes.Repeat([]byte{fill}, 48)
				f.set(h)
				if got := f.get(h); got != f.want {
					t.Errorf("got %v, want %v", got, f.want)
				}
				rest := append(bytes.Clone(h[:f.from]), h[f.to:]...)
				if !bytes.Equal(rest, bytes.Repeat([]byte{fill}, len(rest))) {
					t.Errorf("changed more than bytes %d to %d: %x", f.from, f.to, h)
				}
				if f.to-f.from == 1 && h[f.from] == fill {
					t.Errorf("wrote elsewhere than byte %d: %x", f.from, h)
				}
			})
		}
	}
}
