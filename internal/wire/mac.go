// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import "fmt"

// MAC is an IEEE 802 48-bit address in the order it has on the wire. The zero
// MAC stands for "not known".
type MAC [6]byte

// BroadcastMAC returns ff:ff:ff:ff:ff:ff.
func BroadcastMAC() MAC {
	return MAC{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}
}

// MACFromUint64 is the inverse of MAC.Uint64; it ignores the upper 16 bits.
func MACFromUint64(v uint64) MAC {
	return MAC{byte(v >> 40), byte(v >> 32), byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
}

// ParseMAC reads six pairs of hexadecimal digits with colons between them, the
// form that MAC.String prints; upper case is taken too.
func ParseMAC(s string) (MAC, error) {
	var m MAC
	if len(s) != 17 {
		return MAC{}, fmt.Errorf("parse MAC address %q: want aa:bb:cc:dd:ee:ff", s)
	}
	for i := range m {
		hi, ok1 := hexDigit(s[3*i])
		lo, ok2 := hexDigit(s[3*i+1])
		if !ok1 || !ok2 || i < 5 && s[3*i+2] != ':' {
			return MAC{}, fmt.Errorf("parse MAC address %q: want aa:bb:cc:dd:ee:ff", s)
		}
		m[i] = hi<<4 | lo
	}
	return m, nil
}

// String returns the address as aa:bb:cc:dd:ee:ff.
func (m MAC) String() string {
	const digits = "0123456789abcdef"
	var s [17]byte
	for i, b := range m {
		s[3*i], s[3*i+1] = digits[b>>4], digits[b&0x0f]
		if i < 5 {
			s[3*i+2] = ':'
		}
	}
	return string(s[:])
}

// MarshalText returns what String does.
func (m MAC) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what ParseMAC does.
func (m *MAC) UnmarshalText(text []byte) (err error) {
	*m, err = ParseMAC(string(text))
	return err
}

// Uint64 returns the address as a big-endian number in the low 48 bits, so
// that an atomic.Uint64 can hold it. 0 is the zero MAC.
func (m MAC) Uint64() uint64 {
	return uint64(m[0])<<40 | uint64(m[1])<<32 | uint64(m[2])<<24 |
		uint64(m[3])<<16 | uint64(m[4])<<8 | uint64(m[5])
}

// IsZero reports whether m is 00:00:00:00:00:00.
func (m MAC) IsZero() bool {
	return m == MAC{}
}

// IsGroup reports whether m is a multicast address or the broadcast address:
// the I/G bit is set (IEEE 802-2014, 8.2.2).
func (m MAC) IsGroup() bool {
	return m[0]&1 != 0
}

// IsUnicast reports whether m can be the address of one station: it is
// neither zero nor a group.
func (m MAC) IsUnicast() bool {
	return !m.IsGroup() && !m.IsZero()
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
