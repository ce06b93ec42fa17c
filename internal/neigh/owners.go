// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"encoding/binary"
	"net/netip"
	"sync/atomic"
	"time"
)

// OwnerLife is how long an ARP sender keeps its address from being captured:
// LaBrea's culling time.
const OwnerLife = 40 * time.Minute

const (
	ownerSets = 2048 // a power of two
	ownerWays = 8    // one cache line of 8-byte entries
)

// Owners remembers which IPv4 addresses were heard as ARP senders of late:
// 16384 of them in 128 KiB, whatever the segment sends. Where a set is full
// the one heard longest ago is forgotten. One goroutine calls Seen; Has is safe
// for concurrent use and does not allocate.
type Owners struct {
	// An entry is the address in the upper half and the second it was last
	// heard, counted from 1, in the lower; 0 is free.
	sets [ownerSets][ownerWays]atomic.Uint64
}

// NewOwners returns an empty memory.
func NewOwners() *Owners { return new(Owners) }

// Seen notes that a was heard at now. Addresses that are not IPv4 are ignored.
func (o *Owners) Seen(a netip.Addr, now int64) {
	if !a.Is4() {
		return
	}
	key, set := o.set(a)
	oldest := &set[0]
	for i := range set {
		e := set[i].Load()
		if e>>32 == key || e == 0 {
			oldest = &set[i]
			break
		}
		if uint32(e) < uint32(oldest.Load()) {
			oldest = &set[i]
		}
	}
	oldest.Store(key<<32 | uint64(seconds(now)))
}

// Has says whether a was heard within OwnerLife before now.
func (o *Owners) Has(a netip.Addr, now int64) bool {
	if !a.Is4() {
		return false
	}
	key, set := o.set(a)
	for i := range set {
		if e := set[i].Load(); e != 0 && e>>32 == key {
			return young(now, e)
		}
	}
	return false
}

// young says whether an entry's life is not over. The entry may be newer than
// now: readers see a coarse time.
func young(now int64, entry uint64) bool {
	return int32(seconds(now)-uint32(entry)) < int32(OwnerLife/time.Second)
}

// Count returns how many addresses were heard within OwnerLife before now.
func (o *Owners) Count(now int64) int {
	n := 0
	for s := range o.sets {
		for i := range o.sets[s] {
			if e := o.sets[s][i].Load(); e != 0 && young(now, e) {
				n++
			}
		}
	}
	return n
}

// set finds where a belongs. Neighbouring addresses fall into different sets:
// multiplying by 2^32 divided by the golden ratio (Knuth, TAOCP 6.4) spreads
// them.
func (o *Owners) set(a netip.Addr) (key uint64, set *[ownerWays]atomic.Uint64) {
	b := a.As4()
	k := binary.BigEndian.Uint32(b[:])
	return uint64(k), &o.sets[(k*0x9e3779b1)>>(32-11)]
}

func seconds(now int64) uint32 { return uint32(now/int64(time.Second)) + 1 }
