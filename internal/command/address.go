// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/netip"
	"strings"

	"cygnet/internal/config"
)

// address reads a literal IPv4 or IPv6 address. Zones and IPv4 in IPv6 are
// refused: neither is ever on the wire.
func address(what, word string) (netip.Addr, error) {
	a, err := netip.ParseAddr(word)
	switch {
	case word == "any" || word == "all":
		return a, refuse("every IPv4 address is 0.0.0.0/0, every IPv6 address ::/0", "%s %s: not an IPv4 or IPv6 address", what, quoted(word))
	case err != nil:
		return a, refuse("an address is written 10.77.0.10 or fd00::10", "%s %s: not an IPv4 or IPv6 address", what, quoted(word))
	case a.Zone() != "":
		return a, refuse("write "+a.WithZone("").String()+"; dsr_if says which interface", "%s %s: an address with a zone", what, quoted(word))
	case a.Is4In6():
		return a, refuse("write "+a.Unmap().String(), "%s %s: an IPv4 address written as IPv6", what, quoted(word))
	}
	return a, nil
}

// endpoint splits A.B.C.D[:PORT], V6 or [V6][:PORT]; portWord is empty where
// there is none.
func endpoint(what, word string) (a netip.Addr, portWord string, err error) {
	const forms = "it is written A.B.C.D[:PORT], V6 or [V6][:PORT]"
	host := word
	if inner, ok := strings.CutPrefix(word, "["); ok {
		var closed bool
		if host, portWord, closed = strings.Cut(inner, "]"); !closed {
			return a, "", refuse(forms, "%s %s: the bracket is not closed", what, quoted(word))
		}
		if portWord, ok = strings.CutPrefix(portWord, ":"); !ok && portWord != "" || ok && portWord == "" {
			return a, "", refuse(forms, "%s %s: not an address and port", what, quoted(word))
		}
		if a, err = address(what, host); err == nil && a.Is4() {
			err = refuse(forms, "%s %s: brackets are for IPv6", what, quoted(word))
		}
		return a, portWord, err
	}
	if strings.Count(word, ":") == 1 {
		if host, portWord, _ = strings.Cut(word, ":"); portWord == "" {
			return a, "", refuse(forms, "%s %s: no port after the colon", what, quoted(word))
		}
		if host == "" {
			return a, "", refuse(forms, "%s %s: no address before the colon", what, quoted(word))
		}
	}
	a, err = address(what, host)
	return a, portWord, err
}

// host reads HOST: a literal, or a name that is resolved here and now, to an
// address of the wanted family if it has one (want invalid: any).
func (s *session) host(what, word string, want netip.Addr) (netip.Addr, error) {
	if !isHostName(word) {
		return address(what, word)
	}
	if s.live && !s.who.Owner { // everyone else would wait for the answer
		return netip.Addr{}, refuse("give its address", "%s %s: only root and Cygnet's own user may have names resolved", what, quoted(word))
	}
	if s.parser.Resolve == nil {
		return netip.Addr{}, refuse("give its address", "%s %s: names are not resolved here", what, quoted(word))
	}
	all, err := s.parser.Resolve(word)
	if err != nil {
		return netip.Addr{}, refuse("give its address, or see to it that the name resolves", "%s %s: %v", what, quoted(word), err)
	}
	var found []netip.Addr
	for _, a := range all {
		if a = a.Unmap().WithZone(""); a.IsValid() && (!want.IsValid() || a.Is4() == want.Is4()) {
			found = append(found, a)
		}
	}
	if len(found) == 0 {
		return netip.Addr{}, refuse("give its address", "%s %s: the name has no address of the VIP's family", what, quoted(word))
	}
	if len(found) > 1 {
		s.note("%s %s is %s, the first of %d addresses", what, word, found[0], len(found))
	} else {
		s.note("%s %s is %s", what, word, found[0])
	}
	return found[0], nil
}

// isHostName tells names from malformed addresses, which must not be asked of
// a name server: a name has no colon, and its last label is not a number
// (RFC 1123 2.1).
func isHostName(word string) bool {
	if word == "" || len(word) > 253 || strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != "" {
		return false
	}
	last := strings.TrimSuffix(word, ".")
	last = last[strings.LastIndexByte(last, '.')+1:]
	return last != "" && !isDigits(last) && last[0] != '-'
}

// prefix reads PREFIX, of one word or (IPv4 and a mask) two, and returns what
// follows. Host bits are masked off, with a note.
func (s *session) prefix(what string, args []string) (p netip.Prefix, rest []string, err error) {
	if len(args) == 0 {
		return p, nil, missing(what, "PREFIX")
	}
	word, rest := args[0], args[1:]
	addrWord, length, hasLength := strings.Cut(word, "/")
	a, err := address(what, addrWord)
	if err != nil {
		return p, nil, err
	}
	n := a.BitLen()
	switch {
	case hasLength:
		if n, err = number(what+" "+quoted(word)+": length", length, a.BitLen()); err != nil {
			return p, nil, err
		}
	case a.Is4() && len(rest) > 0 && rest[0] != "" && rest[0][0] >= '0' && rest[0][0] <= '9':
		word += " " + rest[0]
		if n, err = maskLength(what+" "+addrWord, rest[0]); err != nil {
			return p, nil, err
		}
		rest = rest[1:]
	}
	p = netip.PrefixFrom(a, n)
	if m := p.Masked(); m != p {
		s.note("%s %s: bits of a host are set; taken as %s", what, word, m)
		p = m
	}
	return p, rest, nil
}

// maskLength reads a dotted mask. One with holes is refused: no prefix can say
// it, and Pen's users who wrote one mistyped.
func maskLength(what, word string) (int, error) {
	const hint = "a mask is as 255.255.255.0; or write the length: 10.77.0.0/24"
	a, err := netip.ParseAddr(word)
	if err != nil || !a.Is4() {
		return 0, refuse(hint, "%s: mask %s: not a mask", what, quoted(word))
	}
	b := a.As4()
	mask := binary.BigEndian.Uint32(b[:])
	ones := bits.LeadingZeros32(^mask)
	if ones < 32 && mask<<ones != 0 {
		return 0, refuse(hint, "%s: mask %s: not contiguous, a one follows a zero", what, word)
	}
	return ones, nil
}

// in is how a message about service s.service begins.
func (s *session) in(format string, args ...any) string {
	what := fmt.Sprintf(format, args...)
	if s.service == config.DefaultService {
		return what
	}
	return "service " + s.service + " " + what
}
