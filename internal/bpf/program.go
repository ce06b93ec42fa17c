// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package bpf

import (
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf/asm"

	"cygnet/internal/wire"
)

// Verdicts of a tcx program (enum tcx_action_base, linux/bpf.h).
const (
	tcxNext = -1 // leave it to whoever is next, in the end the stack
	tcxDrop = 2
)

// Fields of struct __sk_buff (linux/bpf.h).
const (
	skbPacketType = 4
	skbProtocol   = 16 // in network byte order
	skbVLANTCI    = 24 // 0 without a tag
	skbVLANProto  = 28 // in network byte order
)

// Where the program keeps things, below the frame pointer. Verifier and maps
// want eight octets aligned.
const (
	stackIP   = -40           // the IP header
	stackAddr = -64           // destination, IPv4 as ::ffff:a.b.c.d
	stackLPM  = stackAddr - 4 // lpmKey: prefix length, then the address
	stackPort = -96           // portKey
	stackNext = -104          // the first octets of an extension or transport header
	stackTag  = -128          // taggedKey
	stackVID  = stackTag + 16 // of that
)

// What registers hold from header to header; 6 to 9 survive calls.
const (
	regFrame = asm.R6 // the context
	regL4    = asm.R7 // offset of the next header in the frame
	regProto = asm.R8 // its protocol
	regLater = asm.R9 // not 0: a fragment without transport header
)

// maxExtensions is how many IPv6 extension headers are walked, as many as
// wire.Frame does. The verifier allows no loop it cannot bound.
const maxExtensions = 8

// Protocol numbers of extension headers (RFC 8200, 4). AH is not one here, as it
// is none for nftables: there are no ports behind it that we would serve.
const (
	hopByHop     = 0
	routing      = 43
	fragment     = 44
	destinations = 60
)

// Neighbour discovery: router solicitation to redirect (RFC 4861, 4).
const (
	ndFirst = 133
	ndLast  = 137
)

// program makes the tcx program over the maps: lpm of whole addresses, ports of
// single ones, and tagged of addresses on VLANs. It uses no pointer arithmetic on packets, so CAP_PERFMON is
// not needed, and no BTF.
func program(lpm, ports, tagged int) asm.Instructions {
	var p asm.Instructions
	p = append(p, entry()...)
	p = append(p, ipv4()...)
	p = append(p, ipv6()...)
	p = append(p, judgeTagged(tagged)...)
	p = append(p, judge(lpm, ports)...)
	return append(p,
		asm.Mov.Imm(asm.R0, tcxNext).WithSymbol("pass"),
		asm.Return(),
		asm.Mov.Imm(asm.R0, tcxDrop).WithSymbol("drop"),
		asm.Return(),
	)
}

// entry leaves alone what is not an IP packet to this host's MAC, untagged or on a
// VLAN of IEEE 802.1Q. Priority-tagged frames (VID 0) are untagged ones.
func entry() asm.Instructions {
	return asm.Instructions{
		asm.Mov.Reg(regFrame, asm.R1),
		asm.LoadMem(asm.R1, regFrame, skbPacketType, asm.Word),
		asm.JNE.Imm(asm.R1, int32(wire.PacketHost), "pass"),
		asm.LoadMem(asm.R1, regFrame, skbVLANTCI, asm.Word),
		asm.And.Imm(asm.R1, 0x0fff),
		asm.StoreMem(asm.RFP, stackVID, asm.R1, asm.Word),
		asm.JEq.Imm(asm.R1, 0, "type"),
		asm.LoadMem(asm.R1, regFrame, skbVLANProto, asm.Word),
		asm.JNE.Imm(asm.R1, int32(network16(wire.EtherTypeVLAN)), "pass"),
		asm.LoadMem(asm.R1, regFrame, skbProtocol, asm.Word).WithSymbol("type"),
		asm.JEq.Imm(asm.R1, int32(network16(wire.EtherTypeIPv4)), "ipv4"),
		asm.JEq.Imm(asm.R1, int32(network16(wire.EtherTypeIPv6)), "ipv6"),
		asm.Ja.Label("pass"),
	}
}

// ipv4 finds destination, protocol and transport header (RFC 791, 3.1).
func ipv4() asm.Instructions {
	p := fetch(asm.Mov.Imm(asm.R2, 14).WithSymbol("ipv4"), stackIP, 20)
	return append(p,
		asm.LoadMem(regL4, asm.RFP, stackIP, asm.Byte), // version, IHL in words
		asm.And.Imm(regL4, 0x0f),
		asm.LSh.Imm(regL4, 2),
		asm.Add.Imm(regL4, 14),
		asm.LoadMem(regLater, asm.RFP, stackIP+6, asm.Half), // flags, fragment offset
		asm.And.Imm(regLater, int32(network16(0x1fff))),
		asm.LoadMem(regProto, asm.RFP, stackIP+9, asm.Byte),
		asm.StoreImm(asm.RFP, stackAddr, 0, asm.Word),
		asm.StoreImm(asm.RFP, stackAddr+4, 0, asm.Word),
		asm.StoreImm(asm.RFP, stackAddr+8, int64(int32(network32(0xffff))), asm.Word),
		asm.LoadMem(asm.R1, asm.RFP, stackIP+16, asm.Word),
		asm.StoreMem(asm.RFP, stackAddr+12, asm.R1, asm.Word),
		asm.Ja.Label("judge"),
	)
}

// ipv6 does the same (RFC 8200, 3), and lets neighbour discovery pass.
func ipv6() asm.Instructions {
	p := fetch(asm.Mov.Imm(asm.R2, 14).WithSymbol("ipv6"), stackIP, 40)
	p = append(p,
		asm.LoadMem(regProto, asm.RFP, stackIP+6, asm.Byte),
		asm.Mov.Imm(regL4, 14+40),
		asm.Mov.Imm(regLater, 0),
		asm.LoadMem(asm.R1, asm.RFP, stackIP+24, asm.DWord),
		asm.StoreMem(asm.RFP, stackAddr, asm.R1, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, stackIP+32, asm.DWord),
		asm.StoreMem(asm.RFP, stackAddr+8, asm.R1, asm.DWord),
	)
	for i := range maxExtensions {
		p = append(p, extension(i)...)
	}
	p = append(p,
		asm.JNE.Imm(regProto, wire.ProtoICMPv6, "judge").WithSymbol("walked"),
		asm.JNE.Imm(regLater, 0, "judge"),
	)
	p = append(p, fetch(asm.Mov.Reg(asm.R2, regL4), stackNext, 1)...)
	return append(p,
		asm.LoadMem(asm.R1, asm.RFP, stackNext, asm.Byte),
		asm.JLT.Imm(asm.R1, ndFirst, "judge"),
		asm.JLE.Imm(asm.R1, ndLast, "pass"),
		asm.Ja.Label("judge"),
	)
}

// extension steps over one IPv6 extension header, if one is next. Its length is
// in units of 8 octets, the first not counted; a fragment header has none.
func extension(i int) asm.Instructions {
	at := func(what string) string { return fmt.Sprintf("%s%d", what, i) }
	p := asm.Instructions{
		asm.JEq.Imm(regProto, hopByHop, at("header")),
		asm.JEq.Imm(regProto, routing, at("header")),
		asm.JEq.Imm(regProto, fragment, at("header")),
		asm.JNE.Imm(regProto, destinations, "walked"),
	}
	p = append(p, fetch(asm.Mov.Reg(asm.R2, regL4).WithSymbol(at("header")), stackNext, 8)...)
	return append(p,
		asm.LoadMem(asm.R1, asm.RFP, stackNext+1, asm.Byte),
		asm.JEq.Imm(regProto, fragment, at("fragment")),
		asm.Add.Imm(asm.R1, 1),
		asm.LSh.Imm(asm.R1, 3),
		asm.Ja.Label(at("step")),

		asm.LoadMem(regLater, asm.RFP, stackNext+2, asm.Half).WithSymbol(at("fragment")),
		asm.And.Imm(regLater, int32(network16(0xfff8))),
		asm.Mov.Imm(asm.R1, 8),

		asm.Add.Reg(regL4, asm.R1).WithSymbol(at("step")),
		asm.LoadMem(regProto, asm.RFP, stackNext, asm.Byte),
		asm.JNE.Imm(regLater, 0, "walked"), // the rest is in the first fragment
	)
}

// judgeTagged looks up the address of a frame on a VLAN.
func judgeTagged(tagged int) asm.Instructions {
	return asm.Instructions{
		asm.LoadMem(asm.R1, asm.RFP, stackVID, asm.Word).WithSymbol("judge"),
		asm.JEq.Imm(asm.R1, 0, "untagged"),
		asm.LoadMem(asm.R1, asm.RFP, stackAddr, asm.DWord),
		asm.StoreMem(asm.RFP, stackTag, asm.R1, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, stackAddr+8, asm.DWord),
		asm.StoreMem(asm.RFP, stackTag+8, asm.R1, asm.DWord),
		asm.LoadMapPtr(asm.R1, tagged),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, stackTag),
		asm.FnMapLookupElem.Call(),
		asm.JNE.Imm(asm.R0, 0, "drop"),
		asm.Ja.Label("pass"),
	}
}

// judge looks the address up, then address, protocol and port.
func judge(lpm, ports int) asm.Instructions {
	p := asm.Instructions{
		asm.StoreImm(asm.RFP, stackLPM, 128, asm.Word).WithSymbol("untagged"),
		asm.LoadMapPtr(asm.R1, lpm),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, stackLPM),
		asm.FnMapLookupElem.Call(),
		asm.JNE.Imm(asm.R0, 0, "drop"),

		asm.JNE.Imm(regLater, 0, "pass"),
		asm.JEq.Imm(regProto, wire.ProtoTCP, "ports"),
		asm.JNE.Imm(regProto, wire.ProtoUDP, "pass"),
	}
	p = append(p, fetch(asm.Mov.Reg(asm.R2, regL4).WithSymbol("ports"), stackNext, 4)...)
	return append(p,
		asm.LoadMem(asm.R1, asm.RFP, stackAddr, asm.DWord),
		asm.StoreMem(asm.RFP, stackPort, asm.R1, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, stackAddr+8, asm.DWord),
		asm.StoreMem(asm.RFP, stackPort+8, asm.R1, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, stackNext+2, asm.Half), // destination port
		asm.StoreMem(asm.RFP, stackPort+16, asm.R1, asm.Half),
		asm.StoreMem(asm.RFP, stackPort+18, regProto, asm.Byte),
		asm.StoreImm(asm.RFP, stackPort+19, 0, asm.Byte),
		asm.LoadMapPtr(asm.R1, ports),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, stackPort),
		asm.FnMapLookupElem.Call(),
		asm.JNE.Imm(asm.R0, 0, "drop"),
		asm.Ja.Label("pass"),
	)
}

// fetch copies n octets of the frame to the stack, from the offset that the first
// instruction puts into R2. A frame that is too short passes: the stack drops it
// without an answer.
func fetch(offset asm.Instruction, to int16, n int32) asm.Instructions {
	return asm.Instructions{
		offset,
		asm.Mov.Reg(asm.R1, regFrame),
		asm.Mov.Reg(asm.R3, asm.RFP),
		asm.Add.Imm(asm.R3, int32(to)),
		asm.Mov.Imm(asm.R4, n),
		asm.FnSkbLoadBytes.Call(),
		asm.JNE.Imm(asm.R0, 0, "pass"),
	}
}

// network16 gives the number that a load of this host's byte order sees where a
// frame has v.
func network16(v uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, v))
}

// network32 is network16 for four octets.
func network32(v uint32) uint32 {
	return binary.NativeEndian.Uint32(binary.BigEndian.AppendUint32(nil, v))
}
