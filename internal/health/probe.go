// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"encoding/binary"
	"net/netip"
	"strconv"
	"sync/atomic"

	"cygnet/internal/wire"
)

// probe is one check that sends frames: from where they come, to whom they go, and
// what was heard of them. It lasts as long as its port is claimed.
type probe struct {
	proto uint8
	way   way
	port  uint16         // ours
	to    netip.AddrPort // the VIP

	// sent identifies what we sent, to all who do not see it: of TCP the SYN's
	// sequence number, of DNS the question's ID. Any answer quotes it.
	sent atomic.Uint32

	lost atomic.Bool // a frame of ours could not be sent

	// heard takes frames from the server, from the VIP, for our port; it must not
	// wait or keep them.
	heard func(f *wire.Frame)

	// verdict takes what settles the check; what comes later is not read.
	verdict chan outcome
}

// newProbe claims a port for a check along way to a VIP, or returns nil where all
// are taken.
func newProbe(ports *ports, proto uint8, way way, to netip.AddrPort, heard func(*probe, *wire.Frame)) *probe {
	p := &probe{proto: proto, way: way, to: to, verdict: make(chan outcome, 1)}
	p.heard = func(f *wire.Frame) { heard(p, f) }
	if p.port = ports.claim(p); p.port == 0 {
		return nil
	}
	return p
}

// settle ends the check with an outcome, unless it has one.
func (p *probe) settle(o outcome) {
	select {
	case p.verdict <- o:
	default:
	}
}

// await runs work, which ends soon after its context, and returns what settled the
// check first: what work found, or a frame that work does not see.
func (p *probe) await(ctx context.Context, work func(context.Context, *probe) outcome) outcome {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan outcome, 1)
	go func() { done <- work(ctx, p) }()
	select {
	case o := <-done:
		return o
	case o := <-p.verdict:
		cancel()
		<-done
		return o
	}
}

// silence is the outcome of a check that nobody answered.
func (p *probe) silence(text string) outcome {
	if p.lost.Load() {
		return outcome{}
	}
	return fail(text)
}

// take takes a frame for our port. Whoever is not the server, with the VIP, must
// show that he has seen what we sent to it.
func (p *probe) take(f *wire.Frame) {
	from := f.Ethernet().Src()
	switch {
	case f.Proto != p.proto || f.Tagged != p.way.vlan || f.Dst != p.way.source:
	case from == p.way.mac && f.Src == p.to.Addr() && f.SrcPort == p.to.Port():
		p.heard(f)
	case !p.answered(f):
	case f.Src != p.to.Addr():
		p.settle(fail("answered from " + f.Src.String() + ", not from VIP"))
	case f.SrcPort != p.to.Port():
		p.settle(fail("answered from port " + strconv.Itoa(int(f.SrcPort)) + " of VIP"))
	default:
		p.settle(fail("another host answered for VIP: " + from.String()))
	}
}

// answered says whether f answers what we sent.
func (p *probe) answered(f *wire.Frame) bool {
	if p.proto == wire.ProtoUDP {
		b := f.UDP()[udpLen:]
		return len(b) >= 2 && uint32(binary.BigEndian.Uint16(b)) == p.sent.Load()
	}
	tcp := f.TCP()
	return tcp.Flags()&wire.FlagACK != 0 && tcp.Ack() == p.sent.Load()+1
}

// refused takes an ICMP error about a packet of ours, which it quotes.
func (p *probe) refused(f, quoted *wire.Frame) {
	b := f.Data[quoted.L4:f.End]
	if quoted.Proto != p.proto || f.Tagged != p.way.vlan || quoted.Src != p.way.source || quoted.Dst != p.to.Addr() || quoted.DstPort != p.to.Port() {
		return
	}
	if p.proto == wire.ProtoTCP && (len(b) < 8 || wire.TCP(b).Seq() != p.sent.Load()) {
		return
	}
	if p.proto == wire.ProtoUDP && f.Ethernet().Src() != p.way.mac {
		return // a port is soon guessed
	}
	if word := unreachable(f); word != "" {
		p.settle(fail("icmp " + word + " from " + p.name(f.Src)))
	}
}

// name is how an address is called in outcomes.
func (p *probe) name(a netip.Addr) string {
	if a == p.to.Addr() {
		return "VIP"
	}
	return a.String()
}

// unreachable is why an ICMP error says that something cannot be reached; empty
// where it is about something else.
func unreachable(f *wire.Frame) string {
	words := []string{ // RFC 1122 section 3.2.2.1, RFC 1812 section 5.2.7.1
		0: "network unreachable", 2: "protocol unreachable", 3: "port unreachable",
		9: "prohibited", 10: "prohibited", 13: "prohibited",
	}
	var kind, code, is uint8
	if f.Kind == wire.KindIPv6 {
		kind, code, is = f.ICMPv6().Type(), f.ICMPv6().Code(), wire.ICMPv6Unreachable
		words = []string{0: "network unreachable", 1: "prohibited", 4: "port unreachable", 5: "prohibited", 6: "prohibited"} // RFC 4443 section 3.1
	} else {
		kind, code, is = f.ICMP().Type(), f.ICMP().Code(), wire.ICMPUnreachable
	}
	const tooLong = 4 // of ICMP for IPv4 alone, RFC 1191 section 4
	switch {
	case kind != is || f.Kind == wire.KindIPv4 && code == tooLong:
		return ""
	case int(code) < len(words) && words[code] != "":
		return words[code]
	}
	return "host unreachable"
}
