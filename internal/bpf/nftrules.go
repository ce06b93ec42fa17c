// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package bpf

import (
	"encoding/binary"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// firstRegister is the first of the registers of four octets
// (NFT_REG32_00, linux/netfilter/nf_tables.h), into which keys are put together.
const firstRegister = unix.NFT_REG32_00

// verdict ends a rule.
func verdict(kind expr.VerdictKind) []expr.Any {
	return []expr.Any{&expr.Verdict{Kind: kind}}
}

// notToUs matches what is not to this host's MAC.
func notToUs() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyPKTTYPE, Register: firstRegister},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: firstRegister, Data: []byte{byte(wire.PacketHost)}},
	}
}

// taggedBy matches frames with a VLAN tag of that type and a VID other than 0.
// The kernel took the tag off, and shows it in its place to these two loads.
func taggedBy(tpid uint16) []expr.Any {
	return append([]expr.Any{
		&expr.Payload{Base: expr.PayloadBaseLLHeader, Offset: 12, Len: 2, DestRegister: firstRegister},
		&expr.Cmp{Op: expr.CmpOpEq, Register: firstRegister, Data: binary.BigEndian.AppendUint16(nil, tpid)},
		&expr.Payload{Base: expr.PayloadBaseLLHeader, Offset: 14, Len: 2, DestRegister: firstRegister},
	}, anyOf(0x0fff)...)
}

// isType matches packets of that Ethernet type, behind a tag too.
func isType(etherType uint16) []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyPROTOCOL, Register: firstRegister},
		&expr.Cmp{Op: expr.CmpOpEq, Register: firstRegister, Data: binary.BigEndian.AppendUint16(nil, etherType)},
	}
}

// laterFragment4 matches IPv4 packets with a fragment offset (RFC 791, 3.1).
func laterFragment4() []expr.Any {
	return append([]expr.Any{
		&expr.Payload{Base: expr.PayloadBaseNetworkHeader, Offset: 6, Len: 2, DestRegister: firstRegister},
	}, anyOf(0x1fff)...)
}

// laterFragment6 matches IPv6 packets with a fragment header and an offset in it
// (RFC 8200, 4.5).
func laterFragment6() []expr.Any {
	return append([]expr.Any{
		&expr.Exthdr{Op: expr.ExthdrOpIpv6, Type: fragment, Offset: 2, Len: 2, DestRegister: firstRegister},
	}, anyOf(0xfff8)...)
}

// anyOf goes on if any of these bits is set in the two octets loaded.
func anyOf(bits uint16) []expr.Any {
	return []expr.Any{
		&expr.Bitwise{
			SourceRegister: firstRegister, DestRegister: firstRegister, Len: 2,
			Mask: binary.BigEndian.AppendUint16(nil, bits), Xor: []byte{0, 0},
		},
		&expr.Cmp{Op: expr.CmpOpNeq, Register: firstRegister, Data: []byte{0, 0}},
	}
}

// isND matches neighbour discovery.
func isND() []expr.Any {
	return []expr.Any{
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: firstRegister},
		&expr.Cmp{Op: expr.CmpOpEq, Register: firstRegister, Data: []byte{wire.ProtoICMPv6}},
		&expr.Payload{Base: expr.PayloadBaseTransportHeader, Offset: 0, Len: 1, DestRegister: firstRegister},
		&expr.Range{Op: expr.CmpOpEq, Register: firstRegister, FromData: []byte{ndFirst}, ToData: []byte{ndLast}},
	}
}

// addressIn matches a destination in the set.
func addressIn(f family, s *nftables.Set) []expr.Any {
	return []expr.Any{
		&expr.Payload{Base: expr.PayloadBaseNetworkHeader, Offset: f.dst, Len: 4 * f.words, DestRegister: firstRegister},
		&expr.Lookup{SourceRegister: firstRegister, SetName: s.Name, SetID: s.ID},
	}
}

// endpointIn matches destination, protocol and destination port in the set.
func endpointIn(f family, s *nftables.Set) []expr.Any {
	proto := firstRegister + f.words
	return []expr.Any{
		&expr.Payload{Base: expr.PayloadBaseNetworkHeader, Offset: f.dst, Len: 4 * f.words, DestRegister: firstRegister},
		&expr.Meta{Key: expr.MetaKeyL4PROTO, Register: proto},
		&expr.Payload{Base: expr.PayloadBaseTransportHeader, Offset: 2, Len: 2, DestRegister: proto + 1},
		&expr.Lookup{SourceRegister: firstRegister, SetName: s.Name, SetID: s.ID},
	}
}

// taggedIn matches VID and destination in the set, of a frame with a tag.
func taggedIn(f family, s *nftables.Set) []expr.Any {
	return []expr.Any{
		&expr.Payload{Base: expr.PayloadBaseLLHeader, Offset: 14, Len: 2, DestRegister: firstRegister},
		&expr.Bitwise{
			SourceRegister: firstRegister, DestRegister: firstRegister, Len: 2,
			Mask: binary.BigEndian.AppendUint16(nil, 0x0fff), Xor: []byte{0, 0},
		},
		&expr.Payload{Base: expr.PayloadBaseNetworkHeader, Offset: f.dst, Len: 4 * f.words, DestRegister: firstRegister + 1},
		&expr.Lookup{SourceRegister: firstRegister, SetName: s.Name, SetID: s.ID},
	}
}
