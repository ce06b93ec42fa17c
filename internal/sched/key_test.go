// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import (
	"net/netip"
	"testing"
)

// key is 00 01 02 ... 0f, as in SipHash's reference vectors.
func key() Key {
	var k Key
	for i := range k {
		k[i] = byte(i)
	}
	return k
}

// The reference vector of SipHash-2-4 for the 18 bytes 00 01 ... 11, from
// vectors.h of github.com/veorq/SipHash.
func TestClientIsSipHash(t *testing.T) {
	a := netip.MustParseAddr("0001:0203:0405:0607:0809:0a0b:0c0d:0e0f")
	if got, want := key().Client(a, 0x1011), uint64(0x4bc1b3f0968dd39c); got != want {
		t.Errorf("Client = %#x, want %#x", got, want)
	}
}

func TestClientTellsApart(t *testing.T) {
	a, b := netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("10.0.0.2")
	base := key().Client(a, 80)
	if got := key().Client(netip.MustParseAddr("::ffff:10.0.0.1"), 80); got != base {
		t.Error("the mapped address hashes otherwise")
	}
	other := key()
	other[15] ^= 1
	for name, got := range map[string]uint64{
		"address": key().Client(b, 80),
		"port":    key().Client(a, 81),
		"key":     other.Client(a, 80),
	} {
		if got == base {
			t.Errorf("another %s gives the same hash", name)
		}
	}
}

func TestModes(t *testing.T) {
	for _, tt := range []struct {
		mode  Mode
		word  string
		ports bool
	}{
		{Hash, "hash", false},
		{RoundRobin, "roundrobin", true},
		{Weight, "weight", false},
		{Prio, "prio", false},
		{LeastConn, "leastconn", true},
	} {
		if tt.mode.String() != tt.word || tt.mode.Ports() != tt.ports {
			t.Errorf("mode %d is %q, ports %v; want %q, %v", tt.mode, tt.mode, tt.mode.Ports(), tt.word, tt.ports)
		}
	}
}
