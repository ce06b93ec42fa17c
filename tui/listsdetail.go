// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"strings"

	"cygnet/engine"
)

// detail says what there is to know about the selected rule.
func (p *listsPanel) detail(m *model) {
	l, i := p.current(m), p.ruleAt(p.rules.cursor)
	if l == nil || i < 0 {
		return
	}
	p.totals.read(m.see().snap)
	var b strings.Builder
	row := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "%-10s %s\n", name, fmt.Sprintf(format, args...))
	}
	row("rule", "acl %s at %d %s", l.Name, i+1, ruleWords(l.Rules[i]))
	row("list", "%s, %s, default %s %s", usedBy(l), plural(len(l.Rules), "rule"), l.Default, defaultOrigin(l))
	row("hits", "%d, now %s/s", hitsOf(l, i), ruleRate(m, l, p.before(m.see().reading, l), i))
	if total := p.totals.of[p.lists.cursor]; total > 0 {
		row("share", "%s of what the list decided", percent(float64(hitsOf(l, i))/float64(total)))
	}
	if isDead(l, i) {
		row("dead", "%s: %s", deadWords, coveredBy(l, i))
	}
	if n := covered(m.see().catches, l.Rules[i].Prefix); n > 0 {
		row("tarpit", "%s", coverWords(m.see().catches, n))
	}
	// Flows that the rule is about will have their row here.
	m.pager = newPager(m.theme, fmt.Sprintf("rule %d of list %s", i+1, l.Name), b.String())
}

// coveredBy says which earlier rules cover a dead one.
func coveredBy(l *engine.ListSnapshot, i int) string {
	for k, r := range l.Rules[:i] {
		if l.Rules[i].Country == r.Country && contains(r.Prefix, l.Rules[i].Prefix) {
			return fmt.Sprintf("rule %d covers it, %s", k+1, ruleWords(r))
		}
	}
	return "earlier rules cover it together, or its country has no addresses"
}

// contains says whether all of b is in a; two that are not valid are of the same
// country.
func contains(a, b netip.Prefix) bool {
	if !a.IsValid() || !b.IsValid() {
		return a.IsValid() == b.IsValid()
	}
	return a.Bits() <= b.Bits() && a.Contains(b.Addr())
}
