// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// ParseText builds a frame from one line of text; Frame.String prints such
// lines. It is for tests and allocates. Lengths and checksums are right unless
// the line says otherwise; payloads are zero bytes, for only their length is
// written.
//
//	SRC > DST arp who-has IP tell IP [sha=MAC] [tha=MAC]
//	SRC > DST arp IP is-at MAC to IP [tha=MAC]
//	SRC > DST tcp IP:PORT > IP:PORT [FLAGS] [seq= ack= win= urg= opts=HEX len= csum=bad]
//	SRC > DST udp IP:PORT > IP:PORT [len= ulen= csum=bad|none]
//	SRC > DST icmp IP > IP TYPE [id= seq= mtu= ptr= code= len= inner=(...) csum=bad]
//	SRC > DST icmp6 IP > IP TYPE                       (the same words)
//	SRC > DST icmp6 IP > IP ns TARGET [slla=MAC] [ndopts=HEX]
//	SRC > DST icmp6 IP > IP na TARGET [flags=RSO] [tlla=MAC] [ndopts=HEX]
//	SRC > DST ip IP > IP proto=N [len=]                (later fragments, other protocols)
//	SRC > DST hex TYPE HEX...                          (EtherType, then whatever follows)
//	hex HEX...                                         (a frame too short for its addresses)
//
// SRC and DST are MAC addresses. FLAGS are letters of FSRPAUEC. TYPE is
// echo-request, echo-reply, unreachable, time-exceeded, parameter-problem or,
// for icmp6, too-big; any other is written type=N. inner quotes the IP header
// and 8 bytes of the packet in parentheses, which is written like a frame but
// without MAC addresses. ulen is UDP's own length field, where it is not what
// IP's length gives. Words with = may stand in any order. All IP lines take
//
//	ttl=64 tos=0 id=0 df=0 frag=OFFSET[+] ipopts=HEX ipcsum=bad vlan=VID pad=N
//
// where a + after the offset in bytes says that more fragments follow, ipopts
// and ipcsum are IPv4's, vlan puts an 802.1Q tag into the frame (ARP too), pad
// adds bytes after the datagram (ARP too), and id is called ipid where the
// line is of ICMP. Over IPv6, id needs frag, and ext=N:HEX gives the extension
// headers as they are, N being the number of the first.
func ParseText(s string) ([]byte, error) {
	b, err := parseLine(s)
	if err != nil {
		return nil, fmt.Errorf("parse frame %q: %w", s, err)
	}
	return b, nil
}

func parseLine(s string) ([]byte, error) {
	tokens, err := splitText(s)
	if err != nil {
		return nil, err
	}
	if len(tokens) > 0 && tokens[0] == "hex" {
		return hex.DecodeString(strings.Join(tokens[1:], ""))
	}
	if len(tokens) < 4 || tokens[1] != ">" {
		return nil, errors.New("want SRC > DST and what the frame carries")
	}
	src, err := ParseMAC(tokens[0])
	if err != nil {
		return nil, err
	}
	dst, err := ParseMAC(tokens[2])
	if err != nil {
		return nil, err
	}
	b := append(append(make([]byte, 0, 128), dst[:]...), src[:]...)
	head, rest := tokens[3], tokens[4:]
	if head == "hex" {
		body, err := hex.DecodeString(strings.Join(rest, ""))
		if err == nil && len(body) < 2 {
			err = errors.New("want an EtherType after hex")
		}
		return append(b, body...), err
	}
	return parseKnown(b, head, rest)
}

// parseKnown appends to the addresses b what the rest of the line describes.
func parseKnown(b []byte, head string, rest []string) ([]byte, error) {
	fixed, w := newTextReader(rest)
	if w.has("vlan") {
		b = binary.BigEndian.AppendUint16(b, EtherTypeVLAN)
		b = binary.BigEndian.AppendUint16(b, uint16(w.number("vlan", 0, vidMask)))
	}
	pad := make([]byte, w.number("pad", 0, maxDatagram))
	if head == "arp" {
		b = binary.BigEndian.AppendUint16(b, EtherTypeARP)
		b = append(b, w.arp(fixed, Ethernet(b))...)
	} else {
		p, _ := w.packet(head, fixed)
		typ := uint16(EtherTypeIPv4)
		if len(p) > 0 && p[0]>>4 == 6 {
			typ = EtherTypeIPv6
		}
		b = binary.BigEndian.AppendUint16(b, typ)
		b = append(b, p...)
	}
	if err := w.finish(); err != nil {
		return nil, err
	}
	return append(b, pad...), nil
}

// arp builds the message; e supplies the MAC addresses that the line leaves
// out.
func (w *textReader) arp(fixed []string, e Ethernet) ARP {
	h := ARP(make([]byte, arpLen))
	h.Init()
	switch {
	case len(fixed) == 4 && fixed[0] == "who-has" && fixed[2] == "tell":
		h.SetOp(ARPRequest)
		h.SetTargetIP(w.ipv4Addr(fixed[1]))
		h.SetSenderIP(w.ipv4Addr(fixed[3]))
		h.SetSenderMAC(w.mac("sha", e.Src()))
		h.SetTargetMAC(w.mac("tha", MAC{}))
	case len(fixed) == 5 && fixed[1] == "is-at" && fixed[3] == "to":
		h.SetOp(ARPReply)
		h.SetSenderIP(w.ipv4Addr(fixed[0]))
		sha, err := ParseMAC(fixed[2])
		w.fail(err)
		h.SetSenderMAC(sha)
		h.SetTargetIP(w.ipv4Addr(fixed[4]))
		h.SetTargetMAC(w.mac("tha", e.Dst()))
	default:
		w.fail(errors.New("want arp who-has IP tell IP, or arp IP is-at MAC to IP"))
	}
	return h
}

// splitText splits at blanks, but not inside parentheses.
func splitText(s string) ([]string, error) {
	var tokens []string
	depth, start := 0, -1
	for i, c := range s + " " {
		blank := c == ' ' || c == '\t'
		switch {
		case c == '(':
			depth++
		case c == ')':
			depth--
		}
		if depth < 0 {
			break
		}
		switch {
		case blank && depth == 0 && start >= 0:
			tokens = append(tokens, s[start:i])
			start = -1
		case !blank && start < 0:
			start = i
		}
	}
	if depth != 0 {
		return nil, errors.New("unbalanced parentheses")
	}
	return tokens, nil
}
