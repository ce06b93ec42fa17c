// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"cygnet/acl"
	"cygnet/engine"
)

// bindings are the keys for the lists, and for the selected rule.
func (p *listsPanel) bindings(m *model) (all []binding) {
	l := p.current(m)
	switch {
	case m.see().snap == nil:
		return nil
	case l == nil && m.readOnly:
		return nil
	case l == nil:
		return []binding{bind("a", "add: the first rule of a list", then(p.begin)).brief()}
	case !m.readOnly:
		all = p.changes(l)
	}
	if p.ruleAt(p.rules.cursor) >= 0 {
		all = append(all, bind("enter", "details: what the rule does", then(p.detail)).brief())
	}
	all = append(all, bind("s", "sort: by hits, or by position", then(p.sort)).brief())
	if p.lists.rows > 1 {
		all = append(all,
			bind("left", "the list before", then(func(m *model) { p.selectList(m, p.lists.cursor-1) }), "left", "h", "["),
			bind("right", "the next list", then(func(m *model) { p.selectList(m, p.lists.cursor+1) }), "right", "l", "]"))
	}
	return append(all, p.rules.bindings(func() { p.choose(l) })...)
}

// changes are the keys that change the list.
func (p *listsPanel) changes(l *engine.ListSnapshot) []binding {
	i := p.ruleAt(p.rules.cursor)
	all := []binding{bind("a", "add: a rule before this one", p.changing((*listsPanel).add)).brief()}
	if i >= 0 {
		all = append(all,
			bind("A", "add a rule at the end", p.changing((*listsPanel).addLast)),
			bind("e", "edit: the rule, in its place", p.changing((*listsPanel).edit)).brief(),
			bind("x", "delete: the rule", p.changing((*listsPanel).remove)).brief())
	}
	if i > 0 {
		all = append(all, bind("K", "up: move the rule", p.changing(func(p *listsPanel, m *model, t target) tea.Cmd { return p.move(m, t, -1) })).brief())
	}
	if i >= 0 && i < len(l.Rules)-1 {
		all = append(all, bind("J", "down: move the rule", p.changing(func(p *listsPanel, m *model, t target) tea.Cmd { return p.move(m, t, +1) })).brief())
	}
	if i < 0 && l.Explicit {
		all = append(all, bind("x", "delete: the default, so that the entry entered last implies it", p.changing((*listsPanel).removeDefault)).brief())
	}
	return append(all, bind("D", "default: what an address that matches nothing gets", p.changing((*listsPanel).setDefault)))
}

// target is what a change is about: a list, as the operator saw it when he
// began, and a position in it.
type target struct {
	*engine.ListSnapshot
	pos int // from 1; one behind the last is the default
}

func (t target) rule() acl.Rule { return t.Rules[t.pos-1] }

// line makes a line about the position.
func (t target) line(before, behind string) string {
	return fmt.Sprintf("%sacl %s at %d%s", before, t.Name, t.pos, behind)
}

// changing gives a change its target. What is shown may be old, as when the
// view is paused: then it is said, and nothing is done.
func (p *listsPanel) changing(do func(p *listsPanel, m *model, t target) tea.Cmd) func(m *model) tea.Cmd {
	return func(m *model) tea.Cmd {
		seen, pos := p.current(m), p.ruleAt(p.rules.cursor)+1
		if pos == 0 {
			pos = len(seen.Rules) + 1
		}
		t := target{listNamed(m.live.snap, seen.Name), pos}
		switch {
		case t.ListSnapshot == nil || !sameRules(t.ListSnapshot, seen):
			m.say(failed, m.theme.clean("list "+seen.Name+" is not what is shown here any more"))
		case m.outdated():
			m.say(remark, "something was changed just now: once more, when it is seen here")
		default:
			return do(p, m, t)
		}
		return nil
	}
}

// outdated says whether the newest snapshot is older than the last change that
// we heard of.
func (m *model) outdated() bool {
	late := m.altered.Sub(m.live.snap.Time)
	return late >= 0 && late < staleAfter // more is a clock that was set back since
}

// stale says whether the list is another one than the operator saw, or may be.
func (t target) stale(m *model) string {
	now := listNamed(m.live.snap, t.Name)
	if now == nil || !sameRules(now, t.ListSnapshot) || m.outdated() {
		return "list " + t.Name + " was changed meanwhile"
	}
	return ""
}

// sameRules compares what two snapshots say of a list, but for its counters.
func sameRules(a, b *engine.ListSnapshot) bool {
	return a.Default == b.Default && a.Explicit == b.Explicit && slices.Equal(a.Rules, b.Rules)
}

// begin waits for the first rule of the first list.
func (p *listsPanel) begin(m *model) { p.openEdit(m, "acl 1 ", "acl", nil, nil) }

func (p *listsPanel) add(m *model, t target) tea.Cmd {
	if t.pos > len(t.Rules) {
		return p.addLast(m, t)
	}
	return p.openEdit(m, t.line("", " permit "), "acl", nil, t.stale)
}

func (p *listsPanel) addLast(m *model, t target) tea.Cmd {
	return p.openEdit(m, "acl "+t.Name+" permit ", "acl", nil, t.stale)
}

func (p *listsPanel) edit(m *model, t target) tea.Cmd {
	return p.openEdit(m, t.line("", " "+ruleWords(t.rule())), t.line("", ""), []string{t.line("no ", "")}, t.stale)
}

func (p *listsPanel) setDefault(m *model, t target) tea.Cmd {
	return p.openEdit(m, "acl "+t.Name+" default ", "acl", nil, t.stale)
}

// openEdit waits for a line that begins with certain words; first are the lines
// that go before it.
func (p *listsPanel) openEdit(m *model, text, begins string, first []string, stale func(m *model) string) tea.Cmd {
	lines := func(line string) ([]string, error) {
		if line != begins && !strings.HasPrefix(strings.Join(strings.Fields(line), " "), begins+" ") {
			return nil, fmt.Errorf("expected a line that begins with `%s`", begins)
		}
		return append(slices.Clone(first), line), nil
	}
	m.openEdit(edit{text: text, lines: lines, stale: stale, warnOf: func(line, preview string) []string {
		return listWarnings(m, append(slices.Clone(first), line), preview)
	}})
	return nil
}

// propose shows what lines about a list would do, and asks.
func (p *listsPanel) propose(m *model, t target, lines ...string) tea.Cmd {
	return m.propose(plan{lines: lines, stale: t.stale, warn: func(preview string) []string { return listWarnings(m, lines, preview) }})
}

func (p *listsPanel) remove(m *model, t target) tea.Cmd { return p.propose(m, t, t.line("no ", "")) }

func (p *listsPanel) removeDefault(m *model, t target) tea.Cmd {
	return p.propose(m, t, "no acl "+t.Name+" default")
}

// move enters a rule anew, one position up or down.
func (p *listsPanel) move(m *model, t target, by int) tea.Cmd {
	if p.byHits || p.filter.on() {
		m.say(failed, "rules are moved in the order of their positions: s ends sorting, esc the filter")
		return nil
	}
	to := target{t.ListSnapshot, t.pos + by}
	return p.propose(m, t, t.line("no ", ""), to.line("", " "+ruleWords(t.rule())))
}

// sort orders the rules by hits, or by position again; the positions that are
// shown are the real ones.
func (p *listsPanel) sort(m *model) {
	p.byHits = !p.byHits
	if l := p.current(m); l != nil {
		p.arrange(l)
		p.follow(l)
	}
}
