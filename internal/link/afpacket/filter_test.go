// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/net/bpf"
	"pgregory.net/rapid"

	"cygnet/internal/wire"
)

// accepts runs the filter on a frame of that packet type. The emulator does not
// know the extension that loads the type, so a constant stands in its place.
func accepts(t interface{ Fatal(...any) }, f Filter, frame []byte, pt wire.PacketType) bool {
	prog := slices.Clone(f.program())
	for i, ins := range prog {
		if ins == packetType() {
			prog[i] = bpf.LoadConstant{Dst: bpf.RegA, Val: uint32(pt)}
		}
	}
	vm, err := bpf.NewVM(prog)
	if err != nil {
		t.Fatal(err)
	}
	n, err := vm.Run(frame)
	if err != nil {
		t.Fatal(err)
	}
	return n > 0
}

// frameTo makes the part of a frame that a filter looks at.
func frameTo(etherType uint16, dst netip.Addr, proto, icmpType byte) []byte {
	b := make([]byte, 60)
	binary.BigEndian.PutUint16(b[12:], etherType)
	switch {
	case etherType == wire.EtherTypeIPv4 && dst.Is4():
		b[14+9] = proto
		copy(b[14+16:], dst.AsSlice())
	case etherType == wire.EtherTypeIPv6 && dst.Is6():
		b[14+6] = proto
		copy(b[14+24:], dst.AsSlice())
		b[14+40] = icmpType
	}
	return b
}

// arpFor is ARP about an address.
func arpFor(op byte, target netip.Addr) []byte {
	b := frameTo(wire.EtherTypeARP, netip.Addr{}, 0, 0)
	b[14+7] = op
	copy(b[14+24:], target.AsSlice())
	return b
}

// solicitationFor asks for an address.
func solicitationFor(target netip.Addr) []byte {
	b := append(frameTo(wire.EtherTypeIPv6, wire.SolicitedNode(target), 58, 135), make([]byte, 26)...)
	copy(b[14+40+8:], target.AsSlice())
	return b
}

// dhcpTo makes a UDP datagram's headers, with so many words of IPv4 header.
func dhcpTo(dst netip.Addr, from, to uint16, words byte) []byte {
	b := frameTo(wire.EtherTypeIPv4, dst, 17, 0)
	b[14] = 4<<4 | words
	binary.BigEndian.PutUint16(b[14+4*int(words):], from)
	binary.BigEndian.PutUint16(b[16+4*int(words):], to)
	return b
}

func prefixes(ss ...string) (all []netip.Prefix) {
	for _, s := range ss {
		all = append(all, netip.MustParsePrefix(s))
	}
	return all
}

func TestFilter(t *testing.T) {
	const (
		host, bcast, mcast  = wire.PacketHost, wire.PacketBroadcast, wire.PacketMulticast
		otherHost, outgoing = wire.PacketOtherHost, wire.PacketOutgoing
	)
	a := netip.MustParseAddr
	vips := Filter{Prefixes: prefixes("10.77.0.10/32", "10.78.0.0/20", "fd00::10/128", "fd00:1::/36"), ND: true}
	news := Filter{RA: true, DHCP: true}
	worker := Filter{Prefixes: vips.Prefixes, Asked: prefixes("10.77.0.5/32", "fd00::5/128"), Questions: true, ND: true}
	tests := []struct {
		name   string
		filter Filter
		frame  []byte
		pt     wire.PacketType
		want   bool
	}{
		{"ARP to us", vips, frameTo(wire.EtherTypeARP, netip.Addr{}, 0, 0), host, true},
		{"ARP to all", vips, frameTo(wire.EtherTypeARP, netip.Addr{}, 0, 0), bcast, true},
		{"ARP to a group", vips, frameTo(wire.EtherTypeARP, netip.Addr{}, 0, 0), mcast, false},
		{"ARP to another host", vips, frameTo(wire.EtherTypeARP, netip.Addr{}, 0, 0), otherHost, false},
		{"ARP of our own", vips, frameTo(wire.EtherTypeARP, netip.Addr{}, 0, 0), outgoing, false},
		{"ARP with no service", Filter{}, frameTo(wire.EtherTypeARP, netip.Addr{}, 0, 0), bcast, true},

		{"who has a VIP", worker, arpFor(1, a("10.77.0.10")), bcast, true},
		{"who has the last of a prefix, to us", worker, arpFor(1, a("10.78.15.255")), host, true},
		{"who has one that is only asked for", worker, arpFor(1, a("10.77.0.5")), bcast, true},
		{"who has another", worker, arpFor(1, a("10.77.0.11")), bcast, false},
		{"a VIP is somewhere else", worker, arpFor(2, a("10.77.0.10")), host, false},
		{"who has a VIP, of our own", worker, arpFor(1, a("10.77.0.10")), outgoing, false},
		{"ARP cut short", worker, arpFor(1, a("10.77.0.10"))[:40], bcast, false},
		{"a question for an IPv6 VIP", worker, solicitationFor(a("fd00::10")), mcast, true},
		{"a question for one that is only asked for", worker, solicitationFor(a("fd00::5")), mcast, true},
		{"a question for another", worker, solicitationFor(a("fd00::11")), mcast, false},
		{"an advertisement, for who only answers", worker, frameTo(wire.EtherTypeIPv6, a("fe80::1"), 58, 136), host, false},
		{"a VIP, for who answers", worker, frameTo(wire.EtherTypeIPv6, a("fd00::10"), 6, 0), host, true},
		{"an echo, for who answers", worker, frameTo(wire.EtherTypeIPv6, a("fd00::10"), 58, 128), host, true},
		{"to one that is only asked for", worker, frameTo(wire.EtherTypeIPv4, a("10.77.0.5"), 6, 0), host, false},

		{"VIP", vips, frameTo(wire.EtherTypeIPv4, a("10.77.0.10"), 6, 0), host, true},
		{"VIP to all", vips, frameTo(wire.EtherTypeIPv4, a("10.77.0.10"), 6, 0), bcast, false},
		{"VIP to a group", vips, frameTo(wire.EtherTypeIPv4, a("10.77.0.10"), 6, 0), mcast, false},
		{"VIP at another MAC", vips, frameTo(wire.EtherTypeIPv4, a("10.77.0.10"), 6, 0), otherHost, false},
		{"VIP as sent by us", vips, frameTo(wire.EtherTypeIPv4, a("10.77.0.10"), 6, 0), outgoing, false},
		{"address beside the VIP", vips, frameTo(wire.EtherTypeIPv4, a("10.77.0.11"), 6, 0), host, false},
		{"first of a prefix", vips, frameTo(wire.EtherTypeIPv4, a("10.78.0.0"), 6, 0), host, true},
		{"last of a prefix", vips, frameTo(wire.EtherTypeIPv4, a("10.78.15.255"), 6, 0), host, true},
		{"behind a prefix", vips, frameTo(wire.EtherTypeIPv4, a("10.78.16.0"), 6, 0), host, false},
		{"no IPv4 wanted", Filter{ND: true}, frameTo(wire.EtherTypeIPv4, a("10.77.0.10"), 6, 0), host, false},

		{"IPv6 VIP", vips, frameTo(wire.EtherTypeIPv6, a("fd00::10"), 6, 0), host, true},
		{"IPv6 VIP to a group", vips, frameTo(wire.EtherTypeIPv6, a("fd00::10"), 6, 0), mcast, false},
		{"IPv6 beside the VIP", vips, frameTo(wire.EtherTypeIPv6, a("fd00::11"), 6, 0), host, false},
		{"last of an IPv6 prefix", vips, frameTo(wire.EtherTypeIPv6, a("fd00:1:fff:ffff:ffff:ffff:ffff:ffff"), 6, 0), host, true},
		{"behind an IPv6 prefix", vips, frameTo(wire.EtherTypeIPv6, a("fd00:1:1000::"), 6, 0), host, false},
		{"echo to the VIP", vips, frameTo(wire.EtherTypeIPv6, a("fd00::10"), 58, 128), host, true},
		{"echo to another", vips, frameTo(wire.EtherTypeIPv6, a("fd00::11"), 58, 128), host, false},

		{"solicitation to a group", vips, frameTo(wire.EtherTypeIPv6, a("ff02::1:ff00:10"), 58, 135), mcast, true},
		{"solicitation to us", vips, frameTo(wire.EtherTypeIPv6, a("fe80::1"), 58, 135), host, true},
		{"advertisement to us", vips, frameTo(wire.EtherTypeIPv6, a("fe80::1"), 58, 136), host, true},
		{"advertisement to all nodes", vips, frameTo(wire.EtherTypeIPv6, a("ff02::1"), 58, 136), mcast, true},
		{"advertisement at another MAC", vips, frameTo(wire.EtherTypeIPv6, a("fe80::1"), 58, 136), otherHost, false},
		{"advertisement to all MACs", vips, frameTo(wire.EtherTypeIPv6, a("ff02::1"), 58, 136), bcast, false},
		{"router advertisement", vips, frameTo(wire.EtherTypeIPv6, a("ff02::1"), 58, 134), mcast, false},
		{"multicast of another kind", vips, frameTo(wire.EtherTypeIPv6, a("ff02::fb"), 17, 135), mcast, false},
		{"no ND wanted", Filter{}, frameTo(wire.EtherTypeIPv6, a("ff02::1:ff00:10"), 58, 135), mcast, false},

		{"router advertisement to a group", news, frameTo(wire.EtherTypeIPv6, a("ff02::1"), 58, 134), mcast, true},
		{"router advertisement to us", news, frameTo(wire.EtherTypeIPv6, a("fe80::1"), 58, 134), host, true},
		{"router advertisement at another MAC", news, frameTo(wire.EtherTypeIPv6, a("fe80::1"), 58, 134), otherHost, false},
		{"router advertisement to all MACs", news, frameTo(wire.EtherTypeIPv6, a("ff02::1"), 58, 134), bcast, false},
		{"router solicitation", news, frameTo(wire.EtherTypeIPv6, a("ff02::2"), 58, 133), mcast, false},
		{"solicitation beside advertisements", Filter{ND: true, RA: true}, frameTo(wire.EtherTypeIPv6, a("ff02::1:ff00:10"), 58, 135), mcast, true},
		{"solicitation without ND", news, frameTo(wire.EtherTypeIPv6, a("ff02::1:ff00:10"), 58, 135), mcast, false},
		{"DHCP to all", news, dhcpTo(a("255.255.255.255"), 67, 68, 5), bcast, true},
		{"DHCP to us", news, dhcpTo(a("10.77.0.5"), 67, 68, 5), host, true},
		{"DHCP behind IPv4 options", news, dhcpTo(a("10.77.0.5"), 67, 68, 7), host, true},
		{"DHCP to a group", news, dhcpTo(a("224.0.0.1"), 67, 68, 5), mcast, false},
		{"DHCP to another host", news, dhcpTo(a("10.77.0.5"), 67, 68, 5), otherHost, false},
		{"DHCP of our own", news, dhcpTo(a("255.255.255.255"), 67, 68, 5), outgoing, false},
		{"what a DHCP client says to all", news, dhcpTo(a("255.255.255.255"), 68, 67, 5), bcast, true},
		{"what a DHCP client says behind IPv4 options", news, dhcpTo(a("255.255.255.255"), 68, 67, 8), bcast, true},
		{"what a DHCP client says to us", news, dhcpTo(a("10.77.0.5"), 68, 67, 5), host, false},
		{"what a DHCP client says to another host", news, dhcpTo(a("10.77.0.5"), 68, 67, 5), otherHost, false},
		{"what our own DHCP client says", news, dhcpTo(a("255.255.255.255"), 68, 67, 5), outgoing, false},
		{"a prefix beside DHCP clients", Filter{DHCP: true, Prefixes: prefixes("10.77.0.10/32")}, dhcpTo(a("10.77.0.10"), 68, 67, 5), host, true},
		{"no DHCP clients wanted", vips, dhcpTo(a("255.255.255.255"), 68, 67, 5), bcast, false},
		{"UDP between others' ports", news, dhcpTo(a("10.77.0.5"), 53, 68, 5), host, false},
		{"TCP between these ports", news, func() []byte { f := dhcpTo(a("10.77.0.5"), 67, 68, 5); f[14+9] = 6; return f }(), host, false},
		{"DHCP cut short", news, dhcpTo(a("10.77.0.5"), 67, 68, 5)[:36], host, false},
		{"DHCP beside a prefix", Filter{DHCP: true, Prefixes: prefixes("10.77.0.10/32")}, dhcpTo(a("255.255.255.255"), 67, 68, 5), bcast, true},
		{"a prefix beside DHCP", Filter{DHCP: true, Prefixes: prefixes("10.77.0.10/32")}, frameTo(wire.EtherTypeIPv4, a("10.77.0.10"), 17, 0), host, true},
		{"no DHCP wanted", vips, dhcpTo(a("255.255.255.255"), 67, 68, 5), bcast, false},

		{"tag inside the frame", vips, frameTo(wire.EtherTypeVLAN, netip.Addr{}, 0, 0), host, false},
		{"no Ethernet type", vips, make([]byte, 12), host, false},
		{"IPv4 cut short", vips, frameTo(wire.EtherTypeIPv4, a("10.77.0.10"), 6, 0)[:30], host, false},
		{"everything", Filter{Prefixes: prefixes("0.0.0.0/0")}, frameTo(wire.EtherTypeIPv4, a("192.0.2.1"), 6, 0), host, true},
		{"a prefix that is none", Filter{Prefixes: []netip.Prefix{{}}}, frameTo(wire.EtherTypeIPv6, a("fd00::1"), 6, 0), host, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := accepts(t, tt.filter, tt.frame, tt.pt); got != tt.want {
				t.Errorf("accepts = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestFilterAgainstDefinition compares the program with what Filter's comment
// says, for random sets over few addresses, so that they meet often.
func TestFilterAgainstDefinition(t *testing.T) {
	addr := rapid.Custom(func(t *rapid.T) netip.Addr {
		if rapid.Bool().Draw(t, "v4") {
			few := rapid.ByteRange(0, 2)
			return netip.AddrFrom4([4]byte{10, few.Draw(t, "byte"), few.Draw(t, "byte") << 6, few.Draw(t, "byte")})
		}
		b := [16]byte{0: 0xfd}
		for _, i := range []int{3, 7, 11, 15} {
			b[i] = rapid.ByteRange(0, 2).Draw(t, "byte")
		}
		return netip.AddrFrom16(b)
	})
	prefix := rapid.Custom(func(t *rapid.T) netip.Prefix {
		a := addr.Draw(t, "addr")
		return netip.PrefixFrom(a, rapid.IntRange(0, a.BitLen()).Draw(t, "bits"))
	})
	rapid.Check(t, func(t *rapid.T) {
		f := Filter{Prefixes: rapid.SliceOfN(prefix, 0, 20).Draw(t, "prefixes"), ND: rapid.Bool().Draw(t, "ND"),
			RA: rapid.Bool().Draw(t, "RA"), DHCP: rapid.Bool().Draw(t, "DHCP"), Questions: rapid.Bool().Draw(t, "questions")}
		f.RA = f.RA && !f.Questions
		dst := addr.Draw(t, "dst")
		etherType := uint16(wire.EtherTypeIPv6)
		if dst.Is4() {
			etherType = wire.EtherTypeIPv4
		}
		proto := rapid.SampledFrom([]byte{6, 17, 58}).Draw(t, "proto")
		icmpType := rapid.ByteRange(133, 138).Draw(t, "type")
		pt := wire.PacketType(rapid.ByteRange(0, 4).Draw(t, "packet type"))

		frame := frameTo(etherType, dst, proto, icmpType)
		if dst.Is4() {
			frame = dhcpTo(dst, rapid.SampledFrom([]uint16{67, 68}).Draw(t, "from"), rapid.SampledFrom([]uint16{67, 68}).Draw(t, "to"), rapid.ByteRange(5, 9).Draw(t, "words"))
			frame[14+9] = proto
		}
		if dst.Is6() { // the target of a solicitation is the destination here
			frame = append(frame, make([]byte, 26)...)
			copy(frame[14+40+8:], dst.AsSlice())
		}
		ports := frame[14+4*int(frame[14]&15):]
		nd := dst.Is6() && proto == 58 && (f.ND && (icmpType == 135 || icmpType == 136 && !f.Questions) || f.RA && icmpType == 134)
		udp := f.DHCP && dst.Is4() && proto == 17
		dhcp := udp && ports[1] == 67 && ports[3] == 68
		asks := udp && ports[1] == 68 && ports[3] == 67 && pt == wire.PacketBroadcast
		want := pt == wire.PacketHost && slices.ContainsFunc(f.Prefixes, func(p netip.Prefix) bool { return p.Contains(dst) })
		if nd && f.Questions {
			want = (pt == wire.PacketHost || pt == wire.PacketMulticast) &&
				slices.ContainsFunc(f.Prefixes, func(p netip.Prefix) bool { return p.Contains(dst) })
		} else if nd {
			want = pt == wire.PacketHost || pt == wire.PacketMulticast
		}
		if dhcp {
			want = pt == wire.PacketHost || pt == wire.PacketBroadcast
		}
		want = want || asks
		if got := accepts(t, f, frame, pt); got != want {
			t.Fatalf("accepts = %v, want %v", got, want)
		}
	})
}

func TestFilterOfManyPrefixesIsWide(t *testing.T) {
	f := Filter{ND: true, Questions: true}
	for i := range maxPrefixes {
		f.Prefixes = append(f.Prefixes, netip.PrefixFrom(netip.AddrFrom16([16]byte{0xfd, 5: byte(i), 15: 1}), 127))
	}
	if n := len(f.program()); n > 4096 {
		t.Errorf("%d prefixes make %d instructions, more than cBPF takes", maxPrefixes, n)
	}
	outside := frameTo(wire.EtherTypeIPv6, netip.MustParseAddr("2001:db8::1"), 6, 0)
	if accepts(t, f, outside, wire.PacketHost) {
		t.Error("accepts what is in no prefix, though they can be compiled")
	}
	f.Prefixes = append(f.Prefixes, netip.MustParsePrefix("fe00::/16"))
	if !accepts(t, f, outside, wire.PacketHost) {
		t.Error("with too many prefixes to compile, drops frames that may be ours")
	}
	if accepts(t, f, outside, wire.PacketOtherHost) {
		t.Error("with too many prefixes, accepts frames to others")
	}
	if accepts(t, f, frameTo(wire.EtherTypeIPv4, netip.MustParseAddr("10.0.0.1"), 6, 0), wire.PacketHost) {
		t.Error("too many IPv6 prefixes open IPv4 too")
	}
}
