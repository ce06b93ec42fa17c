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

	// warnOf, which may be nil, does so where it takes the preview to tell.
	warnOf func(text, preview string) []string

	// stale, which may be nil, says why it must not be done any more: what the
	// operator looked at is not what is there now.
	stale func(m *model) string
}

// warnings are those of what was typed.
func (e edit) warnings(text, preview string) (all []string) {
	if e.warn != nil {
		all = e.warn(text)
	}
	if e.warnOf != nil {
		all = append(all, e.warnOf(text, preview)...)
	}
	return all
}

// plan is a change that is ready to be shown, and asked about.
type plan struct {
	lines []string
	warn  func(preview string) []string // what else is to be known; may be nil
	stale func(m *model) string         // as of edit; may be nil
	mend  func(m *model, why string)    // called when the lines are refused; may be nil
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
		p.checking = true // one at a time: a preview is work for the balancer
		return m.do(transaction(lines, "preview"), func(m *model, reply string, err error) tea.Cmd {
			p.checking = false
			if m.prompt != p {
				return nil
			}
			if p.text() != text {
				return validateSoon(p.input.Value())
			}
			p.judge(m, reply, err, func() []string { return e.warnings(text, reply) })
			return nil
		})
	}
}

// validate checks what is typed, if it is still there.
func (m *model) validate(msg validateMsg) tea.Cmd {
	p := m.prompt
	if p == nil || p.check == nil || p.checking || p.checked || p.input.Value() != msg.text {
		return nil
	}
	p.checked = true
	return p.check(m, p.text())
}

// judge shows in one row what a preview says. What is not complete yet is no
// error while completion still has something to offer.
func (p *prompt) judge(m *model, reply string, err error, warn func() []string) {
	if why := refusal(reply, err); why != "" {
		if len(p.candidates(m)) == 0 {
			p.complain(m.theme.clean(why))
		}
		return
	}
	rows, word := warn(), "ok: "
	var calm []string
	for _, row := range effects(reply) {
		if notable(row) {
			rows = append(rows, row)
		} else {
			calm = append(calm, row)
		}
	}
	p.bad, p.loud = false, len(rows) > 0
	if p.loud {
		word = "careful: "
	}
	p.hint = m.theme.clean(word + strings.Join(append(rows, calm...), "; "))
}

// turns is what a preview says of a list whose default would be another one.
const turns = ": what matches no entry turns from "

// notable says whether a row of a preview is not to be overlooked.
func notable(row string) bool {
	return strings.HasPrefix(row, "warning: ") || strings.Contains(row, turns) ||
		strings.HasPrefix(row, "note: ") && strings.Contains(row, "can never match")
}

// ofOneLine says whether a notice is about a list's default after one line of
// several: the next line may turn it back, and a preview says what all of them
// come to.
func ofOneLine(note string) bool { return strings.Contains(note, ": what matches no entry gets ") }

// effects are the rows of a preview, without what the operator knows: the lines
// themselves.
func effects(reply string) (rows []string) {
	for line := range strings.Lines(reply) {
		line = strings.TrimSpace(line)
		known := strings.HasPrefix(line, "changes:") && line != "changes: none"
		if line != "" && !known && !ofOneLine(line) {
			rows = append(rows, line)
		}
	}
	return rows
}

// review shows what an edit would do, and asks.
func (m *model) review(e edit, text string) tea.Cmd {
	again := func(m *model, why string) {
		e.text = text
		m.openEdit(e)
		m.prompt.complain(why)
	}
	lines, err := e.lines(text)
	if err != nil {
		again(m, m.theme.clean(err.Error()))
		return nil
	}
	if e.stale != nil {
		if why := e.stale(m); why != "" {
			m.say(failed, m.theme.clean(why+": nothing was done"))
			return nil
		}
	}
	warn := func(preview string) []string { return e.warnings(text, preview) }
	return m.propose(plan{lines: lines, warn: warn, stale: e.stale, mend: again})
}

// propose has the balancer say what a plan would do, shows that, and asks.
func (m *model) propose(p plan) tea.Cmd {
	return m.do(transaction(p.lines, "preview"), func(m *model, reply string, err error) tea.Cmd {
		why := refusal(reply, err)
		switch {
		case why != "" && p.mend != nil && m.prompt == nil && m.question == nil:
			p.mend(m, m.theme.clean(why))
		case why != "":
			m.say(failed, m.theme.clean(why))
		case m.prompt == nil && m.question == nil: // else keys are meant for those
			m.pager = newPager(m.theme, "what this would do", p.text(m, reply))
			m.ask(&question{text: "apply?", yes: p.apply, no: func(m *model) { m.pager = nil }})
		}
		return nil
	})
}

// text is what is shown of a plan.
func (p plan) text(m *model, preview string) string {
	var b strings.Builder
	for i, l := range p.lines {
		b.WriteString("  " + l)
		if what := taken(m, l); i == 0 && what != "" {
			b.WriteString("    (" + what + ")")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
	if p.warn != nil {
		for _, w := range p.warn(preview) {
			b.WriteString("warning: " + w + "\n")
		}
	}
	return b.String() + strings.Join(effects(preview), "\n") + "\n"
}

// apply does what was shown, unless something else is there by now.
func (p plan) apply(m *model) tea.Cmd {
	m.pager = nil
	if p.stale != nil {
		if why := p.stale(m); why != "" {
			m.say(failed, m.theme.clean(why+": nothing was done"))
			return nil
		}
	}
	return m.commit("applied: "+m.theme.clean(strings.Join(p.lines, "; ")), p.lines...)
}

// askTyped asks for a word to be typed, where y would be too easily said.
func (m *model) askTyped(text, effect, word string, yes func(m *model) tea.Cmd) {
	p := m.newPrompt(text, "")
	p.hint = effect + "; anything else leaves everything as it is"
	p.enter = func(m *model, typed string) tea.Cmd {
		if typed == word {
			m.look(m.now)
			return yes(m)
		}
		m.say(remark, "nothing was done")
		return nil
	}
	p.esc = func(m *model) { m.say(remark, "nothing was done") }
}
