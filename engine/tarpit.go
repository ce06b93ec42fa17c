// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"encoding/binary"

	"github.com/dchest/siphash"

	"cygnet/internal/holds"
	"cygnet/internal/wire"
)

const (
	// tarpitWindow is how much we let a client send before it must wait for
	// ever: small, but a window, since some scanners take a zero window for
	// no listener.
	tarpitWindow = 5

	ipv4HeaderLen = 20 // without options
	tcpHeaderLen  = 20 // without options
)

// answerSYN turns the bare SYN at hand into a SYN+ACK and keeps nothing: the
// client takes the connection for open and waits. Anything but a SYN gets no
// answer, above all no SYN+ACK: two tarpits would answer each other for ever.
// What a host would not accept is not answered, either (IPv4 options, a wrong
// checksum), for only a tarpit would.
func (w *worker) answerSYN(s *wire.Slot) Reason {
	f := w.frame
	if f.Kind != wire.KindIPv4 || f.Proto != wire.ProtoTCP || f.Part != wire.Whole || f.Options {
		return CapturedOther
	}
	tcp := f.TCP()
	if tcp.Flags()&(wire.FlagSYN|wire.FlagACK|wire.FlagRST|wire.FlagFIN) != wire.FlagSYN {
		return CapturedOther
	}
	if !s.CsumPending && !f.TransportChecksumOK() {
		return Checksum
	}
	w.permits(w.t.tarpit, f.Dst) // it does; this counts for the rule
	if r := w.catches.next(); r != nil {
		*r = holds.Record{Source: f.Src.As16(), Captured: f.Dst.As16(), SourcePort: f.SrcPort, Port: f.DstPort, Kind: holds.SYN, Held: -1}
		w.catches.commit()
	}
	seq := tcp.Seq()
	isn := seq + w.cookie()

	f.End = f.L4 + tcpHeaderLen
	w.writeIPv4(f.IPv4())
	tcp = f.TCP()
	tcp.SetSrcPort(f.DstPort)
	tcp.SetDstPort(f.SrcPort)
	tcp.SetSeq(isn)
	tcp.SetAck(seq + 1)
	tcp.SetDataOffset(tcpHeaderLen)
	tcp.SetFlags(wire.FlagSYN | wire.FlagACK)
	tcp.SetWindow(tarpitWindow)
	tcp.SetUrgent(0)
	tcp.UpdateChecksum(f.Dst, f.Src)
	f.Ethernet().SetDst(f.Ethernet().Src())
	f.Ethernet().SetSrc(w.t.mac)
	finish(s, f.End)
	return CapturedSYN
}

// writeIPv4 writes a fresh header, back to who sent the frame at hand: nothing
// of the request's (TTL, ID, type of service) is mirrored, for hosts do not. ID
// 0 is allowed with DF, RFC 6864 section 4.1.
func (w *worker) writeIPv4(ip wire.IPv4) {
	f := w.frame
	ip.Init(ipv4HeaderLen)
	ip.SetTotalLen(ipv4HeaderLen + tcpHeaderLen)
	ip.SetFragment(wire.IPv4DontFragment, 0)
	ip.SetTTL(ourTTL)
	ip.SetProto(wire.ProtoTCP)
	ip.SetSrc(f.Dst)
	ip.SetDst(f.Src)
	ip.UpdateChecksum()
}

// cookie is the low half of a keyed hash of the connection (RFC 6528 section 3
// in spirit): nobody without the key can guess our sequence number, and the
// same SYN sent again gets the same one.
func (w *worker) cookie() uint32 {
	f := w.frame
	src, dst := f.Src.As4(), f.Dst.As4()
	var b [12]byte
	copy(b[0:], src[:])
	copy(b[4:], dst[:])
	binary.BigEndian.PutUint16(b[8:], f.SrcPort)
	binary.BigEndian.PutUint16(b[10:], f.DstPort)
	return uint32(siphash.Hash(binary.LittleEndian.Uint64(w.t.key[:8]), binary.LittleEndian.Uint64(w.t.key[8:]), b[:]))
}
