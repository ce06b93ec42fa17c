// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import "hash/maphash"

// slots is how many entries a bucket can name: as many as fit a cache line.
const slots = 10

// load is how many entries a bucket names on average when all are in use. At 4
// of 10, one bucket in 350 of a full table overflows.
const load = 4

// bucket is 64 bytes, a cache line: for each entry in it a part of the hash of
// its key, and where it is. The tags of a bucket differ, so a lookup never has
// to look at a second entry. Zeroed, it is empty.
type bucket struct {
	tags [slots]uint16 // 0: no entry
	refs [slots]uint32
	_    uint32
}

// index finds entries by the hash of their keys; the keys are compared by whoever
// has the entries. The hash is keyed by a secret of this index, so nobody can aim
// at a bucket. State: owned, by a Table.
type index struct {
	seed    maphash.Seed
	buckets []bucket
}

// newIndex returns one for that many entries.
func newIndex(entries int) index {
	return index{seed: maphash.MakeSeed(), buckets: make([]bucket, max(1, (entries+load-1)/load))}
}

// hash returns the hash of a key in this index. Its upper half chooses the bucket.
func (x *index) hash(key []byte) uint64 { return maphash.Bytes(x.seed, key) }

// at returns the bucket of a hash.
func (x *index) at(hash uint64) *bucket {
	return &x.buckets[hash>>32*uint64(len(x.buckets))>>32]
}

// tag returns what a bucket keeps of a hash.
func tag(hash uint64) uint16 { return max(1, uint16(hash)) }

// find returns the slot of a tag, or with 0 one without an entry; -1 if there is
// none.
func (b *bucket) find(tag uint16) int {
	for i := range b.tags {
		if b.tags[i] == tag {
			return i
		}
	}
	return -1
}

// remove takes the entry of that hash, which must be there, out of the index and
// returns where it is.
func (x *index) remove(hash uint64) (ref uint32) {
	b := x.at(hash)
	i := b.find(tag(hash))
	b.tags[i] = 0
	return b.refs[i]
}
