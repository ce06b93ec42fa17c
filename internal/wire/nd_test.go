// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"strings"
	"testing"
)

func TestNeighbourDiscovery(t *testing.T) {
	const (
		ns = "icmp6 fd77::66 > ff02::1:ff00:10 ns fd77::10 "
		na = "icmp6 fd77::10 > fd77::66 na fd77::10 flags=SO "
	)
	nonce := "ndopts=0e010102030405060101020000000009" // RFC 3971, 5.3.2, then the source
	for _, tt := range []struct {
		name, line string
		ns, na     bool
	}{
		{"solicitation", ns + "slla=02:00:00:00:00:09", true, false},
		{"solicitation without option", ns, true, false},
		{"solicitation with a nonce", ns + nonce, true, false},
		{"solicitation to the address itself", "icmp6 fd77::66 > fd77::10 ns fd77::10", true, false},
		{"solicitation in a tagged frame", ns + "vlan=7", true, false},
		{"solicitation in a padded frame", ns + "pad=9", true, false},
		{"duplicate address probe", "icmp6 :: > ff02::1:ff00:10 ns fd77::10", true, false},
		{"probe with a nonce", "icmp6 :: > ff02::1:ff00:10 ns fd77::10 ndopts=0e01010203040506", true, false},
		{"probe that names its source", "icmp6 :: > ff02::1:ff00:10 ns fd77::10 slla=02:00:00:00:00:09", false, false},
		{"probe to the address itself", "icmp6 :: > fd77::10 ns fd77::10", false, false},
		{"probe to all nodes", "icmp6 :: > ff02::1 ns fd77::10", false, false},
		{"advertisement", na + "tlla=02:00:00:00:00:10", false, true},
		{"advertisement without option", na, false, true},
		{"advertisement to all nodes", "icmp6 fd77::10 > ff02::1 na fd77::10 flags=O", false, true},
		{"solicited advertisement to all nodes", "icmp6 fd77::10 > ff02::1 na fd77::10 flags=SO", false, false},

		{"forwarded solicitation", ns + "ttl=254", false, false},
		{"forwarded advertisement", na + "ttl=254", false, false},
		{"code 1", ns + "code=1", false, false},
		{"checksum", ns + "csum=bad", false, false},
		{"multicast target", "icmp6 fd77::66 > ff02::1:ff00:10 ns ff02::1", false, false},
		{"option of length 0", ns + "ndopts=0100020000000009", false, false},
		{"option beyond the end", ns + "ndopts=0102020000000009", false, false},
		{"half an option", ns + "ndopts=01010200", false, false},
		{"no target", "icmp6 fd77::66 > ff02::1:ff00:10 type=135 len=15 ttl=255", false, false},
		{"extension header", ns + "ext=60:3a00010400000000", false, false},
		{"first fragment", ns + "slla=02:00:00:00:00:09 frag=0+", false, false},
		{"atomic fragment", ns + "frag=0", false, false},
		{"ping", "icmp6 fd77::66 > fd77::10 echo-request len=16 ttl=255", false, false},
		{"the same bytes over IPv4", "ip 10.0.0.9 > 10.0.0.10 proto=58 len=24 ttl=255", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := mustParse(t, mustText(t, macs+tt.line))
			if got := f.IsNeighbourSolicitation(); got != tt.ns {
				t.Errorf("IsNeighbourSolicitation = %v", got)
			}
			if got := f.IsNeighbourAdvertisement(); got != tt.na {
				t.Errorf("IsNeighbourAdvertisement = %v", got)
			}
			if f.Kind == KindIPv6 && (f.ND().Target() != addr("fd77::10")) && tt.ns {
				t.Errorf("Target = %v", f.ND().Target())
			}
		})
	}
}

func TestNDLinkLayerOptions(t *testing.T) {
	nine := MAC{2, 0, 0, 0, 0, 9}
	const head = macs + "icmp6 fd77::66 > ff02::1:ff00:10 ns fd77::10 "
	for _, tt := range []struct {
		options        string
		source, target MAC
	}{
		{"slla=02:00:00:00:00:09", nine, MAC{}},
		{"ndopts=0201020000000009", MAC{}, nine},
		{"ndopts=0e010102030405060101020000000009", nine, MAC{}},            // after a nonce
		{"ndopts=0102020000000009" + strings.Repeat("00", 8), MAC{}, MAC{}}, // of 14 bytes: not Ethernet's
		{"ndopts=0100020000000009", MAC{}, MAC{}},
		{"ndopts=01010200", MAC{}, MAC{}},
		{"", MAC{}, MAC{}},
	} {
		nd := mustParse(t, mustText(t, head+tt.options)).ND()
		if m, ok := nd.SourceLinkLayer(); m != tt.source || ok == m.IsZero() {
			t.Errorf("%s: SourceLinkLayer = %v, %v", tt.options, m, ok)
		}
		if m, ok := nd.TargetLinkLayer(); m != tt.target || ok == m.IsZero() {
			t.Errorf("%s: TargetLinkLayer = %v, %v", tt.options, m, ok)
		}
	}
	if _, ok := ND(make([]byte, 8)).SourceLinkLayer(); ok {
		t.Error("SourceLinkLayer of 8 bytes")
	}
}

// TestAnswerInPlace builds an advertisement with the setters over a buffer of
// zeros, as the engine does, and compares it with the sample.
func TestAnswerInPlace(t *testing.T) {
	vip, client, mac := addr("fd77::10"), addr("fd77::66"), MAC{2, 0, 0, 0, 0, 0x10}
	b := make([]byte, ethernetLen+ipv6Len+ndLen+ndOptionLen)
	e := Ethernet(b)
	e.SetDst(MAC{2, 0, 0, 0, 0, 9})
	e.SetSrc(mac)
	e.SetType(EtherTypeIPv6)
	h := IPv6(b[ethernetLen:])
	h.Init()
	h.SetPayloadLen(ndLen + ndOptionLen)
	h.SetNextHeader(ProtoICMPv6)
	h.SetHopLimit(ndHopLimit)
	h.SetSrc(vip)
	h.SetDst(client)
	m := ICMPv6(h[ipv6Len:])
	m.SetType(ICMPv6NeighbourAdvertisement)
	ND(m).SetFlags(NDSolicited | NDOverride)
	ND(m).SetTarget(vip)
	ND(m).SetTargetLinkLayer(mac)
	m.UpdateChecksum(vip, client)
	if want := parseHex(t, advertisementHex); string(b) != string(want) {
		t.Errorf("got  %x\nwant %x", b, want)
	}
}

func TestGroups(t *testing.T) {
	group := SolicitedNode(addr("fe80::2aa:ff:fe28:9c5a")) // the example of RFC 4291, 2.7.1 has its last 24 bits alike
	if group != addr("ff02::1:ff28:9c5a") {
		t.Errorf("SolicitedNode = %v", group)
	}
	if m := MulticastMAC(group); m.String() != "33:33:ff:28:9c:5a" {
		t.Errorf("MulticastMAC = %v", m)
	}
}
