// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"slices"

	"golang.org/x/net/bpf"

	"cygnet/internal/wire"
)

// Where fields are for the program of a group: it begins at the network header,
// unlike a filter, which begins at the Ethernet header. (SKF_NET_OFF says the
// same, and before Linux 6.16 reads no further than the frame's first piece of memory.)
const (
	netProto4    = 9 // RFC 791, 3.1
	netFragment4 = 6
	netSrc4      = 12
	netDst4      = 16
	leastIPv4    = 20

	netNext6  = 6 // RFC 8200, 3
	netSrc6   = 8
	netDst6   = 24
	leastIPv6 = 40

	icmpHeader = 8 // before what an error quotes: RFC 792; RFC 4443, 3
)

// Scratch memory of the program.
const (
	scratchClient = 0 // four words of the client's address
	scratchIHL    = 4 // octets of the IPv4 header
)

// fanoutProgram shares the frames of an interface among len(members) workers, at
// least one: it returns members[w], which is what index the socket of worker w
// has in its group (by the order of joining), for a frame of a client of w. It
// goes by the client's address alone, so that every flow, fragment and error of
// a client meets one worker: the source address, and of an ICMP error the
// destination of the packet quoted, for a VIP sent that to the client.
//
// No fragment counts as an error: a later one has no ICMP header, and the first
// goes where the later ones go. Nor does an IPv6 packet with extension headers, which is what routers do not
// send: then the error meets a worker that does not know the flow, and goes where a
// new flow would.
//
// ARP and all that is not IP is worker 0's: it is little, any worker gives the
// same answer, and only one may give it.
//
// Who does not know the seed cannot tell which clients share a worker.
func fanoutProgram(members []int, seed uint32) []bpf.Instruction {
	other := bpf.RetConstant{Val: uint32(members[0])}
	v4, v6 := slices.Concat(client4(other), begin(seed), mixWord(0)), slices.Concat(client6(other), begin(seed), mixAll())
	return slices.Concat(
		[]bpf.Instruction{
			bpf.LoadExtension{Num: bpf.ExtProto},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(wire.EtherTypeIPv4), SkipTrue: 2},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: uint32(wire.EtherTypeIPv6), SkipTrue: uint8(len(v4) + 2)},
			other,
		},
		v4, []bpf.Instruction{bpf.Jump{Skip: uint32(len(v6))}},
		v6, finish(len(members)), pick(members))
}

// client4 stores the client of an IPv4 packet.
func client4(short bpf.Instruction) []bpf.Instruction {
	source := []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegX, Val: 0}}
	quoted := []bpf.Instruction{ // netSrc4 beyond X is the destination quoted
		bpf.LoadScratch{Dst: bpf.RegA, N: scratchIHL},
		bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: icmpHeader + netDst4 - netSrc4},
		bpf.TAX{},
		bpf.Jump{Skip: uint32(len(source))},
	}
	isError := []bpf.Instruction{
		bpf.LoadAbsolute{Off: netProto4, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: wire.ProtoICMP},
		bpf.LoadAbsolute{Off: netFragment4, Size: 2},
		bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: moreFragments | fragmentOffset},
		bpf.LoadMemShift{Off: 0}, // behind options
		bpf.StoreScratch{Src: bpf.RegX, N: scratchIHL},
		bpf.TXA{},
		bpf.ALUOpConstant{Op: bpf.ALUOpAdd, Val: icmpHeader + leastIPv4},
		bpf.TAX{},
		bpf.LoadExtension{Num: bpf.ExtLen},
		bpf.JumpIfX{Cond: bpf.JumpLessThan}, // it quotes too little
		bpf.LoadMemShift{Off: 0},
		bpf.LoadIndirect{Off: 0, Size: 1},
		// RFC 792: unreachable, source quench, redirect; time exceeded, parameter problem.
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: 3},
		bpf.JumpIf{Cond: bpf.JumpLessOrEqual, Val: 5, SkipTrue: 2},
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: 11},
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: 12},
	}
	return slices.Concat(
		unlessShort(leastIPv4, short), leaving(isError, len(quoted)), quoted, source,
		[]bpf.Instruction{
			bpf.LoadIndirect{Off: netSrc4, Size: 4},
			bpf.StoreScratch{Src: bpf.RegA, N: scratchClient},
		})
}

// RFC 791, 3.1, in the word that begins with the flags.
const (
	moreFragments  = 0x2000
	fragmentOffset = 0x1fff
)

// client6 stores the client of an IPv6 packet.
func client6(short bpf.Instruction) []bpf.Instruction {
	source := []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegX, Val: 0}}
	quoted := []bpf.Instruction{ // netSrc6 beyond X is the destination quoted
		bpf.LoadConstant{Dst: bpf.RegX, Val: leastIPv6 + icmpHeader + netDst6 - netSrc6},
		bpf.Jump{Skip: uint32(len(source))},
	}
	isError := []bpf.Instruction{
		bpf.LoadAbsolute{Off: netNext6, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: wire.ProtoICMPv6},
		bpf.LoadExtension{Num: bpf.ExtLen},
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: leastIPv6 + icmpHeader + leastIPv6}, // it quotes too little
		bpf.LoadAbsolute{Off: leastIPv6, Size: 1},
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: wire.ICMPv6Unreachable},
		bpf.JumpIf{Cond: bpf.JumpGreaterThan, Val: wire.ICMPv6ParameterProblem},
	}
	prog := slices.Concat(unlessShort(leastIPv6, short), leaving(isError, len(quoted)), quoted, source)
	for i := range 4 {
		prog = append(prog,
			bpf.LoadIndirect{Off: netSrc6 + 4*uint32(i), Size: 4},
			bpf.StoreScratch{Src: bpf.RegA, N: scratchClient + i})
	}
	return prog
}

// unlessShort ends the program with the instruction short if there is less than
// that of a packet. (Where a load finds nothing, a program ends and returns 0,
// which need not be a worker's index.)
func unlessShort(least uint32, short bpf.Instruction) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.LoadExtension{Num: bpf.ExtLen},
		bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: least, SkipTrue: 1},
		short,
	}
}

// leaving makes those conditional jumps that say no target leave ins, and skip so
// many instructions behind it.
func leaving(ins []bpf.Instruction, skip int) []bpf.Instruction {
	for i := range ins {
		past := uint8(len(ins) - 1 - i + skip)
		switch j := ins[i].(type) {
		case bpf.JumpIf:
			if j.SkipTrue == 0 {
				j.SkipTrue = past
				ins[i] = j
			}
		case bpf.JumpIfX:
			j.SkipTrue = past
			ins[i] = j
		}
	}
	return ins
}

// begin, mixWord and finish hash the client's address, as MurmurHash3 does its words
// (its constants c1, and those of its finalizer fmix32), with the seed.
func begin(seed uint32) []bpf.Instruction {
	return []bpf.Instruction{bpf.LoadConstant{Dst: bpf.RegA, Val: seed}}
}

func mixWord(i int) []bpf.Instruction {
	return append([]bpf.Instruction{
		bpf.LoadScratch{Dst: bpf.RegX, N: scratchClient + i},
		bpf.ALUOpX{Op: bpf.ALUOpXor},
		bpf.ALUOpConstant{Op: bpf.ALUOpMul, Val: 0xcc9e2d51},
	}, fold(15)...)
}

func mixAll() []bpf.Instruction {
	return slices.Concat(mixWord(0), mixWord(1), mixWord(2), mixWord(3))
}

func finish(n int) []bpf.Instruction {
	return slices.Concat(
		fold(16), []bpf.Instruction{bpf.ALUOpConstant{Op: bpf.ALUOpMul, Val: 0x85ebca6b}},
		fold(13), []bpf.Instruction{bpf.ALUOpConstant{Op: bpf.ALUOpMul, Val: 0xc2b2ae35}},
		fold(16), []bpf.Instruction{bpf.ALUOpConstant{Op: bpf.ALUOpMod, Val: uint32(n)}})
}

// fold is h ^= h >> bits.
func fold(bits uint32) []bpf.Instruction {
	return []bpf.Instruction{
		bpf.TAX{},
		bpf.ALUOpConstant{Op: bpf.ALUOpShiftRight, Val: bits},
		bpf.ALUOpX{Op: bpf.ALUOpXor},
	}
}

// pick returns the index of the worker's socket.
func pick(members []int) (prog []bpf.Instruction) {
	for w, index := range members {
		prog = append(prog,
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: uint32(w), SkipTrue: 1},
			bpf.RetConstant{Val: uint32(index)})
	}
	return append(prog, bpf.RetConstant{Val: uint32(members[0])})
}
