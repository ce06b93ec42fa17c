// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"cmp"
	"encoding/binary"
	"math"
	"math/bits"
	"net/netip"
	"slices"
)

// number is an address as one; one of IPv4 fills the lower half only.
type number struct{ high, low uint64 }

func numberOf(a netip.Addr) number {
	if a.Is4() {
		b := a.As4()
		return number{low: uint64(binary.BigEndian.Uint32(b[:]))}
	}
	b := a.As16()
	return number{binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])}
}

func (n number) compare(o number) int {
	if n.high != o.high {
		return cmp.Compare(n.high, o.high)
	}
	return cmp.Compare(n.low, o.low)
}

// next is the number after n; false where there is none in that many bits.
func (n number) next(width int) (number, bool) {
	if width == 32 {
		return number{low: n.low + 1}, n.low < math.MaxUint32
	}
	low, carry := bits.Add64(n.low, 1, 0)
	high, over := bits.Add64(n.high, 0, carry)
	return number{high, low}, over == 0
}

// span is one prefix of a list.
type span struct {
	first number
	order int32 // among all prefixes of the list: the earlier one decides
	bits  uint8
}

func spanOf(p netip.Prefix, order int) span {
	return span{numberOf(p.Addr()), int32(order), uint8(p.Bits())}
}

// last is the last address of s, in that many bits.
func (s span) last(width int) number {
	last := s.first
	if host := width - int(s.bits); host < 64 {
		last.low |= 1<<host - 1
	} else {
		last.low, last.high = math.MaxUint64, last.high|(1<<(host-64)-1)
	}
	return last
}

// compare puts what lies within s behind s.
func (s span) compare(o span) int {
	switch {
	case s.first != o.first:
		return s.first.compare(o.first)
	case s.bits != o.bits:
		return int(s.bits) - int(o.bits)
	}
	return int(s.order) - int(o.order)
}

// nobody is the order of what no prefix covers.
const nobody = -1

// part is where another prefix begins to decide; it ends where the next part
// begins.
type part struct {
	first   number
	decides int32 // the order of a prefix, or nobody
}

// sweep returns, in order, the parts into which prefixes of one family, of that many
// bits, cut all addresses. Prefixes lie within each other or apart, so that those
// that are open at an address are a stack, of which the outermost came first.
func sweep(spans []span, width int) []part {
	slices.SortFunc(spans, span.compare)
	type open struct {
		last    number
		decides int32 // the earliest of those that are open, up to this one
	}
	var stack []open
	parts := append(make([]part, 0, len(spans)+len(spans)/4+1), part{decides: nobody})
	begin := func(first number, decides int32) {
		at := &parts[len(parts)-1]
		if at.first != first {
			parts = append(parts, part{first: first})
			at = &parts[len(parts)-1]
		}
		at.decides = decides
	}
	decides := func() int32 {
		if len(stack) == 0 {
			return nobody
		}
		return stack[len(stack)-1].decides
	}
	closeOne := func() {
		last := stack[len(stack)-1].last
		stack = stack[:len(stack)-1]
		if first, more := last.next(width); more {
			begin(first, decides())
		}
	}
	for i := range spans {
		s := &spans[i]
		for len(stack) > 0 && stack[len(stack)-1].last.compare(s.first) < 0 {
			closeOne()
		}
		by := s.order
		if outer := decides(); outer != nobody {
			by = min(by, outer)
		}
		stack = append(stack, open{s.last(width), by})
		begin(s.first, by)
	}
	for len(stack) > 0 {
		closeOne()
	}
	return slices.CompactFunc(parts, func(a, b part) bool { return a.decides == b.decides })
}
