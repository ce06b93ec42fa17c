// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"math"
	"slices"
)

// How many parts a leaf of a tree has, and how many keys a node above: as many as
// fill a cache line of 64 bytes.
const (
	leafParts = 8
	nodeKeys  = 16
)

// tree finds the part of IPv4 that an address is in. Of a hundred thousand parts, a
// lookup reads one line of 800 KB, one of 50 KB, and three of what is nearest. State:
// derived.
type tree struct {
	leaves []leaf
	above  [][]node // the lowest level first: of each node below, the first key; the last has one node
}

// leaf is a cache line: where parts begin, and what decides there. What is not used
// begins behind all others, and is as the last.
type leaf struct {
	first    [leafParts]uint32
	verdicts [leafParts]verdict
}

type node [nodeKeys]uint32

func newTree(parts []part, of func(part) verdict) tree {
	t := tree{leaves: make([]leaf, (len(parts)+leafParts-1)/leafParts)}
	var firsts []uint32
	for i := range len(t.leaves) * leafParts {
		l, p, first := &t.leaves[i/leafParts], parts[min(i, len(parts)-1)], uint32(math.MaxUint32)
		if i < len(parts) {
			first = uint32(p.first.low)
		}
		l.first[i%leafParts], l.verdicts[i%leafParts] = first, of(p)
		if i%leafParts == 0 {
			firsts = append(firsts, first)
		}
	}
	for len(firsts) > 1 {
		nodes := make([]node, (len(firsts)+nodeKeys-1)/nodeKeys)
		var next []uint32
		for i := range len(nodes) * nodeKeys {
			key := uint32(math.MaxUint32)
			if i < len(firsts) {
				key = firsts[i]
			}
			nodes[i/nodeKeys][i%nodeKeys] = key
			if i%nodeKeys == 0 {
				next = append(next, key)
			}
		}
		t.above, firsts = append(t.above, nodes), next
	}
	return t
}

// at returns the leaf of a.
func (t *tree) at(a uint32) *leaf {
	i := 0
	for _, nodes := range slices.Backward(t.above) {
		i = i*nodeKeys + nodes[min(i, len(nodes)-1)].find(a)
	}
	// Behind the last key there are only those that are not used: they are the
	// last address, which the last leaf is for.
	return &t.leaves[min(i, len(t.leaves)-1)]
}

// find returns the last key that is not above a, and the first where there is none:
// by halves, and without a branch, which nobody could predict.
func (n *node) find(a uint32) int {
	i := upTo(n[8], a) & 8
	i |= upTo(n[i|4], a) & 4
	i |= upTo(n[i|2], a) & 2
	return i | upTo(n[i|1], a)&1
}

// upTo returns -1 if the key is not above a, and else 0.
func upTo(key, a uint32) int { return int((int64(key) - int64(a) - 1) >> 63) }

// find is as that of node.
func (l *leaf) find(a uint32) verdict {
	i := upTo(l.first[4], a) & 4
	i |= upTo(l.first[i|2], a) & 2
	i |= upTo(l.first[i|1], a) & 1
	return l.verdicts[i]
}
