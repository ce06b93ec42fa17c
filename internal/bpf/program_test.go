// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package bpf

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"cygnet/internal/link/nstest"
	"cygnet/internal/wire"
)

// loadDrop makes the program with its maps filled, attached to nothing.
func loadDrop(t interface{ Fatal(...any) }, d Drop) *loaded {
	r, err := d.rules()
	if err != nil {
		t.Fatal(err)
	}
	g, err := load(r)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// drops runs the program on a frame. The kernel takes the frame for one of its
// loopback interface, whose MAC is zero.
func drops(t interface{ Fatalf(string, ...any) }, p *loaded, frame []byte) bool {
	v, err := p.prog.Run(&ebpf.RunOptions{Data: frame})
	if err != nil {
		t.Fatalf("run: %v", err)
	}
	switch int32(v) {
	case tcxDrop:
		return true
	case tcxNext:
		return false
	}
	t.Fatalf("verdict %d", int32(v))
	return false
}

// ether puts an Ethernet header before the packet.
func ether(dst wire.MAC, etherType uint16, packet []byte) []byte {
	b := append(dst[:], 2, 0, 0, 0, 0, 9)
	b = binary.BigEndian.AppendUint16(b, etherType)
	return append(b, packet...)
}

// v4 makes an IPv4 packet; frag is flags and offset as on the wire.
func v4(dst string, proto byte, frag uint16, options int, payload []byte) []byte {
	b := make([]byte, 20+options, 20+options+len(payload))
	b[0] = 0x45 + byte(options/4)
	binary.BigEndian.PutUint16(b[2:], uint16(20+options+len(payload)))
	binary.BigEndian.PutUint16(b[6:], frag)
	b[8], b[9] = 64, proto
	copy(b[12:], []byte{10, 77, 0, 9})
	copy(b[16:], netip.MustParseAddr(dst).AsSlice())
	return append(b, payload...)
}

// v6 makes an IPv6 packet.
func v6(dst string, next byte, payload []byte) []byte {
	b := make([]byte, 40, 40+len(payload))
	b[0] = 0x60
	binary.BigEndian.PutUint16(b[4:], uint16(len(payload)))
	b[6], b[7] = next, 255
	b[8], b[23] = 0xfd, 9
	copy(b[24:], netip.MustParseAddr(dst).AsSlice())
	return append(b, payload...)
}

// l4 makes the ports of a transport header and room for the rest.
func l4(port uint16) []byte {
	b := make([]byte, 20)
	binary.BigEndian.PutUint16(b, 40000)
	binary.BigEndian.PutUint16(b[2:], port)
	return b
}

// header makes an IPv6 extension header of 8*(units+1) octets.
func header(next, units byte, rest []byte) []byte {
	b := make([]byte, 8*(int(units)+1))
	b[0], b[1] = next, units
	return append(b, rest...)
}

// fragmentHeader makes an IPv6 fragment header.
func fragmentHeader(next byte, offset uint16, rest []byte) []byte {
	b := []byte{next, 0, 0, 0, 0, 0, 0, 1}
	binary.BigEndian.PutUint16(b[2:], offset<<3|1)
	return append(b, rest...)
}

// judged is a frame and what becomes of it under drop().
type judged struct {
	name  string
	frame []byte
	want  bool // dropped
}

// drop is what the frames of judgedFrames meet.
func drop() Drop {
	return Drop{
		Prefixes: []netip.Prefix{
			netip.MustParsePrefix("10.77.0.10/32"), netip.MustParsePrefix("10.78.0.0/20"),
			netip.MustParsePrefix("fd00::10/128"), netip.MustParsePrefix("fd01::/36"),
		},
		Ports: []Port{
			{netip.MustParseAddr("10.77.0.20"), wire.ProtoTCP, 80}, {netip.MustParseAddr("10.77.0.21"), 0, 53},
			{netip.MustParseAddr("fd00::20"), wire.ProtoTCP, 80},
		},
	}
}

// judgedFrames are the frames that show the meaning of a drop. They are for the
// MAC us.
func judgedFrames(us wire.MAC) []judged {
	const tcp, udp, icmp6 = wire.ProtoTCP, wire.ProtoUDP, wire.ProtoICMPv6
	all := wire.BroadcastMAC()
	ip4 := func(packet []byte) []byte { return ether(us, wire.EtherTypeIPv4, packet) }
	ip6 := func(packet []byte) []byte { return ether(us, wire.EtherTypeIPv6, packet) }
	icmp := func(typ byte) []byte { return append([]byte{typ}, make([]byte, 23)...) }
	eight := header(tcp, 0, l4(80))
	for range 7 {
		eight = header(destinations, 0, eight)
	}
	return []judged{
		{"whole address", ip4(v4("10.77.0.10", tcp, 0, 0, l4(80))), true},
		{"any protocol of it", ip4(v4("10.77.0.10", 47, 0, 0, l4(80))), true},
		{"later fragment to it", ip4(v4("10.77.0.10", udp, 185, 0, l4(80))), true},
		{"address beside it", ip4(v4("10.77.0.11", tcp, 0, 0, l4(80))), false},
		{"first of a prefix", ip4(v4("10.78.0.0", tcp, 0, 0, l4(80))), true},
		{"last of a prefix", ip4(v4("10.78.15.255", tcp, 0, 0, l4(80))), true},
		{"behind a prefix", ip4(v4("10.78.16.0", tcp, 0, 0, l4(80))), false},
		{"to all, not to us", ether(all, wire.EtherTypeIPv4, v4("10.77.0.10", tcp, 0, 0, l4(80))), false},
		{"to another host", ether(wire.MAC{2, 2, 2, 2, 2, 2}, wire.EtherTypeIPv4, v4("10.77.0.10", tcp, 0, 0, l4(80))), false},
		{"ARP", ether(us, wire.EtherTypeARP, v4("10.77.0.10", tcp, 0, 0, l4(80))), false},

		{"port", ip4(v4("10.77.0.20", tcp, 0, 0, l4(80))), true},
		{"port behind options", ip4(v4("10.77.0.20", tcp, 0, 40, l4(80))), true},
		{"another port", ip4(v4("10.77.0.20", tcp, 0, 0, l4(22))), false},
		{"another protocol", ip4(v4("10.77.0.20", udp, 0, 0, l4(80))), false},
		{"no ports in this protocol", ip4(v4("10.77.0.20", 1, 0, 0, l4(80))), false},
		{"do not fragment", ip4(v4("10.77.0.20", tcp, 0x4000, 0, l4(80))), true},
		{"first fragment", ip4(v4("10.77.0.20", tcp, 0x2000, 0, l4(80))), true},
		{"later fragment", ip4(v4("10.77.0.20", tcp, 0x2001, 0, l4(80))), false},
		{"last fragment of a long packet", ip4(v4("10.77.0.20", tcp, 0x1000, 0, l4(80))), false},
		{"last fragment", ip4(v4("10.77.0.20", tcp, 0x00b9, 0, l4(80))), false},
		{"both protocols, TCP", ip4(v4("10.77.0.21", tcp, 0, 0, l4(53))), true},
		{"both protocols, UDP", ip4(v4("10.77.0.21", udp, 0, 0, l4(53))), true},
		{"cut in the ports", ip4(v4("10.77.0.20", tcp, 0, 0, l4(80)[:3])), false},

		{"IPv6 address", ip6(v6("fd00::10", tcp, l4(80))), true},
		{"IPv6 beside it", ip6(v6("fd00::11", tcp, l4(80))), false},
		{"last of an IPv6 prefix", ip6(v6("fd01:0:fff:ffff::ffff", tcp, l4(80))), true},
		{"behind an IPv6 prefix", ip6(v6("fd01:0:1000::", tcp, l4(80))), false},
		{"IPv6 port", ip6(v6("fd00::20", tcp, l4(80))), true},
		{"IPv6 another port", ip6(v6("fd00::20", tcp, l4(81))), false},

		{"router solicitation", ip6(v6("fd00::10", icmp6, icmp(133))), false},
		{"neighbour solicitation", ip6(v6("fd00::10", icmp6, icmp(135))), false},
		{"redirect", ip6(v6("fd00::10", icmp6, icmp(137))), false},
		{"multicast listener done", ip6(v6("fd00::10", icmp6, icmp(132))), true},
		{"ICMPv6 of 138", ip6(v6("fd00::10", icmp6, icmp(138))), true},
		{"echo request", ip6(v6("fd00::10", icmp6, icmp(128))), true},
		{"TCP whose port looks like ND", ip6(v6("fd00::10", tcp, append([]byte{135}, l4(80)...))), true},

		{"behind hop-by-hop", ip6(v6("fd00::20", hopByHop, header(tcp, 0, l4(80)))), true},
		{"behind long options", ip6(v6("fd00::20", destinations, header(tcp, 7, l4(80)))), true},
		{"another port behind routing", ip6(v6("fd00::20", routing, header(tcp, 2, l4(81)))), false},
		{"behind AH", ip6(v6("fd00::20", 51, append([]byte{tcp, 4, 22: 0, 23: 0}, l4(80)...))), false},
		{"AH to a whole address", ip6(v6("fd00::10", 51, append([]byte{tcp, 4, 22: 0, 23: 0}, l4(80)...))), true},
		{"IPv6 first fragment", ip6(v6("fd00::20", fragment, fragmentHeader(tcp, 0, l4(80)))), true},
		{"IPv6 later fragment", ip6(v6("fd00::20", fragment, fragmentHeader(tcp, 1, l4(80)))), false},
		{"IPv6 later fragment that looks like a first", ip6(v6("fd00::20", fragment, fragmentHeader(fragment, 1, fragmentHeader(tcp, 0, l4(80))))), false},
		{"IPv6 later fragment to a whole address", ip6(v6("fd00::10", fragment, fragmentHeader(icmp6, 1, icmp(135)))), true},
		{"behind eight headers", ip6(v6("fd00::20", destinations, eight)), true},
		{"whole address behind more", ip6(v6("fd00::10", destinations, header(destinations, 0, eight))), true},
	}
}

func TestNetnsProgram(t *testing.T) {
	nstest.Require(t)
	p := loadDrop(t, drop())
	defer p.close()
	for _, tt := range judgedFrames(wire.MAC{}) {
		t.Run(tt.name, func(t *testing.T) {
			if got := drops(t, p, tt.frame); got != tt.want {
				t.Errorf("drops = %v, want %v", got, tt.want)
			}
		})
	}
}

// TestNetnsProgramAgainstDefinition compares the program with what Drop says.
func TestNetnsProgramAgainstDefinition(t *testing.T) {
	nstest.Require(t)
	addr := rapid.Custom(func(t *rapid.T) netip.Addr {
		few := rapid.ByteRange(0, 3)
		if rapid.Bool().Draw(t, "v4") {
			return netip.AddrFrom4([4]byte{10, 77, few.Draw(t, "byte"), few.Draw(t, "byte")})
		}
		return netip.AddrFrom16([16]byte{0: 0xfd, 7: few.Draw(t, "byte"), 15: few.Draw(t, "byte")})
	})
	prefix := rapid.Custom(func(t *rapid.T) netip.Prefix {
		a := addr.Draw(t, "addr")
		return netip.PrefixFrom(a, rapid.IntRange(8, a.BitLen()).Draw(t, "bits")).Masked()
	})
	port := rapid.Custom(func(t *rapid.T) Port {
		return Port{addr.Draw(t, "addr"), rapid.SampledFrom([]uint8{0, 6, 17}).Draw(t, "proto"), rapid.Uint16Range(1, 3).Draw(t, "port")}
	})
	rapid.Check(t, func(t *rapid.T) {
		d := Drop{Prefixes: rapid.SliceOfN(prefix, 0, 4).Draw(t, "prefixes"), Ports: rapid.SliceOfN(port, 0, 6).Draw(t, "ports")}
		p := loadDrop(t, d)
		defer p.close()
		for range 20 {
			dst, proto, port := addr.Draw(t, "dst"), rapid.SampledFrom([]byte{6, 17}).Draw(t, "proto"), rapid.Uint16Range(1, 3).Draw(t, "port")
			frame := ether(wire.MAC{}, wire.EtherTypeIPv6, nil)
			if dst.Is4() {
				frame = ether(wire.MAC{}, wire.EtherTypeIPv4, v4(dst.String(), proto, 0, 0, l4(port)))
			} else {
				frame = append(frame, v6(dst.String(), proto, l4(port))...)
			}
			if got, want := drops(t, p, frame), d.matches(dst, proto, port); got != want {
				t.Fatalf("drops(%v, %d, %d) = %v, want %v", dst, proto, port, got, want)
			}
		}
	})
}

// matches is the slow and obvious meaning of a drop.
func (d Drop) matches(dst netip.Addr, proto uint8, port uint16) bool {
	for _, p := range d.Prefixes {
		if p.Contains(dst) {
			return true
		}
	}
	for _, p := range d.Ports {
		if p.Addr == dst && p.Port == port && (p.Proto == proto || p.Proto == 0) {
			return true
		}
	}
	return false
}

// TestNetnsProgramNeedsFewCapabilities loads it without CAP_PERFMON and
// CAP_SYS_ADMIN.
func TestNetnsProgramNeedsFewCapabilities(t *testing.T) {
	nstest.Require(t)
	withEffective(t, func() {
		loadDrop(t, whole("10.77.0.10")).close()
	}, unix.CAP_NET_ADMIN, unix.CAP_BPF)
}
