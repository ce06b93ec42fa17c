// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

// Plan says who serves: derived state, immutable, safe for any number of
// concurrent readers.
//
// The table is made of the servers that are configured, not of those that are
// usable at the moment. Who may serve is asked at each choice, so that a server
// that goes away moves only its own flows, and one that comes back gets exactly
// its old slots again.
type Plan struct {
	groups []group // in the order in which they are asked
}

// group is servers among which flows are spread.
type group struct {
	members []int  // indices into the servers given to Compile, ranked
	slots   *slots // indices into members, Slots of them
}

// retries is how often a choice that fell on an unusable server is made again
// by chance, before the members are simply tried in turn. With half of the
// servers gone, one flow in 500 gets that far.
const retries = 8

// Pick returns the index, into the servers given to Compile, of the one that
// serves the client with this hash; -1 if usable says no to all. usable must
// give one answer for one index throughout the call. It does not allocate.
func (p *Plan) Pick(hash uint64, usable func(i int) bool) int {
	for i := range p.groups {
		if m := p.groups[i].pick(hash, usable); m >= 0 {
			return m
		}
	}
	return -1
}

// First returns the index of the server that the client with this hash has as
// long as it is usable; -1 if there are no servers. It does not allocate.
func (p *Plan) First(hash uint64) int {
	if len(p.groups) == 0 {
		return -1
	}
	g := &p.groups[0]
	return g.members[g.slots.at(slot(hash))]
}

func (g *group) pick(hash uint64, usable func(i int) bool) int {
	for try := range uint64(1 + retries) {
		m := g.members[g.slots.at(slot(mix(hash, try)))]
		if usable(m) {
			return m
		}
	}
	n := len(g.members)
	start := int(hash % uint64(n))
	for i := range n {
		if m := g.members[(start+i)%n]; usable(m) {
			return m
		}
	}
	return -1
}

// slot maps a hash to one of the slots: its upper half times Slots, over 2^32
// (Lemire, "Fast Random Integer Generation in an Interval", 2019). A remainder
// of 64 bits is a slow library call on a 32-bit Raspberry Pi.
func slot(hash uint64) uint32 {
	return uint32((hash >> 32) * Slots >> 32)
}

// mix returns the hash for a try: the client's own for the first, another for
// each later one, by the finalizer of SplitMix64 (Steele et al., 2014). It need
// not be keyed, because the hash that goes in is.
func mix(hash, try uint64) uint64 {
	if try == 0 {
		return hash
	}
	z := hash + try*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
