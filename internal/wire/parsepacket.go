// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
)

// textPacket is a packet on its way from a line to bytes.
type textPacket struct {
	src, dst netip.AddrPort // ports of TCP and UDP
	proto    uint8
	body     []byte // transport header and payload
	idKey    string // the word for IP's identification
	ttl      int    // by default
}

// packet builds the IP packet of a line without its MAC addresses, and returns
// where in it the transport header is.
func (w *textReader) packet(head string, fixed []string) (b []byte, l4 int) {
	if len(fixed) < 3 || fixed[1] != ">" {
		w.fail(fmt.Errorf("want two addresses with > between them after %s", head))
		return nil, 0
	}
	p := textPacket{idKey: "id", ttl: defaultTTL}
	p.src, p.dst = w.endpoint(head, fixed[0]), w.endpoint(head, fixed[2])
	if p.src.Addr().Is4() != p.dst.Addr().Is4() {
		w.fail(fmt.Errorf("%s and %s are not of one family", fixed[0], fixed[2]))
		return nil, 0
	}
	fixed = fixed[3:]
	switch head {
	case "tcp":
		w.tcp(&p, fixed)
	case "udp":
		w.udp(&p, fixed)
	case "icmp", "icmp6":
		w.icmp(&p, head, fixed)
	case "ip":
		w.other(&p, fixed)
	default:
		w.fail(fmt.Errorf("unknown word %q: want arp, tcp, udp, icmp, icmp6, ip or hex", head))
	}
	if w.err != nil {
		return nil, 0
	}
	if p.src.Addr().Is4() {
		return w.ipv4(p)
	}
	return w.ipv6(p)
}

// endpoint returns an address, with a port where the head is of a protocol
// that has ports.
func (w *textReader) endpoint(head, s string) netip.AddrPort {
	if head == "tcp" || head == "udp" {
		return w.addrPort(s)
	}
	return netip.AddrPortFrom(w.addr(s), 0)
}

func (w *textReader) tcp(p *textPacket, fixed []string) {
	opts := w.options("opts")
	h := TCP(make([]byte, tcpLen+len(opts)+w.number("len", 0, maxDatagram)))
	h.SetSrcPort(p.src.Port())
	h.SetDstPort(p.dst.Port())
	h.SetSeq(w.number32("seq"))
	h.SetAck(w.number32("ack"))
	h.SetDataOffset(tcpLen + len(opts))
	h.SetFlags(w.flags(fixed))
	h.SetWindow(uint16(w.number("win", defaultWindow, 0xffff)))
	h.SetUrgent(uint16(w.number("urg", 0, 0xffff)))
	copy(h[tcpLen:], opts)
	h.UpdateChecksum(p.src.Addr(), p.dst.Addr())
	if w.oneOf("csum", "bad") == "bad" {
		h.SetChecksum(wrong(h.Checksum()))
	}
	p.proto, p.body = ProtoTCP, h
}

func (w *textReader) flags(fixed []string) uint8 {
	if len(fixed) > 1 {
		w.fail(fmt.Errorf("unknown word %q", fixed[1]))
	}
	var flags uint8
	for _, c := range strings.Join(fixed, "") {
		i := strings.IndexRune(flagLetters, c)
		if i < 0 {
			w.fail(fmt.Errorf("TCP flags %q: want letters of %s", fixed[0], flagLetters))
			return 0
		}
		flags |= 1 << i
	}
	return flags
}

func (w *textReader) udp(p *textPacket, fixed []string) {
	w.none(fixed)
	h := UDP(make([]byte, udpLen+w.number("len", 0, maxDatagram)))
	h.SetSrcPort(p.src.Port())
	h.SetDstPort(p.dst.Port())
	h.SetLength(w.number("ulen", min(len(h), maxDatagram), maxDatagram))
	h[:max(udpLen, min(h.Length(), len(h)))].UpdateChecksum(p.src.Addr(), p.dst.Addr())
	switch w.oneOf("csum", "bad", "none") {
	case "bad":
		h.SetChecksum(wrong(h.Checksum()))
	case "none":
		h.SetChecksum(0)
	}
	p.proto, p.body = ProtoUDP, h
}

func (w *textReader) other(p *textPacket, fixed []string) {
	w.none(fixed)
	if !w.has("proto") {
		w.fail(errors.New("want proto=N"))
	}
	p.proto = uint8(w.number("proto", 0, 255))
	p.body = make([]byte, w.number("len", 0, maxDatagram))
}

// wrong returns a checksum that is wrong where c is right, and not UDP's 0.
func wrong(c uint16) uint16 {
	if c == 1 {
		return 2
	}
	return c ^ 1
}

func (w *textReader) ipv4(p textPacket) ([]byte, int) {
	opts := w.options("ipopts")
	l4 := ipv4Len + len(opts)
	h := IPv4(make([]byte, l4+len(p.body)))
	if len(h) > maxDatagram {
		w.fail(fmt.Errorf("a datagram of %d bytes is too long", len(h)))
	}
	h.Init(l4)
	h.SetTOS(uint8(w.number("tos", 0, 255)))
	h.SetTotalLen(len(h))
	h.SetID(uint16(w.number(p.idKey, 0, 0xffff)))
	offset, more, _ := w.fragment()
	var flags uint16
	if more {
		flags = IPv4MoreFragments
	}
	if w.number("df", 0, 1) == 1 {
		flags |= IPv4DontFragment
	}
	h.SetFragment(flags, offset)
	h.SetTTL(uint8(w.number("ttl", p.ttl, 255)))
	h.SetProto(p.proto)
	h.SetSrc(p.src.Addr())
	h.SetDst(p.dst.Addr())
	copy(h[ipv4Len:], opts)
	h.UpdateChecksum()
	if w.oneOf("ipcsum", "bad") == "bad" {
		h.SetChecksum(wrong(h.Checksum()))
	}
	copy(h[l4:], p.body)
	return h, l4
}

func (w *textReader) ipv6(p textPacket) ([]byte, int) {
	next, chain := w.extensions(p)
	l4 := ipv6Len + len(chain)
	h := IPv6(make([]byte, l4+len(p.body)))
	if len(h)-ipv6Len > maxDatagram {
		w.fail(fmt.Errorf("a payload of %d bytes is too long", len(h)-ipv6Len))
	}
	h.Init()
	h.SetTrafficClass(uint8(w.number("tos", 0, 255)))
	h.SetPayloadLen(len(h) - ipv6Len)
	h.SetNextHeader(next)
	h.SetHopLimit(uint8(w.number("ttl", p.ttl, 255)))
	h.SetSrc(p.src.Addr())
	h.SetDst(p.dst.Addr())
	copy(h[ipv6Len:], chain)
	copy(h[l4:], p.body)
	return h, l4
}
