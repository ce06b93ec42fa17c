// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"fmt"
	"strings"
)

// icmp builds an ICMP message of either version; the two share their first
// eight bytes.
func (w *textReader) icmp(p *textPacket, head string, fixed []string) {
	kind := KindIPv4
	p.proto, p.idKey = ProtoICMP, "ipid"
	if head == "icmp6" {
		kind = KindIPv6
		p.proto = ProtoICMPv6
	}
	if p.src.Addr().Is4() != (kind == KindIPv4) {
		w.fail(fmt.Errorf("%s does not go with %s", p.src.Addr(), head))
		return
	}
	typ, name, fixed := w.icmpType(kind, fixed)
	var h ICMP
	switch name {
	case "ns", "na":
		h = ICMP(w.nd(name, fixed))
		fixed = nil
		p.ttl = ndHopLimit
	case "echo-request", "echo-reply":
		h = w.icmpBody()
		h.SetRest(uint32(w.number("id", 0, 0xffff))<<16 | uint32(w.number("seq", 0, 0xffff)))
	case "":
		h = w.icmpBody()
	default:
		h = w.icmpError(kind, name)
	}
	w.none(fixed)
	h.SetType(typ)
	h.SetCode(uint8(w.number("code", 0, 255)))
	if kind == KindIPv4 {
		h.UpdateChecksum()
	} else {
		ICMPv6(h).UpdateChecksum(p.src.Addr(), p.dst.Addr())
	}
	if w.oneOf("csum", "bad") == "bad" {
		h.SetChecksum(wrong(h.Checksum()))
	}
	p.body = h
}

// icmpType takes the type from the front of the words, or from type=N.
func (w *textReader) icmpType(kind Kind, fixed []string) (typ uint8, name string, rest []string) {
	if w.has("type") {
		return uint8(w.number("type", 0, 255)), "", fixed
	}
	if len(fixed) > 0 {
		if t, ok := icmpType(kind, fixed[0]); ok {
			return t, fixed[0], fixed[1:]
		}
	}
	w.fail(fmt.Errorf("want an ICMP type after the addresses, not %q", strings.Join(fixed, " ")))
	return 0, "", nil
}

func (w *textReader) icmpBody() ICMP {
	return make(ICMP, icmpLen+w.number("len", 0, maxDatagram))
}

func (w *textReader) nd(name string, fixed []string) ND {
	if len(fixed) != 1 {
		w.fail(fmt.Errorf("want one target after %s", name))
		return make(ND, ndLen)
	}
	target := w.addr(fixed[0])
	opts := w.hex("ndopts")
	h := make(ND, ndLen, ndLen+ndOptionLen+len(opts))
	h.SetTarget(target)
	if name == "na" {
		h.SetFlags(w.ndFlags())
	}
	if key := map[string]string{"ns": "slla", "na": "tlla"}[name]; w.has(key) {
		h = h[:ndLen+ndOptionLen]
		if m := w.mac(key, MAC{}); name == "ns" {
			h.SetSourceLinkLayer(m)
		} else {
			h.SetTargetLinkLayer(m)
		}
	}
	return append(h, opts...)
}

func (w *textReader) ndFlags() uint8 {
	var flags uint8
	s := w.take("flags")
	for _, c := range s {
		i := strings.IndexRune(ndFlagLetters, c)
		if i < 0 {
			w.fail(fmt.Errorf("flags=%s: want letters of %s", s, ndFlagLetters))
			return 0
		}
		flags |= NDRouter >> i
	}
	return flags
}

// icmpError builds an error up to the packet that it quotes.
func (w *textReader) icmpError(kind Kind, name string) ICMP {
	var rest uint32
	switch {
	case name == "too-big":
		rest = w.number32("mtu")
	case name == "unreachable" && kind == KindIPv4:
		rest = uint32(w.number("mtu", 0, 0xffff))
	case name == "parameter-problem" && kind == KindIPv4:
		rest = uint32(w.number("ptr", 0, 255)) << 24
	case name == "parameter-problem":
		rest = w.number32("ptr")
	}
	var h ICMP
	if w.has("inner") {
		h = append(make(ICMP, icmpLen), w.inner()...)
	} else {
		h = w.icmpBody()
	}
	h.SetRest(rest)
	return h
}

// inner builds the packet in parentheses and cuts it after 8 bytes of its
// transport header: what RFC 792 has a router quote at least.
func (w *textReader) inner() []byte {
	s := w.take("inner")
	line, open := strings.CutPrefix(s, "(")
	line, closed := strings.CutSuffix(line, ")")
	tokens, err := splitText(line)
	if !open || !closed || err != nil || len(tokens) == 0 {
		w.fail(fmt.Errorf("inner=%s: want a packet in parentheses", s))
		return nil
	}
	fixed, q := newTextReader(tokens[1:])
	b, l4 := q.packet(tokens[0], fixed)
	if err := q.finish(); err != nil {
		w.fail(fmt.Errorf("inner: %w", err))
		return nil
	}
	return b[:min(len(b), l4+8)]
}
