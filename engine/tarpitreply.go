// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import "cygnet/internal/wire"

const (
	ipv4HeaderLen = 20 // without options
	ipv6HeaderLen = 40
	tcpHeaderLen  = 20 // without options
	maxOptions    = 20 // of our answers: maximum segment size, SACK permitted, timestamps, window scale

	longestAnswer = 14 + ipv6HeaderLen + tcpHeaderLen + maxOptions // with its Ethernet header
)

// Windows of a Linux listener's SYN+ACK, not scaled (RFC 7323 section 2.2): so many
// full segments as make about 64 KiB, with and without room for timestamps.
const (
	segments4, segments6 = 44, 45
	stampedSegments      = 45
	stampRoom            = 12 // the timestamps option, padded
)

// writeSYNACK makes the SYN at hand a listener's answer. Nothing of the SYN is
// mirrored but what the protocol asks for. The answer is never longer than the
// request or the shortest frame, so that nobody is flooded by more than was sent in
// his name: where our maximum segment size would make it so, it is left out.
func (w *worker) writeSYNACK(s *wire.Slot) {
	f, tcp := w.frame, w.segment()
	low, high := w.cookie()
	seq, offer := tcp.Seq(), offersOf(tcp.Options())
	mss := uint16(mssIPv4)
	if f.Kind == wire.KindIPv6 {
		mss = mssIPv6
	}
	window := synWindow(f.Kind, offer.stamp.there)
	stamp := timestamps{value: uint32(w.wall) + high, echo: offer.stamp.value}
	var options [maxOptions]byte
	n := offer.putOptions(options[:], mss, stamp)
	if f.L4+tcpHeaderLen+n > max(f.End, minFrame) {
		n = offer.putOptions(options[:], 0, stamp)
	}
	w.reply(s, reply{
		seq: seq + low, ack: seq + 1, flags: wire.FlagSYN | wire.FlagACK, window: window, options: options[:n],
	})
}

func synWindow(kind wire.Kind, stamped bool) uint16 {
	mss, n := mssIPv4, segments4
	if kind == wire.KindIPv6 {
		mss, n = mssIPv6, segments6
	}
	if stamped {
		mss, n = mss-stampRoom, stampedSegments
	}
	return uint16(mss * n)
}

// writeACK makes the segment at hand our answer to it. With timestamps agreed on,
// each segment has them (RFC 7323 section 3.2); ours is for ever that of our SYN+ACK,
// which the client echoes: so it tells how long it is held, whatever became of us.
func (w *worker) writeACK(s *wire.Slot, ack uint32, window uint16, stamp timestamps) {
	var options [maxOptions]byte
	n := 0
	if stamp.there {
		n = offers{stamp: stamp}.putOptions(options[:], 0, timestamps{value: stamp.echo, echo: stamp.value})
	}
	w.reply(s, reply{seq: w.segment().Ack(), ack: ack, flags: wire.FlagACK, window: window, options: options[:n]})
}

// writeRST makes the SYN at hand the answer of a port without a listener, RFC 9293
// section 3.10.7.1.
func (w *worker) writeRST(s *wire.Slot) {
	tcp := w.segment()
	w.reply(s, reply{ack: tcp.Seq() + 1 + uint32(len(tcp.Payload())), flags: wire.FlagRST | wire.FlagACK})
}

// reply is a segment without data.
type reply struct {
	seq, ack uint32
	flags    uint8
	window   uint16
	options  []byte
}

// reply makes the frame at hand a segment back to who sent it.
func (w *worker) reply(s *wire.Slot, r reply) {
	w.own(s)
	f := w.frame
	s.Len = f.L4 + tcpHeaderLen + maxOptions // the answer may need more room than the question had
	f.Data = s.Frame()
	f.End = f.L4 + tcpHeaderLen + len(r.options)
	if f.Kind == wire.KindIPv4 {
		w.writeIPv4(f.IPv4())
	} else {
		w.writeIPv6(f.IPv6())
	}
	tcp := w.segment()
	tcp.SetSrcPort(f.DstPort)
	tcp.SetDstPort(f.SrcPort)
	tcp.SetSeq(r.seq)
	tcp.SetAck(r.ack)
	tcp.SetDataOffset(len(tcp))
	tcp.SetFlags(r.flags)
	tcp.SetWindow(r.window)
	tcp.SetUrgent(0)
	copy(tcp[tcpHeaderLen:], r.options)
	tcp.UpdateChecksum(f.Dst, f.Src)
	f.Ethernet().SetDst(f.Ethernet().Src())
	f.Ethernet().SetSrc(w.t.mac)
	finish(s, f.End)
}

// writeIPv4 writes a fresh header, back to who sent the frame at hand: nothing
// of the request's (TTL, ID, type of service) is mirrored, for hosts do not. ID
// 0 is allowed with DF, RFC 6864 section 4.1.
func (w *worker) writeIPv4(ip wire.IPv4) {
	f := w.frame
	ip.Init(ipv4HeaderLen)
	ip.SetTotalLen(f.End - f.L3)
	ip.SetFragment(wire.IPv4DontFragment, 0)
	ip.SetTTL(ourTTL)
	ip.SetProto(wire.ProtoTCP)
	ip.SetSrc(f.Dst)
	ip.SetDst(f.Src)
	ip.UpdateChecksum()
}

// writeIPv6 does the same for IPv6. All of a connection has one flow label, as hosts
// give it, RFC 6437 section 3.
func (w *worker) writeIPv6(ip wire.IPv6) {
	f := w.frame
	_, label := w.cookie()
	ip.Init()
	ip.SetFlowLabel(label)
	ip.SetPayloadLen(f.End - f.L4)
	ip.SetNextHeader(wire.ProtoTCP)
	ip.SetHopLimit(ourTTL)
	ip.SetSrc(f.Dst)
	ip.SetDst(f.Src)
}
