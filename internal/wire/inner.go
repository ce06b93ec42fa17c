// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

// ICMPError reports whether f is an ICMP error that quotes the packet it is
// about: destination unreachable, time exceeded, parameter problem (RFC 792),
// and over IPv6 also packet too big (RFC 4443, 3).
func (f *Frame) ICMPError() bool {
	if f.Part == LaterFragment {
		return false
	}
	switch {
	case f.Kind == KindIPv4 && f.Proto == ProtoICMP:
		switch f.ICMP().Type() {
		case ICMPUnreachable, ICMPTimeExceeded, ICMPParameterProblem:
			return true
		}
	case f.Kind == KindIPv6 && f.Proto == ProtoICMPv6:
		t := f.ICMPv6().Type()
		return ICMPv6Unreachable <= t && t <= ICMPv6ParameterProblem
	}
	return false
}

// Inner fills in with the packet that the ICMP error f quotes: Kind, Src, Dst,
// Proto, the ports, Part and FragID, with Data and offsets that point into f.
// Few hosts quote all of it, and routers may have changed it, so it believes
// no length and no checksum. It reports false, and in is of no use, when f is
// no ICMP error, when the addresses or the ports are not there, and when the
// quote is of a later fragment.
func (f *Frame) Inner(in *Frame) bool {
	*in = Frame{Data: f.Data}
	if !f.ICMPError() {
		return false
	}
	in.L3, in.L4, in.End = f.L4+icmpLen, f.L4+icmpLen, f.End
	in.Kind = f.Kind
	if in.Kind == KindIPv4 {
		return in.quotedIPv4(in.IPv4())
	}
	return in.quotedIPv6(in.IPv6())
}

func (f *Frame) quotedIPv4(h IPv4) bool {
	if len(h) < ipv4Len || h.Version() != 4 || h.IHL() < ipv4Len || h.IHL() > len(h) {
		return false
	}
	f.Src, f.Dst = h.Src(), h.Dst()
	f.Proto = h.Proto()
	f.L4 += h.IHL()
	f.Options = h.IHL() > ipv4Len
	f.setFragment(h.FragmentOffset(), h.Flags()&IPv4MoreFragments != 0, uint32(h.ID()))
	return f.quotedPorts()
}

func (f *Frame) quotedIPv6(h IPv6) bool {
	if len(h) < ipv6Len || h.Version() != 6 {
		return false
	}
	f.Src, f.Dst = h.Src(), h.Dst()
	f.Proto = h.NextHeader()
	f.L4 += ipv6Len
	return f.walkExtensions() == DefectNone && f.quotedPorts()
}

// quotedPorts wants four bytes of TCP or UDP; RFC 792 promises eight.
func (f *Frame) quotedPorts() bool {
	if f.Part == LaterFragment || f.Proto != ProtoTCP && f.Proto != ProtoUDP || f.End-f.L4 < 4 {
		return false
	}
	f.setPorts(f.Data[f.L4:f.End])
	return true
}
