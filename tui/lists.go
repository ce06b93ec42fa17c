// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"cygnet/acl"
	"cygnet/engine"
)

// listsPanel is the tab of access lists: all of them, and the rules of one. A
// list may have 10 000 rules, so only what is on the screen is worked out, as
// long as nothing is filtered or sorted.
type listsPanel struct {
	lists grid // of which the one with the cursor is shown
	rules grid // of its rules, and of its default behind them

	list  string // the name of the selected list
	rule  acl.Rule
	other bool // the default is selected, not rule

	filter filter
	byHits bool
	shown  []int // the rules that are shown, from 0, in their order; nil: all, by position
	of     ruleSet

	wall   int    // the cells left of the rules, when they were drawn last
	above  int    // the rows above them
	totals totals // of the lists
}

// ruleSet tells whether rules are still the same ones: they are as long as the
// balancer's generation is.
type ruleSet struct {
	list       string
	started    time.Time
	generation uint64
	rules      int // how many: a snapshot from elsewhere may say anything
	filter     string
}

func newListsPanel() panel { return &listsPanel{} }

func (p *listsPanel) name() string { return "Lists" }

// current is the selected list, as it is shown; nil when there is none.
func (p *listsPanel) current(m *model) *engine.ListSnapshot {
	if snap := m.see().snap; snap != nil && p.lists.cursor < len(snap.Lists) {
		return &snap.Lists[p.lists.cursor]
	}
	return nil
}

// listNamed finds a list; nil where there is none of that name.
func listNamed(snap *engine.Snapshot, name string) *engine.ListSnapshot {
	if snap == nil {
		return nil
	}
	i := slices.IndexFunc(snap.Lists, func(l engine.ListSnapshot) bool { return l.Name == name })
	if i < 0 {
		return nil
	}
	return &snap.Lists[i]
}

// refresh takes in what there is to see: the selected list and its selected
// rule stay selected, wherever they stand by now.
func (p *listsPanel) refresh(m *model) {
	snap := m.see().snap
	if snap == nil {
		return
	}
	p.lists.resize(len(snap.Lists))
	if i := slices.IndexFunc(snap.Lists, func(l engine.ListSnapshot) bool { return l.Name == p.list }); i >= 0 {
		p.lists.cursor = i
	}
	l := p.current(m)
	if l == nil {
		p.list, p.shown, p.of = "", nil, ruleSet{}
		p.rules.resize(0)
		return
	}
	set := ruleSet{l.Name, snap.Started, snap.Generation, len(l.Rules), p.filter.text}
	if set == p.of && !p.byHits && p.rules.rows > 0 {
		return
	}
	moved := set.list == p.of.list
	p.list, p.of = l.Name, set
	p.arrange(l)
	if moved {
		p.follow(l)
	}
	p.choose(l)
}

// arrange works out which rules are shown, and in which order.
func (p *listsPanel) arrange(l *engine.ListSnapshot) {
	p.shown = nil
	rows := len(l.Rules)
	if p.filter.on() || p.byHits {
		p.shown = make([]int, 0, len(l.Rules))
		for i := range l.Rules {
			if !p.filter.on() || p.filter.passes(haystackOf(l, i)) {
				p.shown = append(p.shown, i)
			}
		}
		rows = len(p.shown)
	}
	if p.byHits {
		slices.SortStableFunc(p.shown, func(a, b int) int { return cmp.Compare(hitsOf(l, b), hitsOf(l, a)) })
	}
	p.rules.resize(rows + 1)
}

// haystackOf is the text that a filter is tried on.
func haystackOf(l *engine.ListSnapshot, i int) string {
	text := strconv.Itoa(i+1) + " " + ruleWords(l.Rules[i])
	if isDead(l, i) {
		text += " " + deadWords
	}
	return text
}

// ruleAt is the rule in a row, from 0; -1 is the default.
func (p *listsPanel) ruleAt(row int) int {
	switch {
	case row >= p.rules.rows-1:
		return -1
	case p.shown != nil:
		return p.shown[row]
	}
	return row
}

// follow puts the cursor back on the selected rule, of equal ones on the
// nearest; where it is gone, what stands in its row is selected.
func (p *listsPanel) follow(l *engine.ListSnapshot) {
	g := &p.rules
	if p.other {
		g.moveTo(g.rows - 1)
		return
	}
	is := func(row int) bool {
		i := p.ruleAt(row)
		return i >= 0 && l.Rules[i] == p.rule
	}
	for away := range g.rows {
		for _, row := range []int{g.cursor - away, g.cursor + away} {
			if row >= 0 && row < g.rows && is(row) {
				g.cursor = row
				return
			}
		}
	}
}

// choose selects what is under the cursor.
func (p *listsPanel) choose(l *engine.ListSnapshot) {
	if i := p.ruleAt(p.rules.cursor); i >= 0 {
		p.rule, p.other = l.Rules[i], false
	} else {
		p.rule, p.other = acl.Rule{}, true
	}
}

// selectList shows another list, from its first rule.
func (p *listsPanel) selectList(m *model, row int) {
	p.lists.moveTo(row)
	if l := p.current(m); l != nil && l.Name != p.list {
		p.list, p.rules.cursor, p.rules.top = l.Name, 0, 0
		p.refresh(m)
	}
}

func (p *listsPanel) setFilter(m *model, f filter) {
	p.filter = f
	p.refresh(m)
}

func (p *listsPanel) remark() string {
	remark := ""
	if p.filter.on() {
		remark = fmt.Sprintf("%d /%s", len(p.shown), p.filter.text)
	}
	if p.byHits {
		remark += " sort:HITS"
	}
	return remark
}

func (p *listsPanel) click(m *model, x, y int, wheel int8) {
	g, choose := &p.rules, func(row int) { p.moveTo(m, row) }
	if x < p.wall || y < p.above {
		g, choose = &p.lists, func(row int) { p.selectList(m, row) }
	}
	switch row := g.top + y - g.y; {
	case wheel != 0:
		choose(g.cursor + 3*int(wheel))
	case y >= g.y && y < g.y+g.height && row < g.rows:
		choose(row)
	}
}

// moveTo selects the rule in a row.
func (p *listsPanel) moveTo(m *model, row int) {
	p.rules.moveTo(row)
	if l := p.current(m); l != nil {
		p.choose(l)
	}
}
