// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"

	"cygnet/internal/capture"
	"cygnet/internal/holds"
	"cygnet/internal/wire"
)

// firstFlight is how many bytes beyond the first a client may have sent before it
// hears that its window is closed: the widest window without scaling, RFC 9293
// section 3.1. Nothing within it is answered, for the client sends it all again.
const firstFlight = 65535

// sinkReach is how many bytes a client may send into a sink. Each makes it a little
// likelier, by 2^-32, that a segment that nobody asked for passes for a client's.
const sinkReach = 1 << 20

// answerCaptured answers the frame at hand, which is to a captured address, and
// keeps nothing: what a client says tells what it was told before (cookie). Only a
// bare SYN, and segments that prove to follow our answer to one, are answered, with
// one segment and never data: above all no SYN+ACK or RST, or two tarpits would
// answer each other for ever. What a host would not accept is not answered, either
// (IPv4 options, a wrong checksum), for only a tarpit would.
func (w *worker) answerCaptured(s *wire.Slot) Reason {
	f := w.frame
	if f.Proto != wire.ProtoTCP || f.Part != wire.Whole || f.Options {
		return CapturedOther
	}
	if !s.CsumPending && !f.TransportChecksumOK() {
		return Checksum
	}
	if w.t.tarpit.ignores(f) {
		return CapturedIgnored
	}
	switch f.TCP().Flags() & (wire.FlagSYN | wire.FlagACK | wire.FlagRST | wire.FlagFIN) {
	case wire.FlagSYN:
		return w.answerSYN(s)
	case wire.FlagSYN | wire.FlagACK:
		w.record(holds.Backscatter, nothing())
		return CapturedBackscatter
	case wire.FlagRST | wire.FlagACK:
		return w.takeRST()
	case wire.FlagACK, wire.FlagACK | wire.FlagFIN:
		switch t := &w.t.tarpit.cfg; {
		case t.Policy == capture.Observe:
			return CapturedObserved
		case t.Mode == Sink:
			return w.answerToSink(s)
		}
		return w.answerHeld(s)
	}
	return CapturedOther // a RST to our SYN+ACK proves nothing; the rest is nobody's
}

// ignores says whether tarpit_ignore names the frame.
func (t *tarpit) ignores(f *wire.Frame) bool {
	for i := range t.cfg.Ignore {
		if one := &t.cfg.Ignore[i]; (one.Port == 0 || one.Port == f.DstPort) && one.matches(f.Src, f.Dst) {
			return true
		}
	}
	return false
}

func (i *Ignore) matches(from, to netip.Addr) bool {
	return (!i.From.IsValid() || i.From.Contains(from)) && (!i.To.IsValid() || i.To.Contains(to))
}

// record enters the frame at hand into the book, of which a client may have claimed
// something.
func (w *worker) record(kind holds.Kind, c claimed) {
	proven := c.there && (c.at == 0 || c.at == -1)
	if r := w.catches.next(proven); r != nil {
		f := w.frame
		*r = holds.Record{
			Source: f.Src.As16(), Captured: f.Dst.As16(), SourcePort: f.SrcPort, Port: f.DstPort,
			Kind: kind, Held: c.held, Bytes: uint32(c.bytes), Proven: proven,
		}
		w.catches.commit()
	}
}

// answerSYN takes the bare SYN at hand for a wish to connect: it gets a SYN+ACK, or
// a RST from a port that is closed there, once the address is known to be free.
func (w *worker) answerSYN(s *wire.Slot) Reason {
	f, t := w.frame, w.t.tarpit
	if t.cfg.Policy == capture.Verify {
		switch w.t.states.Of(f.Dst, w.now) {
		case capture.Free:
		case capture.Unknown: // its ARP answer is from before we started
			w.suspects.add(f.Dst)
			return CapturedWaits
		default:
			return CapturedWaits
		}
	}
	if !w.mayAnswer() {
		return CapturedLimited
	}
	w.permits(t.list, f.Dst) // it does; this counts for the rule
	open := t.ports.open(t.key, f.Dst, f.DstPort)
	if open {
		w.record(holds.SYN, nothing())
	}
	switch {
	case t.cfg.Policy == capture.Observe:
		return CapturedObserved
	case !open:
		w.writeRST(s)
		return CapturedRST
	}
	w.writeSYNACK(s)
	return CapturedSYN
}

// claimed is what an acknowledgment at hand claims to be part of: a connection that
// we took, if it counts from what the cookie made of it.
type claimed struct {
	there bool   // something was
	first uint32 // the client's initial sequence number plus 1: the first byte that it may send
	at    int32  // where the segment is, from there on
	bytes int    // of payload
	fin   bool
	held  int32 // see holds.Record
	stamp timestamps
}

func nothing() claimed { return claimed{held: -1} }

func (w *worker) claimed() claimed {
	tcp := w.segment()
	low, high := w.cookie()
	c := claimed{there: true, first: tcp.Ack() - low, bytes: len(tcp.Payload()), fin: tcp.Flags()&wire.FlagFIN != 0, held: -1}
	c.at = int32(tcp.Seq() - c.first)
	if c.stamp = timestampsOf(tcp.Options()); c.stamp.there {
		c.held = int32(uint32(w.wall) + high - c.stamp.echo)
	}
	return c
}

// segment is the TCP segment at hand, without padding.
func (w *worker) segment() wire.TCP { return wire.TCP(w.frame.Data[w.frame.L4:w.frame.End]) }

// takeRST takes a client's RST for what it is, and answers nothing.
func (w *worker) takeRST() Reason {
	c := w.claimed()
	if c.at < -1 || c.at > firstFlight && (c.at > sinkReach || w.t.tarpit.cfg.Mode != Sink) {
		return CapturedForged
	}
	w.record(holds.Escaped, c)
	return CapturedEscaped
}

// answerHeld answers a client that asks whether its window is still closed, or sends
// what does not fit: it is acknowledged up to what it was before, which is nothing,
// and told that the window is closed. A client must not give up while it gets such
// answers, RFC 9293 section 3.8.6.1. The acknowledgment must be of what it waits for,
// SND.UNA: Linux probes with the number below, and takes no less for an answer.
func (w *worker) answerHeld(s *wire.Slot) Reason {
	c := w.claimed()
	kind := holds.Probe
	switch {
	case c.at == 0 && c.bytes == 0 && !c.fin:
		w.record(holds.Handshake, c)
		return CapturedVerified
	case c.at == -1 && c.bytes <= 1 && !c.fin: // a probe or a keepalive, RFC 1122 section 4.2.3.6
	case c.at == 0:
		kind = holds.Data
	case c.at > 0 && c.at <= firstFlight && (c.bytes > 0 || c.fin):
		w.record(holds.Data, c)
		return CapturedData
	default:
		return CapturedForged
	}
	if w.t.tarpit.cfg.Mode == SYNACK {
		w.record(kind, c)
		return CapturedData
	}
	if !w.mayAnswer() {
		return CapturedLimited
	}
	w.record(kind, c)
	w.writeACK(s, c.first, 0, c.stamp)
	return CapturedHeld
}

// sinkWindow is what a client may always send into a sink: what a Linux host
// offers once windows are scaled.
const sinkWindow = 502

// answerToSink acknowledges all that a client sends but its FIN, so that it waits
// for an answer and not for room. A segment without data in the middle is a
// keepalive, one below what the client sent.
func (w *worker) answerToSink(s *wire.Slot) Reason {
	c := w.claimed()
	kind, ack := holds.Data, w.segment().Seq()+uint32(c.bytes)
	switch {
	case c.at < -1 || c.at > sinkReach:
		return CapturedForged
	case c.at == 0 && c.bytes == 0 && !c.fin:
		w.record(holds.Handshake, c)
		return CapturedVerified
	case c.bytes == 0 && !c.fin:
		kind, ack = holds.Probe, ack+1
	}
	if !w.mayAnswer() {
		return CapturedLimited
	}
	w.record(kind, c)
	w.writeACK(s, ack, sinkWindow, c.stamp)
	return CapturedHeld
}
