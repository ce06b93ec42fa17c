// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"
	"net/netip"
	"reflect"
	"slices"
	"testing"
)

// addSamples seeds a fuzz target with every frame we have.
func addSamples(f *testing.F) {
	for _, s := range samples() {
		f.Add(parseHex(f, s.hex))
	}
}

// checkFrame checks what holds for every input, with a defect or without.
func checkFrame(t *testing.T, b []byte, f *Frame, d Defect) {
	t.Helper()
	if f.L3 < 0 || f.L3 > f.L4 || f.L4 > f.End || f.End > len(b) {
		t.Fatalf("L3, L4, End = %d, %d, %d of %d", f.L3, f.L4, f.End, len(b))
	}
	var again Frame
	again.SrcPort, again.Tagged, again.FragID, again.Part = 1, 1, 1, FirstFragment // must go
	if dd := again.Parse(bytes.Clone(b)); dd != d {
		t.Fatalf("Parse = %v, then %v", d, dd)
	}
	if !reflect.DeepEqual(*f, again) {
		t.Fatalf("parsed twice:\n%+v\n%+v", *f, again)
	}
}

// touch calls everything that may be asked of a frame without defect.
func touch(f *Frame) {
	e := f.Ethernet()
	_, _, _ = e.Dst(), e.Src(), e.Type()
	_ = f.Payload()
	f.TransportChecksumOK()
	f.HeaderLen()
	f.IsEchoRequest()
	switch f.Kind {
	case KindARP:
		h := f.ARP()
		_, _, _, _, _ = h.Op(), h.SenderMAC(), h.SenderIP(), h.TargetMAC(), h.TargetIP()
	case KindIPv4:
		_ = f.IPv4().Options()
	case KindIPv6:
		_ = f.IPv6().Dst()
	}
	if f.Ports && f.Part == Whole && f.Proto == ProtoTCP {
		_, _ = f.TCP().Options(), f.TCP().Payload()
	}
	if f.Ports && f.Proto == ProtoUDP {
		_, _ = f.UDP().Length(), f.UDP().Checksum()
	}
	if f.IsDHCP() {
		f.DHCP().Servers(func(netip.Addr) {})
	}
	if f.IsRouterAdvertisement() {
		f.RouterAdvertisement().DNSServers(func(netip.Addr) {})
	}
	var in Frame
	if f.Inner(&in) {
		in.TransportChecksumOK()
	}
}

// mendIPv4 makes the header checksum good, for else few frames would get past
// it; those to ff:... keep what they have.
func mendIPv4(b []byte) {
	if len(b) >= ethernetLen+ipv4Len && Ethernet(b).Type() == EtherTypeIPv4 && b[0] != 0xff {
		if h := IPv4(b[ethernetLen:]); h.IHL() >= ipv4Len && h.IHL() <= len(h) {
			h.UpdateChecksum()
		}
	}
}

func FuzzFrame(f *testing.F) {
	addSamples(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		b = slices.Clip(bytes.Clone(b)) // the fuzzer's own must not change
		mendIPv4(b)
		clone := bytes.Clone(b)
		fr := new(Frame)
		d := fr.Parse(b)
		checkFrame(t, b, fr, d)
		if d == DefectNone {
			touch(fr)
		}
		line := fr.String()
		again, err := ParseText(line)
		if err != nil {
			t.Fatalf("String = %q: %v", line, err)
		}
		if got := (&Frame{Data: again}).String(); got != line {
			t.Fatalf("String = %q, and after ParseText %q", line, got)
		}
		if !bytes.Equal(b, clone) {
			t.Fatal("reading changed the frame")
		}
	})
}

// FuzzARP parses a message behind a good Ethernet header.
func FuzzARP(f *testing.F) {
	for _, s := range []string{arpRequestHex, arpReplyHex} {
		f.Add(parseHex(f, s)[ethernetLen:])
	}
	f.Fuzz(func(t *testing.T, h []byte) {
		b := append(mustText(t, macs+"hex 0806"), h...)
		fr := new(Frame)
		d := fr.Parse(b)
		checkFrame(t, b, fr, d)
		if valid := ARP(h).Valid(); valid != (d == DefectNone) || fr.Kind != KindARP {
			t.Fatalf("Parse = %v, Kind %v, Valid = %v", d, fr.Kind, valid)
		}
		if d == DefectNone && (len(fr.ARP()) != arpLen || fr.Src != fr.ARP().SenderIP() || fr.Dst != fr.ARP().TargetIP()) {
			t.Fatalf("Src, Dst = %v, %v of %x", fr.Src, fr.Dst, fr.ARP())
		}
	})
}

// FuzzND parses a message behind good headers, and with a good checksum.
func FuzzND(f *testing.F) {
	for _, s := range []string{solicitationHex, dadProbeHex, advertisementHex} {
		f.Add(parseHex(f, s)[ethernetLen+ipv6Len:], s != dadProbeHex)
	}
	f.Fuzz(func(t *testing.T, m []byte, named bool) {
		src := map[bool]string{true: "fd77::66", false: "::"}[named]
		b := mustText(t, macs+"ip "+src+" > ff02::1:ff00:10 proto=58 ttl=255")
		if m = m[:min(len(m), 1500)]; len(m) >= icmpLen {
			ICMPv6(m).UpdateChecksum(addr(src), addr("ff02::1:ff00:10"))
		}
		b = append(b, m...)
		IPv6(b[ethernetLen:]).SetPayloadLen(len(m))
		fr := new(Frame)
		d := fr.Parse(b)
		checkFrame(t, b, fr, d)
		s, _ := ND(m).SourceLinkLayer()
		if ns := fr.IsNeighbourSolicitation(); ns && (d != DefectNone || m[0] != ICMPv6NeighbourSolicitation || !named && !s.IsZero()) {
			t.Fatalf("taken for a solicitation: %x", m)
		}
		if na := fr.IsNeighbourAdvertisement(); na && (d != DefectNone || m[0] != ICMPv6NeighbourAdvertisement || fr.ND().Flags()&NDSolicited != 0) {
			t.Fatalf("taken for an advertisement: %x", m)
		}
	})
}

// FuzzInner quotes anything in a good error message.
func FuzzInner(f *testing.F) {
	f.Add(parseHex(f, fragNeededHex)[ethernetLen+ipv4Len+icmpLen:], false)
	f.Add(parseHex(f, tooBigHex)[ethernetLen+ipv6Len+icmpLen:], true)
	f.Add(parseHex(f, udp6ExtensionsHex)[ethernetLen:], true)
	f.Add(parseHex(f, firstFragment6Hex)[ethernetLen:], true)
	f.Fuzz(func(t *testing.T, quote []byte, v6 bool) {
		quote = quote[:min(len(quote), 1500)]
		line := macs + "icmp 1.2.3.4 > 10.77.0.10 unreachable"
		if v6 {
			line = macs + "icmp6 fd00::1 > fd77::10 too-big"
		}
		b := append(mustText(t, line), quote...)
		if h := b[ethernetLen:]; v6 {
			IPv6(h).SetPayloadLen(len(h) - ipv6Len)
		} else {
			IPv4(h).SetTotalLen(len(h))
			IPv4(h).UpdateChecksum()
		}
		fr := mustParse(t, b)
		var in Frame
		if !fr.Inner(&in) {
			return
		}
		if in.Kind != fr.Kind || !in.Ports || in.Part == LaterFragment || !in.Src.IsValid() || in.Proto != ProtoTCP && in.Proto != ProtoUDP {
			t.Fatalf("Inner = %+v", in)
		}
		if in.L3 != fr.L4+icmpLen || in.L4 < in.L3 || in.End < in.L4+4 || in.End > fr.End {
			t.Fatalf("L3, L4, End = %d, %d, %d in %d, %d", in.L3, in.L4, in.End, fr.L4, fr.End)
		}
		in.TransportChecksumOK()
	})
}

// FuzzParseText shows that any line is refused or gives a frame, and that what
// String makes of the frame stands for it.
func FuzzParseText(f *testing.F) {
	for _, s := range samples() {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, line string) {
		b, err := ParseText(line)
		if err != nil {
			return
		}
		fr := new(Frame)
		checkFrame(t, b, fr, fr.Parse(b))
		s := fr.String()
		again, err := ParseText(s)
		if err != nil {
			t.Fatalf("%q gives %q: %v", line, s, err)
		}
		if got := (&Frame{Data: again}).String(); got != s {
			t.Fatalf("%q gives %q, and that %q", line, s, got)
		}
	})
}
