// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"cygnet/acl"
	"cygnet/engine"
)

// listWarnings are what to know of lines that change a list, beside what the
// balancer's preview of them says. Where they cannot be read, that is nothing:
// the balancer says what is wrong with them.
func listWarnings(m *model, lines []string, preview string) []string {
	steps := make([]listStep, len(lines))
	for i, line := range lines {
		var ok bool
		if steps[i], ok = readListStep(line); !ok || steps[i].list != steps[0].list {
			return nil
		}
	}
	var all []string
	if l := listNamed(m.live.snap, steps[0].list); l != nil && m.opt.Own.IsValid() {
		before := ruling{l.Rules, l.Default}
		if after, ok := before.after(l, steps, preview); ok {
			all = ownWarnings(m.opt.Own, l, before, after)
		}
	}
	if l := listNamed(m.live.snap, steps[0].list); l != nil && slices.Equal(l.Uses, []string{"tarpit_acl"}) {
		return all // it is about whom scanners ask for, not about them
	}
	return append(all, touched(m, steps[len(steps)-1])...)
}

// taken is the rule that a line takes out by its position, in words; empty where
// it does no such thing.
func taken(m *model, line string) string {
	s, ok := readListStep(line)
	l := listNamed(m.live.snap, s.list)
	if !ok || !s.no || s.toDefault || l == nil || s.pos < 1 || s.pos > len(l.Rules) {
		return ""
	}
	return ruleWords(l.Rules[s.pos-1])
}

// touched says whom of those that are known a rule is about: so far the sources
// that the tarpit saw. A table of flows will say here how many of them it is.
func touched(m *model, s listStep) []string {
	if !s.entered {
		return nil
	}
	if n := covered(m.live.catches, s.rule.Prefix); n > 0 {
		return []string{coverWords(m.live.catches, n)}
	}
	return nil
}

// covered counts the sources that the tarpit saw in a prefix.
func covered(c *catches, prefix netip.Prefix) (n int) {
	for a := range c.sources {
		if prefix.Contains(a.Unmap()) {
			n++
		}
	}
	return n
}

func coverWords(c *catches, n int) string {
	return fmt.Sprintf("covers %d of the %s that the tarpit saw", n, plural(len(c.sources), "source"))
}

// ownWarnings say what becomes of the operator's own address.
func ownWarnings(own netip.Addr, l *engine.ListSnapshot, before, after ruling) (all []string) {
	own = own.Unmap().WithZone("")
	var denies []string
	for _, use := range l.Uses {
		switch {
		case use == "tarpit_acl":
			if after.captures(own) && !before.captures(own) {
				all = append(all, fmt.Sprintf("your own address %s would be captured by list %s, which is tarpit_acl", own, l.Name))
			}
		case strings.HasPrefix(use, "server "):
			denies = append(denies, "the list of "+use)
		default:
			denies = append(denies, use)
		}
	}
	if len(denies) > 0 && after.is(own, acl.Deny) && !before.is(own, acl.Deny) {
		all = append(all, fmt.Sprintf("your own address %s would be denied by list %s, which is %s", own, l.Name, strings.Join(denies, ", ")))
	}
	return all
}

// ruling is what a list decides by.
type ruling struct {
	rules    []acl.Rule
	fallback acl.Action
}

// is says whether an address surely gets an action. The addresses of countries
// are not known here, so that one may decide makes it unsure.
func (r ruling) is(a netip.Addr, action acl.Action) bool {
	for _, rule := range r.rules {
		switch {
		case rule.Country != "":
			return false
		case rule.Prefix.Contains(a):
			return rule.Action == action
		}
	}
	return r.fallback == action
}

// captures says whether the tarpit surely captures an address: a list captures
// only families that it has an entry of.
func (r ruling) captures(a netip.Addr) bool {
	ofFamily := func(rule acl.Rule) bool { return rule.Prefix.IsValid() && rule.Prefix.Addr().Is4() == a.Is4() }
	return slices.ContainsFunc(r.rules, ofFamily) && r.is(a, acl.Permit)
}

func opposite(a acl.Action) acl.Action {
	if a == acl.Permit {
		return acl.Deny
	}
	return acl.Permit
}

// after is what steps make of a list's ruling.
func (r ruling) after(l *engine.ListSnapshot, steps []listStep, preview string) (ruling, bool) {
	next := ruling{slices.Clone(r.rules), r.fallback}
	for _, s := range steps {
		at := s.pos - 1
		if s.pos == 0 {
			at = len(next.rules)
		}
		switch {
		case s.toDefault && !s.no:
			next.fallback = s.rule.Action
		case s.toDefault:
		case s.no && at < len(next.rules):
			next.rules = slices.Delete(next.rules, at, at+1)
		case !s.no && at <= len(next.rules):
			next.rules = slices.Insert(next.rules, at, s.rule)
			if len(r.rules) == 0 && !l.Explicit {
				next.fallback = opposite(s.rule.Action) // the only entry is the one entered last
			}
		default:
			return next, false
		}
	}
	// Which entry was entered last a snapshot does not say, but the preview does
	// what that comes to.
	_, turned, _ := strings.Cut(preview, "acl "+l.Name+turns)
	turned, _, _ = strings.Cut(turned, "\n")
	switch {
	case strings.HasSuffix(turned, " to permit"):
		next.fallback = acl.Permit
	case strings.HasSuffix(turned, " to deny"):
		next.fallback = acl.Deny
	}
	return next, true
}
