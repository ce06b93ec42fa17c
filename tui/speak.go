// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"cygnet/internal/command"
)

// speak does a line that was given at the prompt: one for the view, or one of
// the language.
func (m *model) speak(line string) tea.Cmd {
	if line != "" {
		m.remember(line)
	}
	if m.script != nil {
		return m.scripted(line)
	}
	if line == "" {
		return nil
	}
	words := strings.Fields(line)
	switch {
	case line == "q" || line == "quit":
		return m.quit()
	case words[0] == "set":
		return m.set(words[1:])
	case words[0] == "watch":
		m.say(failed, "only on a control socket: cygnet ctl watch")
		return nil
	case line == "begin" && !m.readOnly:
		m.begin()
		return nil
	case m.readOnly && !command.Asks(line):
		m.say(failed, "read-only: only questions are taken")
		return nil
	}
	m.say(remark, "asking: "+m.theme.clean(line))
	asked := time.Now()
	return m.do(line, func(m *model, reply string, err error) tea.Cmd {
		return m.replied(line, reply, err, time.Since(asked) < promptly)
	})
}

// promptly is how soon the prompt may come back with a line that was refused:
// later, the operator's keys are meant for something else.
const promptly = 2 * time.Second

// replied shows a reply: a short one at the bottom, a long one in its place. A
// line that was refused is there to be mended.
func (m *model) replied(line, reply string, err error, soon bool) tea.Cmd {
	if why := refusal(reply, err); why != "" {
		if soon && m.idle() {
			m.openLine(line)
			m.prompt.complain(m.theme.clean(why))
		} else {
			m.say(failed, m.theme.clean(why))
		}
		if strings.Count(reply, "\n") > 2 {
			m.pager = newPager(m.theme, "refused: "+line, reply)
		}
		return nil
	}
	switch text := strings.TrimSpace(reply); {
	case text == "":
		m.sayDone(m.theme.clean("ok: " + line))
	case !strings.Contains(text, "\n") && cells(text) < m.w-4:
		m.say(done, m.theme.clean(text))
	default:
		m.pager = newPager(m.theme, line, reply)
		m.toast = toast{}
	}
	return nil
}

// complain shows what is wrong with what was typed.
func (p *prompt) complain(why string) { p.hint, p.bad, p.loud = why, true, false }

// set changes the view itself.
func (m *model) set(words []string) tea.Cmd {
	switch what := strings.Join(words, " "); {
	case what == "mouse off":
		return tea.DisableMouse
	case what == "mouse on":
		return tea.EnableMouseCellMotion
	case len(words) == 2 && words[0] == "glyphs":
		g, err := ParseGlyphs(words[1])
		if err != nil {
			m.say(failed, m.theme.clean(err.Error()))
			return nil
		}
		m.theme.glyphs, m.theme.marks = g, marksOf(g)
		m.live.journal.cleanAgain(m.theme)
		m.refresh()
		return nil
	}
	m.say(failed, "the view can be told: set glyphs utf8|console|ascii, set mouse on|off")
	return nil
}
