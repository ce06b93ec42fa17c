// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cygnet/internal/wire"
)

// The options of a SYN that Linux answers with its own, in hexadecimal.
func synOptions() []string {
	return []string{"020405b4", "0402", "080a000000c800000000", "030307"}
}

// subset joins those of all whose bit is set in n, and pads with NOPs.
func subset(all []string, n int) string {
	var s string
	for i, o := range all {
		if n>>i&1 == 1 {
			s += o
		}
	}
	for len(s)%8 != 0 {
		s += "01"
	}
	return s
}

// TestNetnsTarpitLooksLikeLinux sends the same SYNs to a listener of this machine's
// kernel and to a captured address: but for the checksum, the sequence number and
// the timestamp, the answers are the same, byte for byte. Two things differ by
// intent: where an answer would be longer than what was asked and the shortest
// frame, ours leaves out its maximum segment size; and it never agrees to congestion
// notification (RFC 3168), of which the tarpit would have to keep track.
func TestNetnsTarpitLooksLikeLinux(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w, _ := newPit(t, "tarpit_policy immediate")
	// What a host offers as scale depends on this, which depended on its memory
	// and was raised in Linux 6.17. Most hosts still have 6 MiB, and scale by 7.
	if err := w.servers[0].Sysctl("net/ipv4/tcp_rmem", "4096 131072 6291456"); err != nil {
		t.Fatal(err)
	}
	p := newTap(t, w.client)
	port := 20000
	for _, family := range []struct{ from, real, pit string }{
		{"10.77.0.100", "10.77.0.1", pitAddr},
		{"fd77::100", "fd77::1", pitAddr6},
	} {
		for n := range 1 << len(synOptions()) {
			for _, more := range []string{"S ttl=9 tos=4 win=100", "SE", "SPU urg=1 win=7"} {
				port++
				ask := func(at *Host, to string) (request string, answer synack) {
					request = fmt.Sprintf("tcp %v > %v %s seq=1000 opts=%s", netip.AddrPortFrom(netip.MustParseAddr(family.from), uint16(port)),
						netip.AddrPortFrom(netip.MustParseAddr(to), 80), more, subset(synOptions(), n))
					return request, p.ask(t, mac(t, at), netip.MustParseAddr(to), request)
				}
				request, want := ask(w.servers[0], family.real)
				_, got := ask(w.balancer, family.pit)
				want.flags &^= wire.FlagECE
				if want.len > max(want.asked, 60-14) {
					want.options, want.len = want.options[8:], want.len-4
				}
				if got != want {
					t.Errorf("%s:\ngot  %+v\nwant %+v", request, got, want)
				}
			}
		}
	}
	w.noBadChecksums(t)
}

// synack is all of an answer's headers but addresses, ports, checksums, the sequence
// number and the timestamp.
type synack struct {
	ip      string // TTL and the like
	labeled bool   // with a flow label, RFC 6437
	flags   uint8
	ack     uint32
	window  uint16
	urgent  uint16
	options string // in hexadecimal
	len     int    // of the datagram
	asked   int    // the same, of the SYN
}

// ask sends a SYN and returns the answer from the address.
func (p *tap) ask(t *testing.T, to net.HardwareAddr, of netip.Addr, text string) synack {
	t.Helper()
	p.forget()
	asked := p.send(t, to, text)
	var got []*wire.Frame
	eventually(t, 5*time.Second, "an answer to "+text, func() bool {
		got = p.frames(func(f *wire.Frame) bool { return f.Src == of && f.Proto == wire.ProtoTCP })
		return len(got) > 0
	})
	f := got[0]
	tcp := wire.TCP(f.Data[f.L4:f.End])
	s := synack{
		flags: tcp.Flags(), ack: tcp.Ack(), window: tcp.Window(), urgent: tcp.Urgent(), len: f.End - f.L3, asked: asked - f.L3,
		options: fmt.Sprintf("%x", tcp.Options()),
	}
	if before, after, found := strings.Cut(s.options, "080a"); found && len(after) >= 16 {
		s.options = before + "080aTTTTTTTT" + after[8:]
	}
	if f.Kind == wire.KindIPv4 {
		h := f.IPv4()
		s.ip = fmt.Sprintf("ttl=%d tos=%d id=%d flags=%x", h.TTL(), h.TOS(), h.ID(), h.Flags())
	} else {
		h := f.IPv6()
		s.ip = fmt.Sprintf("hops=%d class=%d", h.HopLimit(), h.TrafficClass())
		s.labeled = h[1]&0x0f|h[2]|h[3] != 0
	}
	return s
}

// TestNetnsTarpitChecksums sends SYNs with headers of every length, in the name of
// this host, whose kernel thus gets answers to what it never asked: it checks their
// checksum before it answers RST. (Pen's tarpit gets it wrong every time.)
func TestNetnsTarpitChecksums(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w, _ := newPit(t, "tarpit_policy immediate", "tarpit_limit source off")
	p := newTap(t, w.client)
	before := tcpCounters(t, w.client)
	sent := 0
	for _, from := range []string{"10.77.0.100", "fd77::100"} {
		to := map[string]string{"10.77.0.100": pitAddr, "fd77::100": pitAddr6}[from]
		for words := 0; words <= 10; words++ {
			for _, fill := range []string{"01010101", "00000000", "05feffff", "02040218"} {
				for _, data := range []int{0, 1, 300} {
					sent++
					p.send(t, mac(t, w.balancer), fmt.Sprintf("tcp %v > %v S seq=%d opts=%s len=%d",
						netip.AddrPortFrom(netip.MustParseAddr(from), uint16(30000+sent)),
						netip.AddrPortFrom(netip.MustParseAddr(to), 22), 7*sent, strings.Repeat(fill, words), data))
				}
			}
		}
	}
	eventually(t, 10*time.Second, fmt.Sprintf("%d RSTs of the client's kernel", sent), func() bool {
		return tcpCounters(t, w.client)["OutRsts"]-before["OutRsts"] >= sent
	})
	w.noBadChecksums(t)
}
