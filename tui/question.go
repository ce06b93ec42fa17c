// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// question waits for an answer at the bottom of the screen. Only the key that
// it names is a yes; every other one, Enter too, is a no. It comes because the
// operator pressed a key; one that needs a reply first gives way to whatever
// else is asked for meanwhile.
type question struct {
	text    string
	choices []Choice // instead of y
	yes     func(m *model) tea.Cmd
	no      func(m *model) // may be nil
	drawn   time.Time      // when it was first
}

func (m *model) ask(q *question) {
	m.toast = toast{}
	m.question = q
}

// idle says whether nothing waits for the operator, so that what comes late may.
func (m *model) idle() bool { return m.question == nil && m.prompt == nil && m.pager == nil }

// burst is how soon after a question was first drawn no key can be meant for it:
// it was waiting already, as the rest of a text that is pasted into a terminal
// which does not mark that. A serial line of 9600 bit/s has a character a
// millisecond. It is short, so that nobody ever waits for it.
const burst = 3 * time.Millisecond

// line is the question as it is shown.
func (q *question) line() string {
	if len(q.choices) == 0 {
		return q.text + " [y/N]"
	}
	var b strings.Builder
	b.WriteString(q.text + " ")
	for _, c := range q.choices {
		b.WriteString(" [" + c.Key + "] " + c.Label + " ")
	}
	return b.String() + " [any other key] stay"
}

// answer takes a key as the answer.
func (m *model) answer(k tea.KeyMsg) tea.Cmd {
	q := m.question
	if m.ticking && (q.drawn.IsZero() || time.Since(q.drawn) < burst) {
		q.drawn = time.Time{} // to be drawn anew, and so is the next key in a row
		return nil
	}
	m.question = nil
	for _, c := range q.choices {
		if k.String() == c.Key {
			m.ending = c.Ending
			return tea.Quit
		}
	}
	if len(q.choices) == 0 && k.String() == "y" {
		m.look(m.now) // what is meant may have changed since the last look
		return q.yes(m)
	}
	if q.no != nil {
		q.no(m)
	}
	if len(q.choices) == 0 {
		m.say(remark, "nothing was done")
	}
	return nil
}

// quit leaves, or asks how.
func (m *model) quit() tea.Cmd {
	if len(m.opt.Leave) == 0 {
		m.ending = Left
		return tea.Quit
	}
	choices := m.opt.Leave
	if m.opt.ReadOnly {
		choices = slices.DeleteFunc(slices.Clone(choices), func(c Choice) bool { return c.Ending == Stop })
	}
	m.ask(&question{text: m.opt.Question, choices: choices})
	return nil
}

// again is how soon a second Ctrl-C stops everything.
const again = 2 * time.Second

// interrupt is Ctrl-C: it asks how to leave, and pressed again it does so in the
// most thorough way there is.
func (m *model) interrupt() tea.Cmd {
	if len(m.opt.Leave) > 0 && time.Since(m.interrupted) < again {
		m.ending = Stop
		return tea.Quit
	}
	m.interrupted = time.Now()
	if q := m.question; q != nil && q.no != nil {
		q.no(m)
	}
	m.prompt, m.question = nil, nil
	return m.quit()
}
