// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"bytes"
	"testing"
)

// TestIPv6TrafficClassKeepsItsNeighbours shows that version and flow label
// survive: they share bytes with the traffic class.
func TestIPv6TrafficClassKeepsItsNeighbours(t *testing.T) {
	h := IPv6{0x6f, 0xfa, 0xbc, 0xde}
	h.SetTrafficClass(0x12)
	if !bytes.Equal(h, []byte{0x61, 0x2a, 0xbc, 0xde}) {
		t.Errorf("SetTrafficClass: %x", []byte(h))
	}
	h.SetFlowLabel(0xfff54321)
	if !bytes.Equal(h, []byte{0x61, 0x25, 0x43, 0x21}) {
		t.Errorf("SetFlowLabel: %x", []byte(h))
	}
}

// TestInitOfHeaders shows that Init leaves nothing of what was there.
func TestInitOfHeaders(t *testing.T) {
	rubbish := func() []byte { return bytes.Repeat([]byte{0xff}, 64) }
	h4 := IPv4(rubbish())
	h4.Init(24)
	if h4.Version() != 4 || h4.IHL() != 24 || !bytes.Equal(h4[1:20], make([]byte, 19)) || h4[20] != 0xff {
		t.Errorf("IPv4: %x", []byte(h4))
	}
	if len(h4.Options()) != 4 {
		t.Errorf("IPv4: %d bytes of options", len(h4.Options()))
	}
	h6 := IPv6(rubbish())
	h6.Init()
	if h6.Version() != 6 || !bytes.Equal(h6[:40], append([]byte{0x60}, make([]byte, 39)...)) || h6[40] != 0xff {
		t.Errorf("IPv6: %x", []byte(h6))
	}
	arp := ARP(rubbish())
	if arp.Valid() {
		t.Error("ARP: rubbish is valid")
	}
	if arp.Init(); !arp.Valid() || arp[:arpLen-1].Valid() {
		t.Errorf("ARP: %x", []byte(arp))
	}
}

// TestViews shows which bytes of a frame each view covers: padding never.
func TestViews(t *testing.T) {
	f := mustParse(t, mustText(t, macs+"tcp 10.0.0.9:1 > 10.0.0.10:2 S opts=01020304 len=3 ipopts=05060708 vlan=1 pad=5"))
	b := f.Data
	for _, tt := range []struct {
		name      string
		got, want []byte
	}{
		{"Ethernet", f.Ethernet(), b},
		{"IPv4", f.IPv4(), b[18:69]},
		{"IPv4.Options", f.IPv4().Options(), b[38:42]},
		{"TCP", f.TCP(), b[42:69]},
		{"TCP.Options", f.TCP().Options(), []byte{1, 2, 3, 4}},
		{"TCP.Payload", f.TCP().Payload(), b[66:69]},
		{"Payload", f.Payload(), b[42:69]},
	} {
		if !bytes.Equal(tt.got, tt.want) {
			t.Errorf("%s = %x, want %x", tt.name, tt.got, tt.want)
		}
	}
	arp := mustParse(t, parseHex(t, arpRequestHex))
	if len(arp.ARP()) != arpLen || len(arp.Payload()) != 0 {
		t.Errorf("ARP: %d bytes, payload %d", len(arp.ARP()), len(arp.Payload()))
	}
	if other := mustParse(t, parseHex(t, lldpHex)); len(other.Payload()) != 11 {
		t.Errorf("LLDP: payload of %d bytes", len(other.Payload()))
	}
}
