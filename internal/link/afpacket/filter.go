// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"golang.org/x/net/bpf"

	"cygnet/internal/wire"
)

// Filter says which frames a queue receives. A frame it does not accept is
// dropped before it is copied. The classifier judges every frame again: a
// filter may let through more, never less.
//
// It accepts ARP to us and to all; with ND, neighbour solicitations and
// advertisements to us and to a group; with RA, router advertisements, too; with
// DHCP, messages of DHCP servers to clients, to us and to all, and those of clients to
// all; and IPv4 and IPv6 to us for an address of Prefixes. Nothing that another host was meant to get, and nothing that
// this host sent. A VLAN tag makes no difference, since the kernel took it off
// before.
//
// With Questions it accepts of ARP and ND only who asks for an address of Prefixes or
// Asked: requests and solicitations, for whoever answers and learns nothing, and so
// wants neither RA nor DHCP.
type Filter struct {
	Prefixes  []netip.Prefix // in any order; they may overlap
	Questions bool           // of ARP and ND no more than these
	Asked     []netip.Prefix // whose own frames are not wanted, but questions for them are
	ND        bool           // neighbour discovery too
	RA        bool           // router advertisements too
	DHCP      bool           // what DHCP servers and clients say of IPv4 too
}

const (
	// maxPrefixes is how many prefixes are compiled. IPv6 takes ten
	// instructions each, and cBPF ends at 4096 (BPF_MAXINSNS, linux/bpf_common.h).
	maxPrefixes = 256

	// maxInstructions is how long a program may be (BPF_MAXINSNS).
	maxInstructions = 4096

	// whole is how much of an accepted frame is kept: all of it.
	whole = 1 << 18

	// Where fields are in a frame without a tag.
	offType     = 12
	offIPv4     = 14
	offProto4   = 14 + 9 // RFC 791, 3.1
	offDst4     = 14 + 16
	offNext6    = 14 + 6 // RFC 8200, 3
	offDst6     = 14 + 24
	offICMPType = 14 + 40
	offOp       = 14 + 6      // RFC 826
	offAsked4   = 14 + 24     // the target's protocol address
	offAsked6   = 14 + 40 + 8 // RFC 4861, 4.3

	routerAdvertisement = 134 // RFC 4861, 4.2
	ndSolicitation      = 135 // RFC 4861, 4.3
	ndAdvertisement     = 136 // RFC 4861, 4.4

	// Source and destination of what a server says, and a client: RFC 2131, 4.1.
	dhcpServerPorts = 67<<16 | 68
	dhcpClientPorts = 68<<16 | 67
)

// program compiles the filter. Each block answers for one Ethernet type and
// ends with a return, so that every conditional jump (8 bits) is a short one.
func (f Filter) program() []bpf.Instruction {
	v4, v6 := families(f.Prefixes)
	if len(v4)+len(v6) > maxPrefixes {
		return f.wide().programFor()
	}
	for _, questions := range []bool{f.Questions, false} { // which need as much again
		f.Questions = questions
		if prog := f.programFor(); len(prog) <= maxInstructions {
			return prog
		}
	}
	return f.wide().programFor()
}

// programFor compiles the filter, however long the program is.
func (f Filter) programFor() []bpf.Instruction {
	v4, v6 := families(f.Prefixes)
	prog := []bpf.Instruction{packetType()}
	prog = append(prog, dropUnless(bpf.JumpLessOrEqual, uint32(wire.PacketMulticast))...)
	asked4, asked6 := families(slices.Concat(f.Prefixes, f.Asked))
	prog = append(prog, block(wire.EtherTypeARP, f.arpBody(asked4))...)
	if len(v4) > 0 || f.DHCP {
		var body []bpf.Instruction
		if f.DHCP {
			body = dhcpBody()
		}
		prog = append(prog, block(wire.EtherTypeIPv4, append(body, addressBody(v4, offDst4)...))...)
	}
	if len(v6) > 0 || f.ND || f.RA {
		body := f.icmpv6Body(asked6)
		prog = append(prog, block(wire.EtherTypeIPv6, append(body, addressBody(v6, offDst6)...))...)
	}
	return append(prog, drop())
}

// families splits the prefixes by family, drops those that another contains,
// and sorts them.
func families(prefixes []netip.Prefix) (v4, v6 []netip.Prefix) {
	sorted := slices.Clone(prefixes)
	for i, p := range sorted {
		sorted[i] = p.Masked()
	}
	slices.SortFunc(sorted, netip.Prefix.Compare) // a container before what it contains
	var last netip.Prefix
	for _, p := range sorted {
		switch {
		case !p.IsValid(), last.IsValid() && last.Contains(p.Addr()):
			continue
		case p.Addr().Is4():
			v4 = append(v4, p)
		default:
			v6 = append(v6, p)
		}
		last = p
	}
	return v4, v6
}

// wide is the filter that takes every address of the families concerned.
func (f Filter) wide() Filter {
	v4, v6 := families(f.Prefixes)
	w := f
	w.Prefixes, w.Questions = nil, false
	if len(v4) > 0 {
		w.Prefixes = append(w.Prefixes, netip.PrefixFrom(netip.IPv4Unspecified(), 0))
	}
	if len(v6) > 0 {
		w.Prefixes = append(w.Prefixes, netip.PrefixFrom(netip.IPv6Unspecified(), 0))
	}
	return w
}

// block runs body, which ends with a return, on frames of that Ethernet type.
func block(etherType uint16, body []bpf.Instruction) []bpf.Instruction {
	return append([]bpf.Instruction{
		bpf.LoadAbsolute{Off: offType, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(etherType), SkipTrue: 1},
		bpf.Jump{Skip: uint32(len(body))},
	}, body...)
}

// arpBody accepts ARP to us and to all, but not to a group.
func (f Filter) arpBody(asked []netip.Prefix) []bpf.Instruction {
	body := append([]bpf.Instruction{packetType()}, dropUnless(bpf.JumpLessOrEqual, uint32(wire.PacketBroadcast))...)
	if !f.Questions {
		return append(body, accept())
	}
	body = append(body, bpf.LoadAbsolute{Off: offOp, Size: 2})
	body = append(body, dropUnless(bpf.JumpEqual, wire.ARPRequest)...)
	return append(body, anyOf(asked, offAsked4)...)
}

// icmpv6Body accepts the kinds of neighbour discovery that are wanted, to us and to
// a group, or with Questions who asks for one of those addresses, and goes on with everything else. RFC 4861, 6.1 and 7.1: no such message
// has extension headers.
func (f Filter) icmpv6Body(asked []netip.Prefix) []bpf.Instruction {
	var types []uint32
	switch {
	case f.ND && f.Questions:
		types = append(types, ndSolicitation)
	case f.ND:
		types = append(types, ndSolicitation, ndAdvertisement)
	}
	if f.RA {
		types = append(types, routerAdvertisement)
	}
	if len(types) == 0 {
		return nil
	}
	found := append([]bpf.Instruction{packetType()}, dropUnless(bpf.JumpNotEqual, uint32(wire.PacketBroadcast))...)
	if f.Questions {
		found = append(found, anyOf(asked, offAsked6)...)
	} else {
		found = append(found, accept())
	}
	var match []bpf.Instruction
	for i, t := range types { // each jumps over the others and the last jump, to found
		match = append(match, bpf.JumpIf{Cond: bpf.JumpEqual, Val: t, SkipTrue: uint8(len(types) - i)})
	}
	match = append(match, bpf.Jump{Skip: uint32(len(found))})
	return slices.Concat([]bpf.Instruction{
		bpf.LoadAbsolute{Off: offNext6, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: wire.ProtoICMPv6, SkipTrue: 1},
		bpf.Jump{Skip: uint32(1 + len(match) + len(found))},
		bpf.LoadAbsolute{Off: offICMPType, Size: 1},
	}, match, found)
}

// dhcpBody accepts UDP from a DHCP server's port to a client's, to us and to all, and
// from a client's to a server's, to all, and goes on with everything else. The ports
// are looked for behind IPv4 options; of a fragment, which nobody sends of DHCP, the
// first is taken for whole.
func dhcpBody() []bpf.Instruction {
	server := append([]bpf.Instruction{packetType()}, dropUnless(bpf.JumpLessOrEqual, uint32(wire.PacketBroadcast))...)
	server = append(server, accept())
	client := []bpf.Instruction{
		packetType(),
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(wire.PacketBroadcast), SkipTrue: uint8(1 + len(server))},
		accept(),
	}
	past := uint8(len(client) + len(server))
	return slices.Concat([]bpf.Instruction{
		bpf.LoadAbsolute{Off: offProto4, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: wire.ProtoUDP, SkipTrue: past + 4},
		bpf.LoadMemShift{Off: offIPv4},
		bpf.LoadIndirect{Off: offIPv4, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: dhcpServerPorts, SkipTrue: uint8(1 + len(client))},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: dhcpClientPorts, SkipTrue: past},
	}, client, server)
}

// addressBody accepts frames to us whose destination address, at off, is in one
// of the prefixes.
func addressBody(prefixes []netip.Prefix, off uint32) []bpf.Instruction {
	body := append([]bpf.Instruction{packetType()}, dropUnless(bpf.JumpEqual, uint32(wire.PacketHost))...)
	return append(body, anyOf(prefixes, off)...)
}

// anyOf accepts frames whose address at off is in one of the prefixes.
func anyOf(prefixes []netip.Prefix, off uint32) (body []bpf.Instruction) {
	for _, p := range prefixes {
		body = append(body, match(p, off)...)
	}
	return append(body, drop())
}

// match accepts when the address at off is in p, and else goes on behind itself.
func match(p netip.Prefix, off uint32) []bpf.Instruction {
	var ins []bpf.Instruction
	words := p.Addr().AsSlice()
	for bits := p.Bits(); bits > 0; bits -= 32 {
		word := binary.BigEndian.Uint32(words)
		ins = append(ins, bpf.LoadAbsolute{Off: off, Size: 4})
		if bits < 32 {
			ins = append(ins, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: ^uint32(0) << (32 - bits)})
		}
		ins = append(ins, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: word})
		words, off = words[4:], off+4
	}
	ins = append(ins, accept())
	for i := range ins {
		if j, ok := ins[i].(bpf.JumpIf); ok {
			j.SkipTrue = uint8(len(ins) - 1 - i)
			ins[i] = j
		}
	}
	return ins
}

// dropUnless ends the program unless the accumulator meets the condition.
func dropUnless(cond bpf.JumpTest, val uint32) []bpf.Instruction {
	return []bpf.Instruction{bpf.JumpIf{Cond: cond, Val: val, SkipTrue: 1}, drop()}
}

// packetType loads sll_pkttype of packet(7).
func packetType() bpf.Instruction { return bpf.LoadExtension{Num: bpf.ExtType} }

func accept() bpf.Instruction { return bpf.RetConstant{Val: whole} }

func drop() bpf.Instruction { return bpf.RetConstant{Val: 0} }
