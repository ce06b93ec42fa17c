// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

// warmed is how many keys Warm fetches at once. A core waits for 10 to 16 lines of
// memory at the same time; more would be many that are pushed out again before
// they are used.
const warmed = 64

// Warm fetches what Find needs for keys with these hashes: all buckets first, then
// all entries, so that the fetches of one kind go on side by side. It changes nothing
// of the table. servers, as many as hashes, are given the server that each flow is
// likely to have, or 0.
func (t *Table) Warm(hashes []uint64, servers []uint32) {
	for len(hashes) > 0 {
		n := min(len(hashes), warmed)
		t.warm(hashes[:n], servers[:n])
		hashes, servers = hashes[n:], servers[n:]
	}
}

func (t *Table) warm(hashes []uint64, servers []uint32) {
	var sum uint32 // so that the compiler keeps the loads
	for _, h := range hashes {
		sum += t.index.at(h).refs[0]
	}
	for n, h := range hashes {
		b := t.index.at(h)
		servers[n] = 0
		if i := b.find(tag(h)); i >= 0 {
			servers[n] = t.flows[b.refs[i]].server
		}
	}
	t.kept = sum
}
