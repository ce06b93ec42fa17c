// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"

	"cygnet/internal/wire"
)

// minFrame is the shortest Ethernet frame without FCS, IEEE 802.3 section
// 3.2.8; drivers of some cards do not pad.
const minFrame = 60

// own has the frame at hand where it may grow: memory that the link lent ends with
// the frame.
func (w *worker) own(s *wire.Slot) {
	if s.Own() {
		w.frame.Data = s.Frame()
	}
}

// finish makes the first n bytes of the slot a frame of our own: padded with
// zeros to the shortest length, its checksums complete.
func finish(s *wire.Slot, n int) {
	s.Len = max(n, minFrame)
	clear(s.Frame()[n:])
	s.Vnet().Clear()
}

// answerARP turns the request at hand into its reply, RFC 826.
func (w *worker) answerARP(s *wire.Slot) Reason {
	w.own(s)
	f := w.frame
	p, asker := f.ARP(), f.ARP().SenderMAC()
	p.SetOp(wire.ARPReply)
	p.SetTargetMAC(asker)
	p.SetTargetIP(f.Src)
	p.SetSenderMAC(w.t.mac)
	p.SetSenderIP(f.Dst)
	f.Ethernet().SetDst(asker)
	f.Ethernet().SetSrc(w.t.mac)
	finish(s, f.End)
	return AnsweredARP
}

// Lengths of an advertisement with its one option, RFC 4861 sections 4.4 and
// 4.6.1.
const (
	advertisementLen = 24
	linkLayerOptLen  = 8
)

// answerSolicitation turns the neighbour solicitation at hand into an
// advertisement: solicited and overriding, from a host, not a router (S=1 O=1
// R=0). A duplicate address probe has no address to answer to; all nodes hear
// that answer, with S=0 (RFC 4861 section 7.2.4).
func (w *worker) answerSolicitation(s *wire.Slot) Reason {
	w.own(s)
	f := w.frame
	ip, target := f.IPv6(), f.ND().Target() // which stays where it is
	to, toMAC, flags := f.Src, f.Ethernet().Src(), uint8(wire.NDSolicited|wire.NDOverride)
	if mac, ok := f.ND().SourceLinkLayer(); ok && mac.IsUnicast() {
		toMAC = mac
	}
	if f.Src.IsUnspecified() {
		to, flags = netip.IPv6LinkLocalAllNodes(), wire.NDOverride
		toMAC = wire.MulticastMAC(to)
	}

	f.End = f.L4 + advertisementLen + linkLayerOptLen
	s.Len = f.End // the option may need more room than the question had
	f.Data = s.Frame()
	ip.SetPayloadLen(advertisementLen + linkLayerOptLen)
	ip.SetSrc(target)
	ip.SetDst(to)
	f.ICMPv6().SetType(wire.ICMPv6NeighbourAdvertisement)
	f.ND().SetFlags(flags)
	f.ND().SetTargetLinkLayer(w.t.mac)
	f.ICMPv6().UpdateChecksum(target, to)
	f.Ethernet().SetDst(toMAC)
	f.Ethernet().SetSrc(w.t.mac)
	finish(s, f.End)
	return AnsweredND
}

const ourTTL = 64 // RFC 1340's recommended default, and every host's of today

// answerEcho turns the echo request at hand into its reply, RFC 792 and
// RFC 4443 section 4.2. The checksum is changed by what changed (RFC 1624), so
// a request that was wrong stays wrong. One with IPv4 options or extension
// headers gets no answer: its route would have to be reversed.
func (w *worker) answerEcho(s *wire.Slot) Reason {
	w.own(s)
	f := w.frame
	if f.Options {
		return ICMP
	}
	if f.Kind == wire.KindIPv4 {
		ip := f.IPv4()
		ip.SetSrc(f.Dst)
		ip.SetDst(f.Src)
		ip.SetTTL(ourTTL)
		ip.UpdateChecksum()
		f.ICMP().ReplaceType(wire.ICMPEchoReply)
	} else {
		ip := f.IPv6()
		ip.SetSrc(f.Dst)
		ip.SetDst(f.Src)
		ip.SetHopLimit(ourTTL)
		f.ICMPv6().ReplaceType(wire.ICMPv6EchoReply)
	}
	f.Ethernet().SetDst(f.Ethernet().Src())
	f.Ethernet().SetSrc(w.t.mac)
	finish(s, f.End)
	return AnsweredEcho
}
