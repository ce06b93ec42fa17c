// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"cygnet/acl"
	"cygnet/engine"
)

// rulesExported bounds the series of one list. A country is one rule, so more
// than this are a blacklist of addresses that some program wrote: nobody draws
// a curve for each, and every one would cost the Prometheus server memory.
const rulesExported = 1000

// list exports the hits of the first rules by position, and those of all others
// as one sum. A rule is known by what it says and not by its position, which
// changes whenever another is entered above it. So equal rules are one series;
// only the first of them can ever match.
func (s scrapeOf) list(l *engine.ListSnapshot) {
	index := make(map[acl.Rule]int, min(len(l.Rules), rulesExported))
	var rules []acl.Rule
	var hits []uint64
	var other uint64
	for i, r := range l.Rules[:min(len(l.Rules), len(l.Hits))] {
		at, known := index[r]
		switch {
		case known:
			hits[at] += l.Hits[i]
		case len(rules) < rulesExported:
			index[r] = len(rules)
			rules, hits = append(rules, r), append(hits, l.Hits[i])
		default:
			other += l.Hits[i]
		}
	}
	for i, r := range rules {
		s.put(s.listHits, float64(hits[i]), l.Name, ruleText(r))
	}
	if len(l.Rules) > rulesExported {
		s.put(s.listHits, float64(other), l.Name, "other")
	}
	s.put(s.listHits, float64(l.Misses), l.Name, "default")
}

// ruleText is the rule in the command language, but for the mask.
func ruleText(r acl.Rule) string {
	if r.Country != "" {
		return r.Action.String() + " country " + r.Country
	}
	return r.Action.String() + " " + r.Prefix.String()
}
