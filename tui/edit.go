// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// edit is a change that an operator types and is shown the effect of: while
// typing in a few words, before it applies in full. Nothing applies until it is
// confirmed.
type edit struct {
	text string // what the prompt begins with

	// lines makes of what was typed what is to be done, all or none. Its error
	// says what is wrong with it.
	lines func(text string) ([]string, error)

	// warn, which may be nil, says what else is to be known of what was typed.
	warn func(text string) []string
}

// openEdit opens the prompt for an edit.
func (m *model) openEdit(e edit) {
	p := m.newPrompt("edit: ", e.text)
	p.lines = true
	p.help(m)
	p.changed = func(_ *model, text string) tea.Cmd { return validateSoon(text) }
	p.enter = func(m *model, text string) tea.Cmd { return m.review(e, text) }
	p.check = func(m *model, text string) tea.Cmd {
		lines, err := e.lines(text)
		if err != nil {
			p.complain(m.theme.clean(err.Error()))
			return nil
		}
		return m.do(transaction(lines, "preview"), func(m *model, reply string, err error) tea.Cmd {
			if m.prompt == p && p.input.Value() == text {
				p.judge(m, reply, err)
			}
			return nil
		})
	}
}

// validate checks what is typed, if it is still there.
func (m *model) validate(msg validateMsg) tea.Cmd {
	if p := m.prompt; p != nil && p.check != nil && p.input.Value() == msg.text && p.checked != msg.text {
		p.checked = msg.text
		return p.check(m, strings.TrimSpace(msg.text))
	}
	return nil
}

// judge shows in one row what a preview says. What is not complete yet is no
// error while completion still has something to offer.
func (p *prompt) judge(m *model, reply string, err error) {
	if why := refusal(reply, err); why != "" {
		if len(p.candidates(m)) == 0 {
			p.complain(m.theme.clean(why))
		}
		return
	}
	p.hint, p.bad = m.theme.clean("ok: "+strings.Join(effects(reply), "; ")), false
}

// effects are the rows of a preview, without what the operator knows: the lines
// themselves.
func effects(reply string) (rows []string) {
	for line := range strings.Lines(reply) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "changes:") {
			rows = append(rows, line)
		}
	}
	return rows
}

// review shows what an edit would do, and asks.
func (m *model) review(e edit, text string) tea.Cmd {
	lines, err := e.lines(text)
	if err != nil {
		m.openEdit(edit{text, e.lines, e.warn})
		m.prompt.complain(m.theme.clean(err.Error()))
		return nil
	}
	var warnings []string
	if e.warn != nil {
		warnings = e.warn(text)
	}
	return m.propose(lines, warnings, func(m *model, why string) {
		m.openEdit(edit{text, e.lines, e.warn})
		m.prompt.complain(why)
	})
}

// propose has the balancer say what lines would do, shows that, and asks.
// mend, which may be nil, is called when they are refused.
func (m *model) propose(lines, warnings []string, mend func(m *model, why string)) tea.Cmd {
	return m.do(transaction(lines, "preview"), func(m *model, reply string, err error) tea.Cmd {
		if why := refusal(reply, err); why != "" {
			if mend != nil && m.prompt == nil && m.question == nil {
				mend(m, m.theme.clean(why))
			} else {
				m.say(failed, m.theme.clean(why))
			}
			return nil
		}
		var b strings.Builder
		for _, l := range lines {
			b.WriteString("  " + l + "\n")
		}
		b.WriteString("\n")
		for _, w := range warnings {
			b.WriteString("warning: " + w + "\n")
		}
		b.WriteString(strings.Join(effects(reply), "\n") + "\n")
		m.pager = newPager(m.theme, "what this would do", b.String())
		m.ask(&question{
			text: "apply?",
			yes: func(m *model) tea.Cmd {
				m.pager = nil
				return m.change("applied: "+m.theme.clean(strings.Join(lines, "; ")), lines...)
			},
			no: func(m *model) { m.pager = nil },
		})
		return nil
	})
}

// askTyped asks for a word to be typed, where y would be too easily said.
func (m *model) askTyped(text, word string, yes func(m *model) tea.Cmd) {
	p := m.newPrompt(text, "")
	p.hint = "anything else leaves everything as it is"
	p.enter = func(m *model, typed string) tea.Cmd {
		if typed == word {
			return yes(m)
		}
		m.say(remark, "nothing was done")
		return nil
	}
	p.esc = func(m *model) { m.say(remark, "nothing was done") }
}
