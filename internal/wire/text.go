// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// What String leaves out and ParseText fills in.
const (
	defaultTTL    = 64    // RFC 1700; of neighbour discovery it is ndHopLimit
	defaultWindow = 65535 // of a TCP segment
)

// String returns the name of the kind.
func (k Kind) String() string {
	return nameOf(uint8(k), "other", "arp", "ipv4", "ipv6")
}

// String returns the defect in a word.
func (d Defect) String() string {
	return nameOf(uint8(d), "none", "truncated", "header", "checksum")
}

// String returns the part in a word.
func (p FragmentPart) String() string {
	return nameOf(uint8(p), "whole", "first", "later")
}

func nameOf(v uint8, names ...string) string {
	if int(v) < len(names) {
		return names[v]
	}
	return strconv.Itoa(int(v))
}

// String returns the frame in one line of the notation that ParseText reads,
// without what is the default there. It looks at Data alone, as it is now;
// a frame with a defect other than a wrong IPv4 checksum comes in hexadecimal.
// It allocates: never call it in the packet path.
func (f *Frame) String() string {
	if len(f.Data) < ethernetLen {
		return strings.TrimSpace(fmt.Sprintf("hex %x", f.Data))
	}
	var g Frame
	d := g.Parse(f.Data)
	badIP := d == DefectChecksum
	if badIP {
		b := slices.Clone(f.Data)
		IPv4(b[g.L3:]).UpdateChecksum()
		d = g.Parse(b)
	}
	e := f.Ethernet()
	t := &textWriter{}
	t.word(e.Src().String(), ">", e.Dst().String())
	if d != DefectNone || !t.frame(&g) {
		return strings.TrimSpace(fmt.Sprintf("%s hex %04x %x", t, e.Type(), f.Data[ethernetLen:]))
	}
	if badIP {
		t.word("ipcsum=bad")
	}
	if g.L3 > ethernetLen {
		t.word(fmt.Sprintf("vlan=%d", g.Tagged))
	}
	t.number("pad", len(g.Data)-g.End, 0)
	return t.String()
}

// textWriter collects the words of a line.
type textWriter struct{ strings.Builder }

func (t *textWriter) word(words ...string) {
	for _, s := range words {
		if t.Len() > 0 {
			t.WriteByte(' ')
		}
		t.WriteString(s)
	}
}

// number writes key=v unless it is the default.
func (t *textWriter) number(key string, v, byDefault int) {
	if v != byDefault {
		t.word(key + "=" + strconv.Itoa(v))
	}
}

// number32 writes key=v unless it is 0.
func (t *textWriter) number32(key string, v uint32) {
	if v != 0 {
		t.word(key + "=" + strconv.FormatUint(uint64(v), 10))
	}
}

// hex writes key=b unless b is empty.
func (t *textWriter) hex(key string, b []byte) {
	if len(b) > 0 {
		t.word(fmt.Sprintf("%s=%x", key, b))
	}
}

// frame writes what the notation has words for, or reports false.
func (t *textWriter) frame(f *Frame) bool {
	switch f.Kind {
	case KindARP:
		return t.arp(f.ARP(), f.Ethernet())
	case KindIPv4, KindIPv6:
		return t.ip(f)
	}
	return false
}

func (t *textWriter) arp(h ARP, e Ethernet) bool {
	var tha MAC
	switch h.Op() {
	case ARPRequest:
		t.word("arp", "who-has", h.TargetIP().String(), "tell", h.SenderIP().String())
		if h.SenderMAC() != e.Src() {
			t.word("sha=" + h.SenderMAC().String())
		}
	case ARPReply:
		t.word("arp", h.SenderIP().String(), "is-at", h.SenderMAC().String(), "to", h.TargetIP().String())
		tha = e.Dst()
	default:
		return false
	}
	if h.TargetMAC() != tha {
		t.word("tha=" + h.TargetMAC().String())
	}
	return true
}

// ip writes the transport's words, then those of the IP header.
func (t *textWriter) ip(f *Frame) bool {
	idKey, ttl := "id", defaultTTL
	switch {
	case f.Ports && f.Proto == ProtoTCP:
		h := f.TCP()
		if len(h) < tcpLen || h.DataOffset() > len(h) {
			return false // a first fragment without all of the header
		}
		t.tcp(f, h)
	case f.Ports:
		t.udp(f, f.UDP())
	case f.Part != LaterFragment && (f.Kind == KindIPv4 && f.Proto == ProtoICMP || f.Kind == KindIPv6 && f.Proto == ProtoICMPv6):
		idKey = "ipid"
		ttl = t.icmp(f)
	default:
		t.word("ip", f.Src.String(), ">", f.Dst.String(), fmt.Sprintf("proto=%d", f.Proto))
		t.number("len", f.End-f.L4, 0)
	}
	if f.Kind == KindIPv4 {
		t.ipv4(f, f.IPv4(), idKey, ttl)
	} else {
		t.ipv6(f, f.IPv6(), idKey, ttl)
	}
	return true
}

func (t *textWriter) tcp(f *Frame, h TCP) {
	t.endpoints("tcp", f)
	if h.Flags() != 0 {
		t.word(flagNames(h.Flags()))
	}
	t.number32("seq", h.Seq())
	t.number32("ack", h.Ack())
	t.number("win", int(h.Window()), defaultWindow)
	t.number("urg", int(h.Urgent()), 0)
	t.hex("opts", h.Options())
	t.number("len", len(h.Payload()), 0)
	t.checksum(f)
}

func (t *textWriter) udp(f *Frame, h UDP) {
	t.endpoints("udp", f)
	t.number("len", len(h)-udpLen, 0)
	t.number("ulen", h.Length(), len(h))
	if h.Checksum() == 0 {
		t.word("csum=none")
	} else {
		t.checksum(f)
	}
}

func (t *textWriter) endpoints(proto string, f *Frame) {
	t.word(proto, netip.AddrPortFrom(f.Src, f.SrcPort).String(), ">", netip.AddrPortFrom(f.Dst, f.DstPort).String())
}

func (t *textWriter) checksum(f *Frame) {
	if !f.TransportChecksumOK() {
		t.word("csum=bad")
	}
}

func (t *textWriter) ipv4(f *Frame, h IPv4, idKey string, ttl int) {
	t.number("ttl", int(h.TTL()), ttl)
	t.number("tos", int(h.TOS()), 0)
	t.number(idKey, int(h.ID()), 0)
	t.number("df", int(h.Flags()&IPv4DontFragment)/IPv4DontFragment, 0)
	if f.Part != Whole {
		t.fragment(f)
	}
	t.hex("ipopts", h.Options())
}

// ipv6 writes a lone fragment header by its fields, any other chain of
// extension headers as it is.
func (t *textWriter) ipv6(f *Frame, h IPv6, idKey string, ttl int) {
	t.number("ttl", int(h.HopLimit()), ttl)
	t.number("tos", int(h.TrafficClass()), 0)
	chain := h[ipv6Len : f.L4-f.L3]
	switch {
	case len(chain) == 0:
	case h.NextHeader() == protoFragment && len(chain) == ipv6FragmentLen:
		t.number32(idKey, f.FragID)
		t.fragment(f)
	default:
		t.word(fmt.Sprintf("ext=%d:%x", h.NextHeader(), []byte(chain)))
	}
}

func (t *textWriter) fragment(f *Frame) {
	s := fmt.Sprintf("frag=%d", f.fragOffset)
	if f.moreFragments {
		s += "+"
	}
	t.word(s)
}

// flagNames returns one letter for each flag, the lowest first: SA, PA, FA.
func flagNames(flags uint8) string {
	var s []byte
	for i := range len(flagLetters) {
		if flags&(1<<i) != 0 {
			s = append(s, flagLetters[i])
		}
	}
	return string(s)
}

// flagLetters are FIN, SYN, RST, PSH, ACK, URG, ECE and CWR, bit 0 first.
const flagLetters = "FSRPAUEC"
