// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestMACRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := MAC(rapid.SliceOfN(rapid.Byte(), 6, 6).Draw(t, "m"))
		if got, err := ParseMAC(m.String()); got != m || err != nil {
			t.Errorf("ParseMAC(%q) = %v, %v", m.String(), got, err)
		}
		text, err := m.MarshalText()
		var got MAC
		if err := errors.Join(err, got.UnmarshalText(text)); got != m || err != nil {
			t.Errorf("UnmarshalText(%q) = %v, %v", text, got, err)
		}
		if got := MACFromUint64(m.Uint64()); got != m || m.Uint64()>>48 != 0 {
			t.Errorf("MACFromUint64(%#x) = %v, want %v", m.Uint64(), got, m)
		}
		if n := m.Uint64(); (n == 0) != m.IsZero() || (n>>40&1 == 1) != m.IsGroup() || m.IsUnicast() == (m.IsZero() || m.IsGroup()) {
			t.Errorf("%v: IsZero %v, IsGroup %v, IsUnicast %v", m, m.IsZero(), m.IsGroup(), m.IsUnicast())
		}
	})
}

func TestMACOrder(t *testing.T) {
	m := MAC{0x02, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5}
	if m.String() != "02:a1:b2:c3:d4:e5" || m.Uint64() != 0x02a1b2c3d4e5 || MACFromUint64(0xffff02a1b2c3d4e5) != m {
		t.Errorf("%v, %#x", m, m.Uint64())
	}
	if z := (MAC{}); !z.IsZero() || z.IsGroup() || z.IsUnicast() || z.Uint64() != 0 {
		t.Errorf("zero MAC: %v", z)
	}
	if b := BroadcastMAC(); !b.IsGroup() || b.IsUnicast() || b.Uint64() != 1<<48-1 {
		t.Errorf("BroadcastMAC = %v", b)
	}
}

func TestParseMAC(t *testing.T) {
	if m, err := ParseMAC("02:AB:cd:EF:00:09"); m != (MAC{2, 0xab, 0xcd, 0xef, 0, 9}) || err != nil {
		t.Errorf("upper case: %v, %v", m, err)
	}
	for _, s := range []string{"", "02:00:00:00:00", "02:00:00:00:00:0", "02:00:00:00:00:00:00", "02-00-00-00-00-09",
		"02:00:00:00:00:0g", "0200:0:00:00:00:09", "02:00:00:00:00:09 ", "02:00:00:00:00-09", ":2:00:00:00:00:09", "0200.0000.0009"} {
		if m, err := ParseMAC(s); err == nil || !m.IsZero() {
			t.Errorf("ParseMAC(%q) = %v, %v", s, m, err)
		}
	}
}
