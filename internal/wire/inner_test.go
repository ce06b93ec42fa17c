// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestInner(t *testing.T) {
	vip, client := addr("10.77.0.10"), addr("10.77.0.66")
	vip6, client6 := addr("fd77::10"), addr("fd77::66")
	for _, tt := range []struct {
		name, line string
		want       Frame
	}{
		{"unreachable", "icmp 1.2.3.4 > 10.77.0.10 unreachable code=1 inner=(tcp 10.77.0.10:80 > 10.77.0.66:5000 SA)",
			Frame{Kind: KindIPv4, L3: 42, L4: 62, End: 70, Proto: ProtoTCP, Src: vip, Dst: client, SrcPort: 80, DstPort: 5000, Ports: true}},
		{"time exceeded", "icmp 1.2.3.4 > 10.77.0.10 time-exceeded inner=(udp 10.77.0.10:53 > 10.77.0.66:5000 len=900 ipopts=01010101)",
			Frame{Kind: KindIPv4, L3: 42, L4: 66, End: 74, Proto: ProtoUDP, Src: vip, Dst: client, SrcPort: 53, DstPort: 5000, Ports: true, Options: true}},
		{"parameter problem about a first fragment, in a tagged frame",
			"icmp 1.2.3.4 > 10.77.0.10 parameter-problem inner=(udp 10.77.0.10:53 > 10.77.0.66:5000 len=16 id=7 frag=0+) vlan=5",
			Frame{Kind: KindIPv4, L3: 46, L4: 66, End: 74, Proto: ProtoUDP, Src: vip, Dst: client, SrcPort: 53, DstPort: 5000,
				Ports: true, Part: FirstFragment, FragID: 7}},
		{"a quote with a wrong checksum and an impossible length",
			"icmp 1.2.3.4 > 10.77.0.10 unreachable inner=(udp 10.77.0.10:53 > 10.77.0.66:5000 ulen=1 ipcsum=bad)",
			Frame{Kind: KindIPv4, L3: 42, L4: 62, End: 70, Proto: ProtoUDP, Src: vip, Dst: client, SrcPort: 53, DstPort: 5000, Ports: true}},
		{"packet too big", "icmp6 fd00::1 > fd77::10 too-big mtu=1280 inner=(tcp [fd77::10]:80 > [fd77::66]:5000)",
			Frame{Kind: KindIPv6, L3: 62, L4: 102, End: 110, Proto: ProtoTCP, Src: vip6, Dst: client6, SrcPort: 80, DstPort: 5000, Ports: true}},
		{"a quote with extension headers", "icmp6 fd00::1 > fd77::10 unreachable inner=(udp [fd77::10]:53 > [fd77::66]:5000 ext=0:3c000502000001001100010400000000)",
			Frame{Kind: KindIPv6, L3: 62, L4: 118, End: 126, Proto: ProtoUDP, Src: vip6, Dst: client6, SrcPort: 53, DstPort: 5000, Ports: true, Options: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := mustParse(t, mustText(t, macs+tt.line))
			in := Frame{Proto: 99, Tagged: 3} // rubbish that must go
			if !f.Inner(&in) {
				t.Fatal("Inner = false")
			}
			if diff := cmp.Diff(tt.want, in, frameOptions()); diff != "" {
				t.Errorf("Inner (-want +got):\n%s", diff)
			}
			in.TransportChecksumOK()              // senseless, but no panic
			cut := ethernetLen + in.L4 + 4 - f.L3 // only the ports are left of the quote
			if !cutQuote(t, f, cut) {
				t.Errorf("Inner of %d bytes = false", cut)
			}
			if cutQuote(t, f, cut-1) {
				t.Errorf("Inner of %d bytes = true", cut-1)
			}
		})
	}
}

// cutQuote cuts the frame to n bytes, untagged, and reports what Inner says.
func cutQuote(t *testing.T, f *Frame, n int) bool {
	b := append(make([]byte, 0, n), f.Data[:12]...)
	b = append(b, f.Data[f.L3-2:][:n-12]...)
	if f.Kind == KindIPv4 {
		IPv4(b[ethernetLen:]).SetTotalLen(n - ethernetLen)
		IPv4(b[ethernetLen:]).UpdateChecksum()
	} else {
		IPv6(b[ethernetLen:]).SetPayloadLen(n - ethernetLen - ipv6Len)
	}
	var in Frame
	return mustParse(t, b).Inner(&in)
}

func TestInnerRefuses(t *testing.T) {
	for _, line := range []string{
		"icmp 1.2.3.4 > 10.77.0.10 echo-request len=60",
		"icmp 1.2.3.4 > 10.77.0.10 type=5 len=60", // a redirect quotes too, but is no error
		"icmp 1.2.3.4 > 10.77.0.10 unreachable",
		"icmp 1.2.3.4 > 10.77.0.10 unreachable len=60",
		"icmp 1.2.3.4 > 10.77.0.10 unreachable inner=(icmp 10.77.0.10 > 1.2.3.4 echo-reply)",
		"icmp 1.2.3.4 > 10.77.0.10 unreachable inner=(ip 10.77.0.10 > 1.2.3.4 proto=17 len=8 frag=8)",
		"icmp 1.2.3.4 > 10.77.0.10 unreachable inner=(ip 10.77.0.10 > 1.2.3.4 proto=17 len=3)",
		"icmp 1.2.3.4 > 10.77.0.10 unreachable inner=(tcp [fd77::10]:80 > [fd77::66]:5000)", // of the other family
		"ip 1.2.3.4 > 10.77.0.10 proto=1 len=60 frag=8",
		"ip 1.2.3.4 > 10.77.0.10 proto=58 len=60",
		"icmp6 fd00::1 > fd77::10 echo-reply len=80",
		"icmp6 fd00::1 > fd77::10 type=5 len=80", // not assigned
		"icmp6 fd00::1 > fd77::10 too-big len=80",
		"icmp6 fd00::1 > fd77::10 too-big inner=(ip fd77::10 > fd77::66 proto=6 len=40 frag=16)",
		"icmp6 fd00::1 > fd77::10 too-big inner=(tcp 10.77.0.10:80 > 10.77.0.66:5000 len=100 ipopts=" + strings.Repeat("01", 40) + ")",
		"tcp 1.2.3.4:1 > 10.77.0.10:2 S",
		"arp who-has 1.2.3.4 tell 1.2.3.5",
	} {
		var in Frame
		if f := mustParse(t, mustText(t, macs+line)); f.Inner(&in) {
			t.Errorf("Inner of %q = true: %+v", line, in)
		}
	}
}

// TestInnerRefusesQuotes changes the first byte of a good quote.
func TestInnerRefusesQuotes(t *testing.T) {
	for _, tt := range []struct {
		line  string
		first byte
		want  bool
	}{
		{"icmp 1.2.3.4 > 10.77.0.10 unreachable inner=(udp 10.77.0.10:53 > 10.77.0.66:5000)", 0x45, true},
		{"icmp 1.2.3.4 > 10.77.0.10 unreachable inner=(udp 10.77.0.10:53 > 10.77.0.66:5000)", 0x55, false},
		{"icmp 1.2.3.4 > 10.77.0.10 unreachable inner=(udp 10.77.0.10:53 > 10.77.0.66:5000)", 0x44, false},
		{"icmp 1.2.3.4 > 10.77.0.10 unreachable inner=(udp 10.77.0.10:53 > 10.77.0.66:5000)", 0x4f, false},
		{"icmp6 fd00::1 > fd77::10 too-big inner=(udp [fd77::10]:53 > [fd77::66]:5000)", 0x6f, true},
		{"icmp6 fd00::1 > fd77::10 too-big inner=(udp [fd77::10]:53 > [fd77::66]:5000)", 0x70, false},
	} {
		f := mustParse(t, mustText(t, macs+tt.line))
		f.Data[f.L4+icmpLen] = tt.first
		var in Frame
		if got := f.Inner(&in); got != tt.want {
			t.Errorf("quote begins with %#02x: Inner = %v", tt.first, got)
		}
		if in.L4 > in.End {
			t.Errorf("quote begins with %#02x: L4, End = %d, %d", tt.first, in.L4, in.End)
		}
	}
}

func TestICMPError(t *testing.T) {
	for typ := range 256 {
		f := mustParse(t, mustText(t, macs+"icmp 1.2.3.4 > 1.2.3.5 echo-request"))
		f.ICMP().SetType(uint8(typ))
		if want := typ == 3 || typ == 11 || typ == 12; f.ICMPError() != want {
			t.Errorf("ICMP type %d: ICMPError = %v", typ, f.ICMPError())
		}
		f = mustParse(t, mustText(t, macs+"icmp6 fd00::9 > fd00::10 echo-request"))
		f.ICMPv6().SetType(uint8(typ))
		if want := 1 <= typ && typ <= 4; f.ICMPError() != want {
			t.Errorf("ICMPv6 type %d: ICMPError = %v", typ, f.ICMPError())
		}
	}
	f := mustParse(t, mustText(t, macs+"ip 1.2.3.4 > 1.2.3.5 proto=1 len=60 frag=8"))
	f.Payload()[0] = ICMPUnreachable
	if f.ICMPError() {
		t.Error("later fragment: ICMPError = true")
	}
}
