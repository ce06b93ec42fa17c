// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"encoding/binary"
	mathbits "math/bits"
	"net/netip"
	"strconv"
	"strings"

	"cygnet/acl"
)

// listStep is what a line does to a list.
type listStep struct {
	list      string
	no        bool // it takes out what stands there
	pos       int  // from 1; 0 is the end
	toDefault bool // it is about the default; the action of rule is the new one
	entered   bool // it enters rule, which has a prefix
	rule      acl.Rule
}

// readListStep reads `acl LIST [at POS] permit|deny PREFIX`, `acl LIST default
// permit|deny`, `no acl LIST at POS` and `no acl LIST default`. It is for
// warnings alone, which may be missing: a line is right when the balancer says
// so.
func readListStep(line string) (s listStep, ok bool) {
	words := strings.Fields(line)
	if len(words) > 0 && words[0] == "no" {
		s.no, words = true, words[1:]
	}
	if n := len(words); n > 0 && words[n-1] == "force" {
		words = words[:n-1]
	}
	if len(words) < 3 || words[0] != "acl" {
		return s, false
	}
	s.list, words = words[1], words[2:]
	if words[0] == "default" {
		s.toDefault = true
		if s.no {
			return s, len(words) == 1
		}
		return s, len(words) == 2 && s.rule.Action.UnmarshalText([]byte(words[1])) == nil
	}
	if words[0] == "at" && len(words) > 1 {
		pos, err := strconv.Atoi(words[1])
		if err != nil || pos < 1 {
			return s, false
		}
		s.pos, words = pos, words[2:]
	}
	if s.no {
		return s, s.pos > 0 && len(words) == 0
	}
	s.entered = true
	return s, readRule(&s.rule, words)
}

func readRule(r *acl.Rule, words []string) (ok bool) {
	if len(words) < 2 || r.Action.UnmarshalText([]byte(words[0])) != nil {
		return false
	}
	r.Prefix, ok = readPrefix(words[1:])
	return ok
}

// readPrefix reads ADDR, ADDR/LENGTH, or ADDR MASK as Pen has it.
func readPrefix(words []string) (p netip.Prefix, ok bool) {
	addr, length, hasLength := strings.Cut(words[0], "/")
	a, err := netip.ParseAddr(addr)
	if err != nil || a.Zone() != "" {
		return p, false
	}
	n := a.BitLen()
	switch {
	case hasLength && len(words) == 1:
		if n, err = strconv.Atoi(length); err != nil {
			return p, false
		}
	case hasLength, len(words) > 2:
		return p, false
	case len(words) == 2:
		if n, ok = maskLength(words[1]); !ok || !a.Is4() {
			return p, false
		}
	}
	const mapped = 96 // ::ffff:0:0/96 is all of IPv4
	if a.Is4In6() && n >= mapped {
		a, n = a.Unmap(), n-mapped
	}
	p, err = a.Prefix(n)
	return p, err == nil
}

// maskLength is how many ones a mask begins with, if it has no others.
func maskLength(word string) (int, bool) {
	a, err := netip.ParseAddr(word)
	if err != nil || !a.Is4() {
		return 0, false
	}
	b := a.As4()
	mask := binary.BigEndian.Uint32(b[:])
	n := mathbits.LeadingZeros32(^mask)
	return n, mathbits.OnesCount32(mask) == n
}
