// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"fmt"
	"net/netip"
)

// icmpName returns the notation's word for an ICMP or ICMPv6 type, or "".
func icmpName(kind Kind, typ uint8) string {
	if kind == KindIPv4 {
		switch typ {
		case ICMPEchoReply:
			return "echo-reply"
		case ICMPUnreachable:
			return "unreachable"
		case ICMPEchoRequest:
			return "echo-request"
		case ICMPTimeExceeded:
			return "time-exceeded"
		case ICMPParameterProblem:
			return "parameter-problem"
		}
		return ""
	}
	switch typ {
	case ICMPv6Unreachable:
		return "unreachable"
	case ICMPv6TooBig:
		return "too-big"
	case ICMPv6TimeExceeded:
		return "time-exceeded"
	case ICMPv6ParameterProblem:
		return "parameter-problem"
	case ICMPv6EchoRequest:
		return "echo-request"
	case ICMPv6EchoReply:
		return "echo-reply"
	case ICMPv6NeighbourSolicitation:
		return "ns"
	case ICMPv6NeighbourAdvertisement:
		return "na"
	}
	return ""
}

// icmpType is the inverse of icmpName.
func icmpType(kind Kind, name string) (uint8, bool) {
	for t := range 256 {
		if name != "" && icmpName(kind, uint8(t)) == name {
			return uint8(t), true
		}
	}
	return 0, false
}

// icmp writes an ICMP message of either version and returns its default TTL.
// The two share their first eight bytes, so one view serves both.
func (t *textWriter) icmp(f *Frame) int {
	h := f.ICMP()
	ttl := defaultTTL
	name := icmpName(f.Kind, h.Type())
	if len(h) < ndLen && (name == "ns" || name == "na") {
		name = ""
	}
	t.word(map[Kind]string{KindIPv4: "icmp", KindIPv6: "icmp6"}[f.Kind], f.Src.String(), ">", f.Dst.String())
	if name == "" {
		t.word(fmt.Sprintf("type=%d", h.Type()))
	} else {
		t.word(name)
	}
	switch name {
	case "ns", "na":
		t.nd(ND(h), name)
		ttl = ndHopLimit
	case "echo-request", "echo-reply":
		t.number("id", int(h.EchoID()), 0)
		t.number("seq", int(h.EchoSeq()), 0)
		t.number("len", len(h)-icmpLen, 0)
	case "":
		t.number("len", len(h)-icmpLen, 0)
	default:
		t.icmpError(f, h, name)
	}
	t.number("code", int(h.Code()), 0)
	t.checksum(f)
	return ttl
}

func (t *textWriter) nd(h ND, name string) {
	t.word(h.Target().String())
	option, key := uint8(ndSourceLinkLayer), "slla="
	if name == "na" {
		option, key = ndTargetLinkLayer, "tlla="
		if s := ndFlagNames(h.Flags()); s != "" {
			t.word("flags=" + s)
		}
	}
	o := h[ndLen:]
	if len(o) == ndOptionLen && o[0] == option && o[1] == 1 {
		t.word(key + MAC(o[2:8]).String())
	} else {
		t.hex("ndopts", o)
	}
}

// icmpError writes what the error says and the packet that it quotes.
func (t *textWriter) icmpError(f *Frame, h ICMP, name string) {
	switch {
	case name == "too-big":
		t.number32("mtu", h.Rest())
	case name == "unreachable" && f.Kind == KindIPv4:
		t.number32("mtu", h.Rest()&0xffff) // RFC 1191, 4
	case name == "parameter-problem" && f.Kind == KindIPv4:
		t.number32("ptr", h.Rest()>>24) // RFC 792
	case name == "parameter-problem":
		t.number32("ptr", h.Rest()) // RFC 4443, 3.4
	}
	var in Frame
	if !f.Inner(&in) {
		t.number("len", len(h)-icmpLen, 0)
		return
	}
	proto := map[uint8]string{ProtoTCP: "tcp", ProtoUDP: "udp"}[in.Proto]
	q := &textWriter{}
	q.word(proto, netip.AddrPortFrom(in.Src, in.SrcPort).String(), ">", netip.AddrPortFrom(in.Dst, in.DstPort).String())
	if in.Part == FirstFragment {
		q.word(fmt.Sprintf("id=%d frag=0+", in.FragID))
	}
	t.word("inner=(" + q.String() + ")")
}

// ndFlagNames returns the letters of R, S and O that are set, in this order.
func ndFlagNames(flags uint8) string {
	var s []byte
	for i := range len(ndFlagLetters) {
		if flags&(NDRouter>>i) != 0 {
			s = append(s, ndFlagLetters[i])
		}
	}
	return string(s)
}

// ndFlagLetters are NDRouter, NDSolicited and NDOverride.
const ndFlagLetters = "RSO"
