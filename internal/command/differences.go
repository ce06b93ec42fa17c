// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"maps"
	"slices"
	"time"

	"cygnet/internal/config"
)

// Difference is an item in which two configurations differ.
type Difference struct {
	ID    string   // what it is, as `acl 1` or `service web server 0`
	Lines []string // what makes the second of the first; none if it goes away with another
}

// Differences returns what makes to of from, in an order in which it can be
// read as one transaction; none if both are the same.
func Differences(from, to *config.Config) (all []Difference) {
	now := time.Now()
	from, to = unequal(from, to)
	was, is := itemsOf(from, nil, now), itemsOf(to, from, now)
	left := idsOf(is)
	before := make(map[string]*item, len(was))
	for i := range was {
		it := &was[i]
		before[it.id] = it
		if !left[it.id] {
			all = append(all, Difference{it.id, it.reverted(left)})
		}
	}
	for i := range is {
		it := &is[i]
		old := before[it.id]
		switch {
		case old == nil:
			all = append(all, Difference{it.id, it.said()})
		case old.same(it):
		case it.list != nil && old.list != nil:
			all = append(all, Difference{it.id, listEdits(it.id, old.list, it.list)})
		default:
			all = append(all, Difference{it.id, it.said()})
		}
	}
	return all
}

// unequal returns both without the lists and services that are the same in both: a
// change is about few of them.
func unequal(from, to *config.Config) (*config.Config, *config.Config) {
	a, b := *from, *to
	a.Lists, b.Lists = maps.Clone(a.Lists), maps.Clone(b.Lists)
	for name, l := range to.Lists {
		if from.Lists[name] == l {
			delete(a.Lists, name)
			delete(b.Lists, name)
		}
	}
	if a.UDP != b.UDP { // then `listen` says another thing
		return &a, &b
	}
	was := from.ByName()
	same := map[string]bool{}
	b.Services = nil
	for i := range to.Services {
		v := &to.Services[i]
		if old := was[v.Name]; old != nil && old.Equal(v) {
			same[v.Name] = true
			continue
		}
		b.Services = append(b.Services, *v)
	}
	a.Services = slices.DeleteFunc(slices.Clone(from.Services), func(v config.Service) bool { return same[v.Name] })
	return &a, &b
}

// Delta returns the lines of all differences.
func Delta(from, to *config.Config) (lines []string) {
	for _, d := range Differences(from, to) {
		lines = append(lines, d.Lines...)
	}
	return lines
}
