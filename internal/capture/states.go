// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"encoding/binary"
	"net/netip"
	"sync/atomic"
	"time"
)

// OwnerLife is how long a host that was heard keeps its address from being
// captured: LaBrea's culling time. Each time it is heard it starts anew.
const OwnerLife = 40 * time.Minute

const (
	stateSets = 2048 // a power of two
	stateWays = 8
)

// States remembers what is known of addresses: 16384 of them in 512 KiB, whatever
// the segment sends. The Capturer alone writes.
type States struct {
	sets [stateSets][stateWays]slot
}

// slot is one address and what is known of it. The word is 0 while the slot is
// empty and while its key changes; its generation tells a reader that the key
// changed between two looks at the word.
type slot struct {
	word   atomic.Uint64
	hi, lo atomic.Uint64 // the key: the address as 16 bytes

	generation uint64 // the writer's, of the key
}

// The parts of a word: the state, whether it is for ever, the generation of the key,
// never 0, and the second at which an owner was heard.
const (
	wordState      = 0x07
	wordHeld       = 0x80
	wordGeneration = 0xffffff00
	generationAt   = 8
	generationMax  = 1<<24 - 1
	secondAt       = 32
)

// Of returns the state of a. It is safe for concurrent use and does not allocate.
// now may be some seconds behind the Capturer's.
func (s *States) Of(a netip.Addr, now int64) State {
	hi, lo := keyOf(a)
	set := &s.sets[setOf(hi, lo)]
	for i := range set {
		if word := set[i].load(hi, lo); word != 0 {
			return stateAt(word, now)
		}
	}
	return Unknown
}

// load returns the word if the key is the given one, otherwise 0.
func (s *slot) load(hi, lo uint64) uint64 {
	before := s.word.Load()
	if before == 0 || s.hi.Load() != hi || s.lo.Load() != lo {
		return 0
	}
	return s.again(before)
}

// again returns the word as it is now, 0 if the key is not that of before.
func (s *slot) again(before uint64) uint64 {
	after := s.word.Load()
	if (before^after)&wordGeneration != 0 {
		return 0
	}
	return after
}

// take makes the slot that of another address, with nothing to read yet.
func (s *slot) take(a netip.Addr) {
	s.word.Store(0)
	s.generation = s.generation%generationMax + 1
	hi, lo := keyOf(a)
	s.hi.Store(hi)
	s.lo.Store(lo)
}

func stateAt(word uint64, now int64) State {
	state := State(word & wordState)
	if state == Owned && word&wordHeld == 0 && !young(uint32(word>>secondAt), now) {
		return Unknown
	}
	return state
}

// young says whether an owner heard in that second still counts at now, which may
// be before it: readers see a coarse time.
func young(heard uint32, now int64) bool {
	return int32(second(now)-heard) < int32(OwnerLife/time.Second)
}

func second(now int64) uint32 { return uint32(now / int64(time.Second)) }

func keyOf(a netip.Addr) (hi, lo uint64) {
	b := a.As16()
	return binary.BigEndian.Uint64(b[:8]), binary.BigEndian.Uint64(b[8:])
}

// setOf finds where a key belongs. Neighbouring addresses fall into different sets:
// multiplying by 2^64 divided by the golden ratio (Knuth, TAOCP 6.4) spreads them.
func setOf(hi, lo uint64) int { return int(mix(hi, lo) >> (64 - 11)) }

func mix(hi, lo uint64) uint64 {
	const golden = 0x9e3779b97f4a7c15
	return ((hi*golden)>>32 ^ lo) * golden
}
