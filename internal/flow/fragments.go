// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"encoding/binary"
	"math/bits"
	"net/netip"
	"time"

	"github.com/dchest/siphash"
)

// FragmentLife is how long an entry lives after its Put. Fragments of one
// datagram leave their sender together; RFC 791 section 3.2 lets a receiver wait
// 15 s and RFC 8200 section 4.5 60 s, but the 16-bit id of IPv4 comes round in
// seconds on a fast path (RFC 4963), and a stale entry would lead astray.
const FragmentLife = 5 * time.Second

// ways is how many entries share a set.
const ways = 4

// Fragment names the datagram that a fragment is part of: RFC 791 section 3.2
// for IPv4, RFC 8200 section 4.5 for IPv6, which leaves Proto out, so there the
// caller may set it to 0.
type Fragment struct {
	Src, Dst netip.Addr
	VLAN     uint16 // VID; 0 is untagged
	Proto    uint8
	ID       uint32 // 16 bits in IPv4, 32 in IPv6
}

// Fragments maps the datagrams that arrive in fragments to what was decided over
// the first one. It is owned state: one goroutine uses it, without a lock. Its
// size is fixed, so a flood of fragments costs a flood's worth of entries and no
// memory. A keyed hash chooses the set, so an outsider cannot aim at one.
type Fragments[V any] struct {
	k0, k1 uint64
	mask   uint64 // number of sets less one
	slots  []fragmentSlot[V]
}

// fragmentSlot is empty until it is first used; it is never emptied again, only
// replaced, so it keeps what its value points to reachable until then.
type fragmentSlot[V any] struct {
	key   Fragment
	value V
	put   int64 // when, in the caller's nanoseconds
	used  bool
}

// NewFragments returns a table of at least that many entries: the number is
// rounded up to a power of two, and at least one set of four. The key should be
// secret.
func NewFragments[V any](entries int, key [16]byte) *Fragments[V] {
	sets := 1
	if entries > ways {
		sets = 1 << bits.Len(uint((entries-1)/ways))
	}
	return &Fragments[V]{
		k0:    binary.LittleEndian.Uint64(key[:8]),
		k1:    binary.LittleEndian.Uint64(key[8:]),
		mask:  uint64(sets - 1),
		slots: make([]fragmentSlot[V], sets*ways),
	}
}

// Put remembers v for k, for FragmentLife from now, in nanoseconds of a clock
// that never goes back. What k had before is replaced; else an entry of the set
// whose life is over, else the oldest. It does not allocate.
func (t *Fragments[V]) Put(k Fragment, v V, now int64) {
	set := t.set(k)
	victim := &set[0]
	for i := range set {
		s := &set[i]
		if s.used && s.key == k {
			victim = s
			break
		}
		// An expired entry needs no case of its own: it is older than any
		// that lives.
		if victim.used && (!s.used || s.put < victim.put) {
			victim = s
		}
	}
	*victim = fragmentSlot[V]{key: k, value: v, put: now, used: true}
}

// Get returns what was put for k, while it lives; asking does not prolong that.
// It does not allocate.
func (t *Fragments[V]) Get(k Fragment, now int64) (V, bool) {
	set := t.set(k)
	for i := range set {
		s := &set[i]
		if s.used && s.key == k && now-s.put < int64(FragmentLife) {
			return s.value, true
		}
	}
	var none V
	return none, false
}

// set returns the entries in which k may be.
func (t *Fragments[V]) set(k Fragment) []fragmentSlot[V] {
	var b [16 + 16 + 2 + 1 + 4]byte
	src, dst := k.Src.As16(), k.Dst.As16()
	copy(b[:], src[:])
	copy(b[16:], dst[:])
	binary.BigEndian.PutUint16(b[32:], k.VLAN)
	b[34] = k.Proto
	binary.BigEndian.PutUint32(b[35:], k.ID)
	i := int(siphash.Hash(t.k0, t.k1, b[:])&t.mask) * ways
	return t.slots[i : i+ways : i+ways]
}
