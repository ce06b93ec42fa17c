// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

// warmed is how many keys Warm fetches at once. A core waits for 10 to 16 lines of
// memory at the same time; more would be many that are pushed out again before
// they are used.
const warmed = 64

// Warm fetches what Find needs for keys with these hashes: all buckets first, then
// all entries, so that the fetches of one kind go on side by side. It changes
// nothing.
func (t *Table) Warm(hashes []uint64) {
	for len(hashes) > 0 {
		n := min(len(hashes), warmed)
		t.warm(hashes[:n])
		hashes = hashes[n:]
	}
}

func (t *Table) warm(hashes []uint64) {
	var sum uint32 // so that the compiler keeps the loads
	for _, h := range hashes {
		sum += t.index.at(h).refs[0]
	}
	for _, h := range hashes {
		b := t.index.at(h)
		if i := b.find(tag(h)); i >= 0 {
			sum += uint32(t.flows[b.refs[i]].state)
		}
	}
	t.kept = sum
}
