// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"context"
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// patience is how long a reply may take: a reload may load a database of
// countries.
const patience = 30 * time.Second

// replyMsg is the reply to what was asked.
type replyMsg struct {
	reply string
	err   error
	then  func(m *model, reply string, err error) tea.Cmd
}

// do gives the balancer a line, or a transaction. then is called with the reply.
func (m *model) do(line string, then func(m *model, reply string, err error) tea.Cmd) tea.Cmd {
	const remembered = 16
	first, _, _ := strings.Cut(strings.TrimPrefix(line, "begin\n"), "\n")
	m.sent = append(m.sent[max(len(m.sent)-remembered, 0):], first)
	source := m.opt.Source
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		reply, err := source.Do(ctx, line)
		return replyMsg{reply, err, then}
	}
}

// change gives the balancer lines that change something, and says what came of
// it; ok is what to say when all went well.
func (m *model) change(ok string, lines ...string) tea.Cmd { return m.give(ok, false, lines) }

// commit does the same in a transaction, also where there is but one line: who
// has seen what it does means it, and need not say `force`.
func (m *model) commit(ok string, lines ...string) tea.Cmd { return m.give(ok, true, lines) }

func (m *model) give(ok string, meant bool, lines []string) tea.Cmd {
	if why := m.hindrance(); why != "" {
		m.say(failed, why+": nothing was done")
		return nil
	}
	m.say(remark, "asking: "+m.theme.clean(strings.Join(lines, "; ")))
	text := transaction(lines, "commit")
	if len(lines) == 1 && !meant {
		text = lines[0]
	}
	return m.do(text, func(m *model, reply string, err error) tea.Cmd {
		if m.refused(reply, err) {
			return nil
		}
		if note := firstNote(reply); note != "" {
			ok += " (" + m.theme.clean(note) + ")"
		}
		m.sayDone(ok)
		return nil
	})
}

// hindrance is why nothing can be changed by a key now; empty if it can. What a
// key means, as a server's number or a rule's position, is what is on the screen.
func (m *model) hindrance() string {
	switch {
	case m.readOnly:
		return "read-only"
	case m.stale():
		return "what is shown is old"
	}
	return ""
}

// transaction makes one text of lines that belong together, up to the word that
// ends them.
func transaction(lines []string, end string) string {
	return "begin\n" + strings.Join(lines, "\n") + "\n" + end
}

// refused says why nothing was done, and whether that is so.
func (m *model) refused(reply string, err error) bool {
	why := refusal(reply, err)
	if why == "" {
		return false
	}
	m.say(failed, m.theme.clean(why))
	return true
}

// refusal is why a line was not done, with the hint, in one line; empty when it
// was.
func refusal(reply string, err error) string {
	if err != nil {
		return fmt.Sprintf("no answer: %v", err)
	}
	text, bad := strings.CutPrefix(reply, "error: ")
	if !bad {
		return ""
	}
	first, rest, _ := strings.Cut(text, "\n")
	if number, what, ok := strings.Cut(first, ": "); ok && strings.HasPrefix(number, "line ") {
		first = what // the operator typed one, and knows none of the others
	}
	for line := range strings.Lines(rest) {
		if hint, ok := strings.CutPrefix(strings.TrimSpace(line), "hint: "); ok {
			return first + " (" + hint + ")"
		}
	}
	return first
}

// firstNote is the first notice of a reply.
func firstNote(reply string) string {
	for line := range strings.Lines(reply) {
		if note, ok := strings.CutPrefix(strings.TrimSpace(line), "note: "); ok && !ofOneLine(note) {
			return note
		}
	}
	return ""
}

// undo takes our last change back.
func (m *model) undo() tea.Cmd {
	number, what := m.mine.number, m.mine.text
	return m.do(fmt.Sprintf("undo %d", number), func(m *model, reply string, err error) tea.Cmd {
		if m.refused(reply, err) {
			return nil
		}
		// Taking back is a change of ours, too, which u does not mean from here on.
		// The event that tells of it has come, or will.
		first, _, _ := strings.Cut(reply, "\n")
		text, did := strings.CutPrefix(first, "undone by: ")
		if !did { // a note: somebody else took it back, or time did
			m.mine = ownChange{}
			m.say(remark, m.theme.clean(first))
			return nil
		}
		if m.mine.text != text {
			m.undid = text
		}
		if m.mine.text == text || m.mine.number == number {
			m.mine = ownChange{}
		}
		m.say(done, m.theme.clean(fmt.Sprintf("undone: change %d, %s", number, what)))
		return nil
	})
}

// save shows what writing the configuration would change, and asks.
func (m *model) save() tea.Cmd {
	return m.do("diff", func(m *model, reply string, err error) tea.Cmd {
		switch {
		case !m.idle():
			return nil // the operator went on to something else
		case m.refused(reply, err):
			return nil
		case strings.TrimSpace(reply) == "":
			m.say(done, "nothing to write: the file says what is in force")
			return nil
		}
		m.pager = newPager(m.theme, "what write would change", reply)
		m.ask(&question{
			text: "write the configuration to its file?",
			yes:  func(m *model) tea.Cmd { m.pager = nil; return m.write(reply) },
			no:   func(m *model) { m.pager = nil },
		})
		return nil
	})
}

// write writes the configuration, if what that changes is still what was shown.
func (m *model) write(shown string) tea.Cmd {
	if m.readOnly {
		m.say(failed, "read-only: nothing was done")
		return nil
	}
	return m.do("diff", func(m *model, reply string, err error) tea.Cmd {
		switch {
		case m.refused(reply, err):
			return nil
		case reply != shown:
			m.say(failed, "the configuration was changed meanwhile: look again with w")
			return nil
		}
		return m.do("write", func(m *model, reply string, err error) tea.Cmd {
			if !m.refused(reply, err) {
				m.say(done, m.theme.clean(strings.TrimSpace("written "+reply)))
			}
			return nil
		})
	})
}
