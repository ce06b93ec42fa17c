// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestIsEchoRequest(t *testing.T) {
	for _, tt := range []struct {
		line string
		want bool
	}{
		{"icmp 10.0.0.9 > 10.0.0.10 echo-request len=5", true},
		{"icmp 10.0.0.9 > 10.0.0.10 echo-reply len=5", false},
		{"icmp 10.0.0.9 > 10.0.0.10 echo-request len=8 frag=0+", false},
		{"icmp 10.0.0.9 > 10.0.0.10 type=128 len=5", false},
		{"icmp6 fd00::9 > fd00::10 echo-request", true},
		{"icmp6 fd00::9 > fd00::10 echo-reply", false},
		{"icmp6 fd00::9 > fd00::10 type=8", false},
		{"ip 10.0.0.9 > 10.0.0.10 proto=1 len=8 frag=8", false},
		{"udp 10.0.0.9:1 > 10.0.0.10:2", false},
		{"arp who-has 10.0.0.9 tell 10.0.0.10", false},
	} {
		if got := mustParse(t, mustText(t, macs+tt.line)).IsEchoRequest(); got != tt.want {
			t.Errorf("%s: IsEchoRequest = %v", tt.line, got)
		}
	}
}

// TestReplaceType compares with a checksum over everything: right stays right,
// wrong stays wrong.
func TestReplaceType(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := rapid.SliceOfN(rapid.Byte(), icmpLen, 40).Draw(t, "m")
		m[4] |= 1 // of a message that is zero throughout, either zero would do
		ICMP(m).UpdateChecksum()
		wrong := uint16(rapid.IntRange(0, 0xfffe).Draw(t, "wrong by"))
		ICMP(m).SetChecksum(uint16(fold(uint64(ICMP(m).Checksum()) + uint64(wrong))))
		before := Checksum(m, 0)
		typ := rapid.Byte().Draw(t, "type")
		if rapid.Bool().Draw(t, "IPv6") {
			ICMPv6(m).ReplaceType(typ)
		} else {
			ICMP(m).ReplaceType(typ)
		}
		if after := Checksum(m, 0); m[0] != typ || after != before {
			t.Errorf("off by %#x before, by %#x after", before, after)
		}
	})
}

func TestHeaderLen(t *testing.T) {
	for _, tt := range []struct {
		line string
		want int
	}{
		{"tcp 10.0.0.9:1 > 10.0.0.10:2 A opts=01010101 len=9", 58},
		{"tcp [fd00::9]:1 > [fd00::10]:2 A len=9", 74},
		{"udp 10.0.0.9:1 > 10.0.0.10:2 len=9 vlan=1 ipopts=01010101", 50},
		{"icmp 10.0.0.9 > 10.0.0.10 echo-request len=9", 34},
		{"ip 10.0.0.9 > 10.0.0.10 proto=17 len=9 frag=8", 34},
	} {
		if got := mustParse(t, mustText(t, macs+tt.line)).HeaderLen(); got != tt.want {
			t.Errorf("%s: HeaderLen = %d, want %d", tt.line, got, tt.want)
		}
	}
	b := mustText(t, macs+"udp 10.0.0.9:1 > 10.0.0.10:2 frag=0+")
	IPv4(b[ethernetLen:]).SetProto(ProtoTCP) // 8 bytes of its header
	IPv4(b[ethernetLen:]).UpdateChecksum()
	if got := mustParse(t, b).HeaderLen(); got != 42 {
		t.Errorf("8 bytes of TCP: HeaderLen = %d, want 42", got)
	}
}

// TestLinkStats walks all fields, so that a new one is not forgotten.
func TestLinkStats(t *testing.T) {
	var a, b LinkStats
	va, vb := reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()
	for i := range va.NumField() {
		va.Field(i).SetUint(1 << i)
		vb.Field(i).SetUint(1 << (i + 16))
	}
	sum := a.Add(b)
	for i := range va.NumField() {
		if got := reflect.ValueOf(sum).Field(i).Uint(); got != 1<<i|1<<(i+16) {
			t.Errorf("Add: %s = %#x", va.Type().Field(i).Name, got)
		}
	}
	if got := a.SendErrors(); got != a.SendTooLong|a.SendFull|a.SendDown|a.SendOther {
		t.Errorf("SendErrors = %#x", got)
	}
}
