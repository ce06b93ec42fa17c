// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"fmt"
	"slices"
	"strings"

	"cygnet/acl"
	"cygnet/internal/config"
)

// showList answers `acl LIST`: its entries with how often each decided.
func showList(a Actor, c Call) (string, error) {
	s := newSession(new(Parser), Request{Base: config.New()})
	name, err := s.listName("acl", c.Args[0])
	if err != nil {
		return "", err
	}
	l := a.Config().Lists[name]
	if l == nil {
		l = new(acl.List)
	}
	hits := make([]uint64, l.Len())
	var misses uint64
	for _, s := range a.Snapshot().Lists {
		if s.Name == name && slices.Equal(s.Rules, l.Rules()) {
			hits, misses = s.Hits, s.Misses
		}
	}
	var b strings.Builder
	for i, r := range l.Rules() {
		fmt.Fprintf(&b, "%d %s hits %d\n", i+1, ruleWords(r), hits[i])
	}
	implied := " (implied)"
	if _, explicit := l.ExplicitDefault(); explicit {
		implied = ""
	}
	fmt.Fprintf(&b, "default %s%s hits %d\n", l.Default(), implied, misses)
	return b.String(), nil
}
