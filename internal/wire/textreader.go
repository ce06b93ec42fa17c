// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// textReader hands out the key=value words of a line. The first thing that is
// wrong sticks, and what is asked for after it is of no use; finish tells.
type textReader struct {
	words map[string]string
	err   error
}

// newTextReader sorts the words of a line into those without = and the others.
func newTextReader(tokens []string) (fixed []string, w *textReader) {
	w = &textReader{words: map[string]string{}}
	for _, s := range tokens {
		key, value, found := strings.Cut(s, "=")
		switch {
		case !found:
			fixed = append(fixed, s)
		case w.has(key):
			w.fail(fmt.Errorf("%s= is given twice", key))
		default:
			w.words[key] = value
		}
	}
	return fixed, w
}

// finish returns what was wrong, or names a word that nobody asked for.
func (w *textReader) finish() error {
	if w.err == nil && len(w.words) > 0 {
		key := slices.Sorted(maps.Keys(w.words))[0]
		return fmt.Errorf("%s=%s has no meaning here", key, w.words[key])
	}
	return w.err
}

func (w *textReader) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

func (w *textReader) has(key string) bool {
	_, ok := w.words[key]
	return ok
}

// take returns the value of key, empty if there is none, and crosses it out.
func (w *textReader) take(key string) string {
	s := w.words[key]
	delete(w.words, key)
	return s
}

// none refuses words without = that a line has too many.
func (w *textReader) none(fixed []string) {
	if len(fixed) > 0 {
		w.fail(fmt.Errorf("unknown word %q", fixed[0]))
	}
}

// number returns the value of key, 0 to most; 0 if it is wrong.
func (w *textReader) number(key string, byDefault, most int) int {
	if !w.has(key) {
		return byDefault
	}
	s := w.take(key)
	v, err := strconv.ParseUint(s, 10, 32)
	if err != nil || v > uint64(most) {
		w.fail(fmt.Errorf("%s=%s: want a number from 0 to %d", key, s, most))
		return 0
	}
	return int(v)
}

// number32 returns the value of key as a number of 32 bits, 0 by default.
func (w *textReader) number32(key string) uint32 {
	if !w.has(key) {
		return 0
	}
	s := w.take(key)
	v, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		w.fail(fmt.Errorf("%s=%s: want a number of 32 bits", key, s))
	}
	return uint32(v)
}

// oneOf returns the value of key, which is empty or one of those allowed.
func (w *textReader) oneOf(key string, allowed ...string) string {
	if !w.has(key) {
		return ""
	}
	s := w.take(key)
	if !slices.Contains(allowed, s) {
		w.fail(fmt.Errorf("%s=%s: want %s", key, s, strings.Join(allowed, " or ")))
	}
	return s
}

func (w *textReader) hex(key string) []byte {
	b, err := hex.DecodeString(w.take(key))
	if err != nil {
		w.fail(fmt.Errorf("%s: %w", key, err))
	}
	return b
}

// options returns IP or TCP options: at most 40 bytes, in words of 4.
func (w *textReader) options(key string) []byte {
	b := w.hex(key)
	if len(b)%4 != 0 || len(b) > 40 {
		w.fail(fmt.Errorf("%s: want a multiple of 4 bytes, at most 40", key))
		return nil
	}
	return b
}

func (w *textReader) mac(key string, byDefault MAC) MAC {
	if !w.has(key) {
		return byDefault
	}
	m, err := ParseMAC(w.take(key))
	w.fail(err)
	return m
}

// addr returns an address without zone, 0.0.0.0 if it is wrong.
func (w *textReader) addr(s string) netip.Addr {
	a, err := netip.ParseAddr(s)
	if err != nil || a.Zone() != "" {
		w.fail(fmt.Errorf("want an IP address, not %q", s))
		return netip.IPv4Unspecified()
	}
	return a
}

func (w *textReader) ipv4Addr(s string) netip.Addr {
	a := w.addr(s)
	if !a.Is4() {
		w.fail(fmt.Errorf("want an IPv4 address, not %q", s))
		return netip.IPv4Unspecified()
	}
	return a
}

// addrPort returns an address and port, 0.0.0.0:0 if it is wrong.
func (w *textReader) addrPort(s string) netip.AddrPort {
	a, err := netip.ParseAddrPort(s)
	if err != nil || a.Addr().Zone() != "" {
		w.fail(fmt.Errorf("want an IP address with a port, not %q", s))
		return netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	}
	return a
}

// fragment returns the offset in bytes, whether more fragments follow, and
// whether frag= is there at all.
func (w *textReader) fragment() (offset int, more, given bool) {
	if !w.has("frag") {
		return 0, false, false
	}
	s := w.take("frag")
	digits, more := strings.CutSuffix(s, "+")
	v, err := strconv.ParseUint(digits, 10, 16)
	if err != nil || v%8 != 0 {
		w.fail(fmt.Errorf("frag=%s: want a multiple of 8 up to 65528, and + if more follow", s))
	}
	return int(v), more, true
}

// extensions returns the chain of extension headers before a packet's
// transport header, and the number of the first header.
func (w *textReader) extensions(p textPacket) (next uint8, chain []byte) {
	if w.has("ext") {
		s := w.take("ext")
		number, digits, found := strings.Cut(s, ":")
		n, err := strconv.ParseUint(number, 10, 8)
		chain, herr := hex.DecodeString(digits)
		if !found || err != nil || herr != nil {
			w.fail(fmt.Errorf("ext=%s: want N:HEX", s))
		}
		return uint8(n), chain
	}
	offset, more, given := w.fragment()
	if !given {
		return p.proto, nil
	}
	field := uint16(offset)
	if more {
		field |= 1
	}
	chain = binary.BigEndian.AppendUint16([]byte{p.proto, 0}, field)
	return protoFragment, binary.BigEndian.AppendUint32(chain, w.number32(p.idKey))
}
