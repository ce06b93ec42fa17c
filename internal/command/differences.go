// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
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
	was, is := itemsOf(from, nil, now), itemsOf(to, from, now)
	left := idsOf(is)
	before := map[string][]string{}
	for _, it := range was {
		before[it.id] = it.lines
		if !left[it.id] {
			all = append(all, Difference{it.id, it.reverted(left)})
		}
	}
	for _, it := range is {
		if lines, ok := before[it.id]; !ok || !slices.Equal(lines, it.lines) {
			all = append(all, Difference{it.id, it.said()})
		}
	}
	return all
}

// Delta returns the lines of all differences.
func Delta(from, to *config.Config) (lines []string) {
	for _, d := range Differences(from, to) {
		lines = append(lines, d.Lines...)
	}
	return lines
}
