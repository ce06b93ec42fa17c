// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"slices"
	"strconv"
	"strings"

	"cygnet/acl"
	"cygnet/engine"
)

// From this width on the lists stand beside the rules, not above them.
const listsBeside = 80

// The columns of the rules.
const (
	colPos = iota
	colAction
	colPrefix
	colHits
	colHitRate
)

// deadWords are said of a rule that earlier ones cover.
const deadWords = "never matches"

func (p *listsPanel) render(m *model, w, h int) []string {
	t, l := m.theme, p.current(m)
	if l == nil {
		how := "no lists"
		if !m.readOnly {
			how += ": a begins one, as  acl 1 permit 10.0.0.0/24"
		}
		return t.pad([]string{t.row(w).String(), t.row(w).gap(3).text(t.dim, how).String()}, w, h)
	}
	if w >= listsBeside {
		p.wall, p.above = max(min(w*35/100, 56), 28), 0
		title := t.section(p.wall, "Lists", plural(p.lists.rows, "list"))
		p.lists.y, p.rules.y = 2, 0
		left := append([]string{title}, p.listTable(m, p.wall, h-1)...)
		return t.beside(t.pad(left, p.wall, h), p.rulesPart(m, l, w-p.wall-1, h))
	}
	p.wall, p.above = 0, min(p.lists.rows, max(h/4, 2))+1
	p.lists.y, p.rules.y = 1, p.above
	return t.pad(append(p.listTable(m, w, p.above), p.rulesPart(m, l, w, h-p.above)...), w, h)
}

// listTable is the lists in h rows.
func (p *listsPanel) listTable(m *model, w, h int) []string {
	t, snap := m.theme, m.see().snap
	columns := []column{
		{title: "LIST", width: 8, grow: 8}, {title: "RULES", width: 5, right: true}, {title: "HITS", width: 5, right: true},
		{title: "USED BY", width: 8, grow: 60, rank: 1},
	}
	p.totals.read(snap)
	return t.table(w, h, columns, &p.lists, order{column: -1}, true, func(i, c int) (string, paint) {
		l := &snap.Lists[i]
		switch c {
		case 0:
			return t.clean(l.Name), t.plain
		case 1:
			return strconv.Itoa(len(l.Rules)), t.plain
		case 2:
			return short(float64(p.totals.of[i])), t.plain
		}
		return t.clean(usedBy(l)), t.plain
	})
}

// totals are how often each list decided: the sum over its rules, made once for
// a snapshot, not for each key.
type totals struct {
	snap *engine.Snapshot
	of   []uint64
}

func (s *totals) read(snap *engine.Snapshot) {
	if s.snap == snap {
		return
	}
	s.snap, s.of = snap, s.of[:0]
	for i := range snap.Lists {
		total := snap.Lists[i].Misses
		for _, n := range snap.Lists[i].Hits {
			total += n
		}
		s.of = append(s.of, total)
	}
}

func usedBy(l *engine.ListSnapshot) string {
	if len(l.Uses) == 0 {
		return "not used"
	}
	return strings.Join(l.Uses, ", ")
}

// rulesPart is the rules of a list in h rows, with what it is there for, and
// what an address gets that matches none of them.
func (p *listsPanel) rulesPart(m *model, l *engine.ListSnapshot, w, h int) []string {
	t, words := m.theme, "default "+l.Default.String()+" "+defaultOrigin(l)
	title := t.clean("list " + l.Name + ": " + usedBy(l))
	var lines []string
	if h >= 8 {
		r := t.row(w).gap(1).text(t.plain, "default ").text(t.action(l.Default), l.Default.String())
		r.text(t.plain, " "+defaultOrigin(l)).text(t.dim, "  "+short(float64(l.Misses))+" hits")
		lines = []string{t.section(w, title, plural(len(l.Rules), "rule")), r.String()}
	} else {
		lines = []string{t.section(w, title, words)}
	}
	p.rules.y += len(lines) + 1
	columns := []column{
		colPos: {title: "POS", width: 5, right: true}, colAction: {title: "ACTION", width: 6},
		colPrefix: {title: "PREFIX", width: 18, grow: 25}, colHits: {title: "HITS", width: 6, right: true},
		colHitRate: {title: "HITS/S", width: 7, right: true},
	}
	by := order{column: -1}
	if p.byHits {
		by.column = colHits
	}
	before := p.before(m.see().reading, l)
	return append(lines, t.table(w, h-len(lines), columns, &p.rules, by, true, func(row, c int) (string, paint) {
		return p.cell(m, l, before, p.ruleAt(row), c)
	})...)
}

// defaultOrigin says why a list's default is what it is.
func defaultOrigin(l *engine.ListSnapshot) string {
	switch {
	case l.Explicit:
		return "(set)"
	case len(l.Rules) == 0 && slices.Contains(l.Uses, "tarpit_acl"):
		return "(no entries: captures nothing)"
	case len(l.Rules) == 0:
		return "(it has no entries)"
	}
	return "(implied by the entry entered last)"
}

// cell is a rule, or the default where i is -1, in a column.
func (p *listsPanel) cell(m *model, l, before *engine.ListSnapshot, i, c int) (string, paint) {
	t := m.theme
	if i < 0 {
		return defaultCell(m, l, before, c)
	}
	rule := l.Rules[i]
	switch {
	case c == colPos:
		return strconv.Itoa(i + 1), t.plain
	case c == colAction:
		return rule.Action.String(), t.action(rule.Action)
	case c == colPrefix:
		return t.clean(addressesOf(rule)), t.plain
	case isDead(l, i): // the words stand where the numbers would, which are 0
		never, matches, _ := strings.Cut(deadWords, " ")
		if c == colHits {
			return "!" + never, t.warn
		}
		return matches, t.warn
	case c == colHits:
		return short(float64(hitsOf(l, i))), t.plain
	}
	return ruleRate(m, l, before, i), t.plain
}

func defaultCell(m *model, l, before *engine.ListSnapshot, c int) (string, paint) {
	t := m.theme
	switch c {
	case colPos:
		return "-", t.dim
	case colAction:
		return l.Default.String(), t.action(l.Default)
	case colPrefix:
		return "what matches nothing", t.dim
	case colHits:
		return short(float64(l.Misses)), t.plain
	}
	if before == nil {
		return "-", t.dim
	}
	return short(m.see().perSecond(before.Misses, l.Misses)), t.plain
}

// before is the list in the snapshot before; nil where hits cannot be compared.
func (p *listsPanel) before(r *reading, l *engine.ListSnapshot) *engine.ListSnapshot {
	if r.before == nil {
		return nil
	}
	if i := p.lists.cursor; i < len(r.before.Lists) && r.before.Lists[i].Name == l.Name {
		return &r.before.Lists[i]
	}
	return listNamed(r.before, l.Name)
}

// ruleRate is how often a rule decides a second, where the same one stood there
// before.
func ruleRate(m *model, l, before *engine.ListSnapshot, i int) string {
	if before == nil || i >= len(before.Rules) || before.Rules[i] != l.Rules[i] {
		return "-"
	}
	return short(m.see().perSecond(hitsOf(before, i), hitsOf(l, i)))
}

// hitsOf is how often a rule decided. A snapshot may come from elsewhere.
func hitsOf(l *engine.ListSnapshot, i int) uint64 {
	if i < len(l.Hits) {
		return l.Hits[i]
	}
	return 0
}

// isDead says whether a rule, from 0, can never match.
func isDead(l *engine.ListSnapshot, i int) bool {
	_, dead := slices.BinarySearch(l.Dead, i+1)
	return dead
}

// action is how an action is painted.
func (t *Theme) action(a acl.Action) paint {
	if a == acl.Permit {
		return t.good
	}
	return t.bad
}

// addressesOf is what a rule is about, and ruleWords the rule, as the language
// has them.
func addressesOf(r acl.Rule) string {
	switch {
	case r.Country != "":
		return "country " + r.Country
	case r.Prefix.IsSingleIP():
		return r.Prefix.Addr().String()
	}
	return r.Prefix.String()
}

func ruleWords(r acl.Rule) string { return r.Action.String() + " " + addressesOf(r) }
