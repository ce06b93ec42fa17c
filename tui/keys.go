// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"github.com/charmbracelet/bubbles/key"
	tea "github.com/charmbracelet/bubbletea"
)

// binding is a key that does something here and now: Update looks for keys in
// bindings, and help is made of the same ones, so that neither knows a key which
// the other does not.
type binding struct {
	key.Binding
	short bool // shown in the line at the bottom, too
	run   func(m *model) tea.Cmd
}

// bind makes a binding of keys. label is how help calls them, and does what
// they do, in a few words.
func bind(label, does string, run func(m *model) tea.Cmd, keys ...string) binding {
	if len(keys) == 0 {
		keys = []string{label}
	}
	return binding{Binding: key.NewBinding(key.WithKeys(keys...), key.WithHelp(label, does)), run: run}
}

// brief is the same binding, in the line at the bottom as well.
func (b binding) brief() binding { b.short = true; return b }

// then makes a function of the model that starts nothing into one that may.
func then(f func(m *model)) func(m *model) tea.Cmd {
	return func(m *model) tea.Cmd { f(m); return nil }
}

// press finds what a key does and does it.
func press(m *model, k tea.KeyMsg, bindings []binding) (tea.Cmd, bool) {
	for _, b := range bindings {
		if key.Matches(k, b.Binding) {
			return b.run(m), true
		}
	}
	return nil, false
}

// everywhere are the bindings of every tab.
func (m *model) everywhere() []binding {
	all := []binding{
		bind("?", "help: the keys that are active here", then((*model).showHelp)).brief(),
		bind(":", "command: a line of the language, with completion and history", then((*model).openPrompt)).brief(),
		bind("/", "filter: show only what matches", then((*model).openFilter)).brief(),
		bind("p", "pause the view; the balancer goes on", then((*model).togglePause)).brief(),
	}
	if !m.readOnly {
		all = append(all, bind("w", "write: save the configuration to its file, after its differences were shown", (*model).save).brief())
	}
	if m.panel().remark() != "" {
		all = append(all, bind("esc", "show all: no filter", then((*model).showAll)))
	}
	if m.undoable() {
		all = append(all, bind("u", "undo: your last change, within 10 s", (*model).undo).brief())
	}
	all = append(all,
		bind("i", "counters: how frames ended, and what the link lost", then((*model).showCounters)),
		bind("+", "look more often", then(func(m *model) { m.hurry(+1) }), "+", "="),
		bind("-", "look less often", then(func(m *model) { m.hurry(-1) })),
		bind("tab", "next tab", then(func(m *model) { m.open((m.at + 1) % len(m.panels)) })),
		bind("shift+tab", "previous tab", then(func(m *model) { m.open((m.at + len(m.panels) - 1) % len(m.panels)) })),
	)
	all = append(all, m.tabBindings()...)
	if !m.opt.ReadOnly {
		all = append(all, bind("R", "read-only: nothing can be changed, until R again", then(func(m *model) { m.readOnly = !m.readOnly })))
	}
	if m.opt.Suspend {
		all = append(all, bind("ctrl+z", "suspend the dashboard", func(*model) tea.Cmd { return tea.Suspend }))
	} else {
		all = append(all, silent(bind("ctrl+z", "", then(func(m *model) {
			m.say(remark, "ctrl-z is not taken here: it would stop more than the view; q leaves")
		}))))
	}
	return append(all,
		bind("ctrl+l", "draw the screen anew", func(*model) tea.Cmd { return tea.ClearScreen }),
		bind("q", "leave", (*model).quit).brief(),
		silent(bind("ctrl+c", "", (*model).interrupt)),
	)
}

// silent hides a binding from help.
func silent(b binding) binding {
	b.SetHelp("", "")
	return b
}

func (m *model) tabBindings() (all []binding) {
	for i, p := range m.panels {
		digit := string(rune('1' + i))
		all = append(all, bind(digit, p.name(), then(func(m *model) { m.open(i) })))
	}
	return all
}
