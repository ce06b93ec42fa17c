// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestStringOfSamples(t *testing.T) {
	for _, s := range samples() {
		t.Run(s.name, func(t *testing.T) {
			b := parseHex(t, s.hex)
			f := Frame{Data: b}
			if diff := cmp.Diff(s.text, f.String()); diff != "" {
				t.Errorf("String (-want +got):\n%s", diff)
			}
			back := mustText(t, s.text)
			if len(back) != len(b) && !strings.Contains(s.text, "inner=") {
				t.Errorf("ParseText: %d bytes of %d", len(back), len(b))
			}
			if !s.lossy && !cmp.Equal(b, back) {
				t.Errorf("ParseText:\n got %x\nwant %x", back, b)
			}
		})
	}
}

// TestTextRoundTrip lists lines in the form that String prints; the frames
// they stand for have the defect at their side.
func TestTextRoundTrip(t *testing.T) {
	for _, tt := range []struct {
		text   string
		defect Defect
	}{
		{"arp who-has 10.0.0.10 tell 10.0.0.9 sha=02:00:00:00:00:99 tha=ff:ff:ff:ff:ff:ff vlan=0", 0},
		{"arp 10.0.0.10 is-at 02:00:00:00:00:01 to 10.0.0.9 tha=00:00:00:00:00:00 pad=18", 0},
		{"tcp 10.0.0.9:1 > 10.0.0.10:2", 0},
		{"tcp 10.0.0.9:1 > 10.0.0.10:2 FSRPAUEC seq=4294967295 ack=1 win=0 urg=7", 0},
		{"tcp 10.0.0.9:1 > 10.0.0.10:2 S opts=020405b4 len=3 csum=bad", 0},
		{"tcp 10.0.0.9:1 > 10.0.0.10:2 A ttl=1 tos=16 id=65535 df=1 ipopts=01010101 ipcsum=bad", DefectChecksum},
		{"tcp 10.0.0.9:1 > 10.0.0.10:2 A len=4 frag=0+", 0},
		{"tcp [::ffff:1.2.3.4]:1 > [fd00::10]:2 R", 0},
		{"udp 10.0.0.9:1 > 10.0.0.10:2 csum=none", 0},
		{"udp 10.0.0.9:1 > 10.0.0.10:2 len=9 ulen=12 csum=bad", 0},
		{"udp [fd00::9]:1 > [fd00::10]:2 len=4 csum=none tos=255 vlan=4095 pad=1", 0},
		{"udp [fd00::9]:1 > [fd00::10]:2 len=4 id=4294967295 frag=0", 0},
		{"icmp 10.0.0.9 > 10.0.0.10 echo-reply id=1 seq=2 len=3 code=4 csum=bad", 0},
		{"icmp 10.0.0.9 > 10.0.0.10 time-exceeded inner=(udp 10.0.0.10:53 > 10.0.0.9:1 id=7 frag=0+) code=1", 0},
		{"icmp 10.0.0.9 > 10.0.0.10 parameter-problem ptr=9 len=30 ttl=3", 0},
		{"icmp 10.0.0.9 > 10.0.0.10 type=13 len=12 code=1", 0},
		{"icmp6 fd00::9 > fd00::10 parameter-problem ptr=4000000000 inner=(udp [fd00::10]:53 > [fd00::9]:1 id=7 frag=0+)", 0},
		{"icmp6 fd00::9 > fd00::10 unreachable len=4 code=4", 0},
		{"icmp6 fd00::9 > fd00::10 type=135 len=15", 0},
		{"icmp6 fd00::9 > ff02::1 na fd00::9 ndopts=0e010000000000000201020000000009 ttl=1", 0},
		{"icmp6 fd00::9 > ff02::1 na fd00::9 flags=R tlla=02:00:00:00:00:09 csum=bad", 0},
		{"ip fd00::9 > fd00::10 proto=59", 0},
		{"ip fd00::9 > fd00::10 proto=60 len=8 id=9 frag=1480+", 0},
		{"ip 10.0.0.9 > 10.0.0.10 proto=58 len=1", 0},
		{"hex 9000 00", 0},
		{"hex 9000", 0},
	} {
		t.Run(tt.text, func(t *testing.T) {
			b := mustText(t, macs+tt.text)
			f := new(Frame)
			if d := f.Parse(b); d != tt.defect {
				t.Errorf("Parse = %v, want %v", d, tt.defect)
			}
			if diff := cmp.Diff(macs+tt.text, f.String()); diff != "" {
				t.Errorf("String (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTextOfBytes shows what String makes of frames for which there are no
// words: their bytes.
func TestTextOfBytes(t *testing.T) {
	for _, b := range [][]byte{
		{},
		{2, 0, 0, 0, 0, 9, 2},
		mustText(t, macs+"hex 0806 0001080006040003"),                                    // ARP cut short
		mustText(t, macs+"hex 0806 0001080006040003"+strings.Repeat("00", 20)),           // ARP operation 3
		mustText(t, macs+"hex 0800 55"),                                                  // IPv4 cut short
		mustText(t, macs+"ip 10.0.0.9 > 10.0.0.10 proto=6 len=8 frag=0+"),                // TCP header cut up
		mustText(t, macs+"ip 10.0.0.9 > 10.0.0.10 proto=6 len=8 ipcsum=bad"),             // two defects
		mustText(t, macs+"tcp 10.0.0.9:1 > 10.0.0.10:2 S len=8 frag=8"),                  // RFC 1858
		mustText(t, macs+"tcp [fd00::9]:1 > [fd00::10]:2 S ext=0:0600050200000100")[:60], // cut short
	} {
		f := Frame{Data: b}
		s := f.String()
		if !strings.Contains(s, "hex") {
			t.Errorf("String = %q, want hex", s)
		}
		if back := mustText(t, s); !cmp.Equal(b, back, cmpopts.EquateEmpty()) {
			t.Errorf("ParseText(%q) = %x, want %x", s, back, b)
		}
	}
}

func TestParseTextRefuses(t *testing.T) {
	for _, tt := range []struct{ line, want string }{
		{"", "want SRC > DST"},
		{"02:00:00:00:00:09 > b tcp", "parse MAC address"},
		{"a > 02:00:00:00:00:09 tcp", "parse MAC address"},
		{macs + "sctp 1.2.3.4 > 1.2.3.5", `unknown word "sctp"`},
		{macs + "tcp 1.2.3.4:1", "want two addresses"},
		{macs + "tcp 1.2.3.4 > 1.2.3.5:1 S", `not "1.2.3.4"`},
		{macs + "tcp 1.2.3.4:1 > [fd00::1]:1 S", "not of one family"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 X", "want letters of"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S A", `unknown word "A"`},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S seq=x", "32 bits"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S win=65536", "from 0 to 65535"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S ttl=1 ttl=2", "given twice"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S slla=1", "no meaning here"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S opts=010101", "multiple of 4"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S opts=zz", "invalid byte"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S csum=no", "want bad"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S frag=7", "multiple of 8"},
		{macs + "tcp 1.2.3.4:1 > 1.2.3.5:1 S len=65535", "too long"},
		{macs + "tcp [fd00::1]:1 > [fd00::2]:1 S len=65535", "too long"},
		{macs + "tcp [fd00::1]:1 > [fd00::2]:1 S id=1", "no meaning here"},
		{macs + "tcp [fd00::1]:1 > [fd00::2]:1 S ext=0", "N:HEX"},
		{macs + "tcp [fd00::1]:1 > [fd00::2]:1 S ext=0: frag=0", "no meaning here"},
		{macs + "udp 1.2.3.4:1 > 1.2.3.5:1 S", `unknown word "S"`},
		{macs + "ip 1.2.3.4 > 1.2.3.5", "want proto=N"},
		{macs + "ip fe80::1%eth0 > fe80::2 proto=1", "want an IP address"},
		{macs + "arp who-has fd00::1 tell 1.2.3.4", "want an IPv4 address"},
		{macs + "arp 1.2.3.4 is-at x to 1.2.3.5", "parse MAC address"},
		{macs + "arp 1.2.3.4", "want arp who-has"},
		{macs + "icmp fd00::1 > fd00::2 echo-request", "does not go with icmp"},
		{macs + "icmp 1.2.3.4 > 1.2.3.5 too-big", "want an ICMP type"},
		{macs + "icmp 1.2.3.4 > 1.2.3.5 unreachable inner=(tcp 1.2.3.4:1)", "inner: want two addresses"},
		{macs + "icmp 1.2.3.4 > 1.2.3.5 unreachable inner=x", "packet in parentheses"},
		{macs + "icmp 1.2.3.4 > 1.2.3.5 unreachable inner=(x", "unbalanced"},
		{macs + "icmp 1.2.3.4 > 1.2.3.5 unreachable )inner(", "unbalanced"},
		{macs + "icmp6 fd00::1 > fd00::2 ns", "want one target"},
		{macs + "icmp6 fd00::1 > fd00::2 na fd00::1 flags=X", "want letters of RSO"},
		{macs + "hex 08", "want an EtherType"},
		{macs + "hex 080", "odd length"},
		{"hex zz", "invalid byte"},
	} {
		b, err := ParseText(tt.line)
		if err == nil || !strings.Contains(err.Error(), tt.want) || b != nil {
			t.Errorf("ParseText(%q) = %x, %v; want an error with %q", tt.line, b, err, tt.want)
		}
	}
}

func TestNames(t *testing.T) {
	got := []string{KindARP.String(), KindIPv6.String(), DefectNone.String(), DefectChecksum.String(), Whole.String(), LaterFragment.String(), Kind(9).String()}
	if diff := cmp.Diff([]string{"arp", "ipv6", "none", "checksum", "whole", "later", "9"}, got); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

// TestWrongChecksums shows that csum=bad is neither right nor UDP's "none".
func TestWrongChecksums(t *testing.T) {
	for c := range 1 << 16 {
		if w := wrong(uint16(c)); w == uint16(c) || w == 0 || int(w)+c == 0xffff && (c == 0 || w == 0) {
			t.Errorf("wrong(%#x) = %#x", c, w)
		}
	}
}
