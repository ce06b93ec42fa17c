// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"encoding/binary"

	"cygnet/internal/wire"
)

// Lengths of headers, in bytes.
const (
	ethernetLen = 14
	ipv4Len     = 20 // without options
	ipv6Len     = 40
	tcpLen      = 20 // without options
	udpLen      = 8
	mssLen      = 4 // the option of that name, RFC 9293 section 3.7.1
)

const (
	mtu       = 1500  // Ethernet's
	ourTTL    = 64    // RFC 1700
	ourWindow = 64240 // of a SYN whose connection never opens: any will do
)

// synFrame makes the SYN of p, or the RST that takes it back.
func synFrame(from wire.MAC, p *probe, flags uint8) []byte {
	length := tcpLen
	if flags == wire.FlagSYN {
		length += mssLen
	}
	b := make([]byte, ethernetLen, ethernetLen+ipv6Len+length)
	b = b[:ethernetLen+ipHeader(p)+length]
	eth := wire.Ethernet(b)
	eth.SetDst(p.way.mac)
	eth.SetSrc(from)
	tcp := wire.TCP(b[ethernetLen+writeIP(eth, p, length):])
	tcp.SetSrcPort(p.port)
	tcp.SetDstPort(p.to.Port())
	tcp.SetSeq(p.sent.Load())
	tcp.SetDataOffset(length)
	tcp.SetFlags(flags)
	if flags == wire.FlagSYN {
		tcp.SetWindow(ourWindow)
		tcp[tcpLen], tcp[tcpLen+1] = 2, mssLen
		binary.BigEndian.PutUint16(tcp[tcpLen+2:], uint16(mtu-ipHeader(p)-tcpLen))
	} else {
		tcp.SetSeq(p.sent.Load() + 1)
	}
	tcp.UpdateChecksum(p.way.source, p.to.Addr())
	return b
}

// ipHeader is the length of p's IP headers.
func ipHeader(p *probe) int {
	if p.way.source.Is4() {
		return ipv4Len
	}
	return ipv6Len
}

// writeIP writes the IP header of a frame of p's before length bytes of its
// protocol, and returns its own length.
func writeIP(eth wire.Ethernet, p *probe, length int) int {
	b := []byte(eth[ethernetLen:])
	if p.way.source.Is6() {
		eth.SetType(wire.EtherTypeIPv6)
		ip := wire.IPv6(b)
		ip.Init()
		ip.SetPayloadLen(length)
		ip.SetNextHeader(p.proto)
		ip.SetHopLimit(ourTTL)
		ip.SetSrc(p.way.source)
		ip.SetDst(p.to.Addr())
		return ipv6Len
	}
	eth.SetType(wire.EtherTypeIPv4)
	ip := wire.IPv4(b)
	ip.Init(ipv4Len)
	ip.SetTotalLen(ipv4Len + length)
	ip.SetFragment(wire.IPv4DontFragment, 0)
	ip.SetTTL(ourTTL)
	ip.SetProto(p.proto)
	ip.SetSrc(p.way.source)
	ip.SetDst(p.to.Addr())
	ip.UpdateChecksum()
	return ipv4Len
}
