// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package acl

import (
	"cmp"
	"slices"
)

// Edit is one change of a list: Insert(Pos, Rule), or RemoveAt(Pos).
type Edit struct {
	Remove bool
	Pos    int  // from 1, as the edits before have left the list
	Rule   Rule // that is inserted, or removed
}

// Edits returns what makes from into a list that has the rules of l, at their
// positions and in their order of entry; explicit defaults aside. It is false where
// that takes as much as to begin with nothing, see Steps: so if a rule came back that
// others were entered after.
func (l *List) Edits(from *List) (edits []Edit, ok bool) {
	same := 0 // at the beginning
	for same < min(len(from.entries), len(l.entries)) && from.entries[same] == l.entries[same] {
		same++
	}
	was, is := from.entries[same:], l.entries[same:]
	for len(was) > 0 && len(is) > 0 && was[len(was)-1] == is[len(is)-1] {
		was, is = was[:len(was)-1], is[:len(is)-1]
	}
	stay := staying(was, is)
	gone := 0
	newest := uint64(0) // of those that stay
	for i, e := range from.entries {
		if at := i - same; at >= 0 && at < len(was) && !stay[e.serial] {
			edits = append(edits, Edit{Remove: true, Pos: i + 1 - gone, Rule: e.Rule})
			gone++
			continue
		}
		newest = max(newest, e.serial)
	}
	there := make(counter, len(is)+1)
	var come []int // places in is
	for place, e := range is {
		switch {
		case stay[e.serial]:
			there.add(place)
		case e.serial < newest:
			return nil, false
		default:
			come = append(come, place)
		}
	}
	slices.SortFunc(come, func(a, b int) int { return cmp.Compare(is[a].serial, is[b].serial) })
	for _, place := range come {
		edits = append(edits, Edit{Pos: same + there.upTo(place) + 1, Rule: is[place].Rule})
		there.add(place)
	}
	return edits, len(edits) <= len(l.entries)
}

// staying returns the serials of those that are in both, in one order.
func staying(was, is []entry) map[uint64]bool {
	stay := map[uint64]bool{}
	if len(was) == 0 || len(is) == 0 {
		return stay
	}
	before := make(map[uint64]int, len(was)) // places
	for i, e := range was {
		before[e.serial] = i
	}
	last := -1
	for _, e := range is {
		if i, there := before[e.serial]; there && i > last && was[i] == e {
			stay[e.serial], last = true, i
		}
	}
	return stay
}

// Same says whether both have the same rules, entered in the same order, and the same
// explicit default: they do alike, whatever is done to them.
func (l *List) Same(o *List) bool {
	if l.explicit != o.explicit || l.explicit && l.fallback != o.fallback || len(l.entries) != len(o.entries) {
		return false
	}
	return slices.Equal(l.entries, o.entries) ||
		slices.EqualFunc(l.entries, o.entries, func(a, b entry) bool { return a.Rule == b.Rule }) && slices.Equal(l.Steps(), o.Steps())
}
