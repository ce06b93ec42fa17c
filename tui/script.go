// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// script is a transaction that is being written at the prompt: lines that need
// each other, from `begin` to `commit`.
type script struct{ lines []string }

// begin collects lines from here on.
func (m *model) begin() {
	m.script = &script{}
	m.nextLine("")
}

// nextLine waits for one more line of the script.
func (m *model) nextLine(text string) {
	m.openLine(text)
	m.prompt.mark = fmt.Sprintf("%d:", len(m.script.lines)+1)
	m.prompt.esc = (*model).dropScript
	if text == "" {
		m.prompt.hint = "more lines, then commit; preview tells what they would do; esc drops them"
	}
}

func (m *model) dropScript() {
	m.say(remark, "nothing was done: "+plural(len(m.script.lines), "line")+" dropped")
	m.script = nil
}

// scripted takes a line of the script.
func (m *model) scripted(line string) tea.Cmd {
	s := m.script
	switch line {
	case "":
		m.nextLine("")
		return nil
	case "commit", "preview":
		if m.readOnly {
			m.dropScript()
			return nil
		}
		asked := time.Now()
		m.pager = nil // of the last try
		m.say(remark, "asking: "+plural(len(s.lines), "line"))
		return m.do(transaction(s.lines, line), func(m *model, reply string, err error) tea.Cmd {
			return m.scriptDone(s, line, reply, err, time.Since(asked) < promptly)
		})
	}
	s.lines = append(s.lines, line)
	m.nextLine("")
	return nil
}

// scriptDone shows the reply to a script. One that was refused, or only tried,
// goes on being written: at once, or, where the operator went on to something
// else, when the prompt is opened again.
func (m *model) scriptDone(s *script, end, reply string, err error, soon bool) tea.Cmd {
	why := refusal(reply, err)
	if why == "" && end == "commit" {
		m.script = nil
		m.sayDone(m.theme.clean("ok: " + strings.Join(s.lines, "; ")))
		return nil
	}
	text := reply
	if err != nil {
		text = why
	}
	if !soon || !m.idle() {
		m.say(remark, plural(len(s.lines), "line")+" wait at the prompt:  :")
		if why != "" {
			m.say(failed, m.theme.clean(why))
		}
		return nil
	}
	m.nextLine("")
	m.pager = newPager(m.theme, end+" of "+plural(len(s.lines), "line"), numbered(s.lines)+"\n"+text)
	return nil
}

// numbered are lines with their numbers, as errors name them.
func numbered(lines []string) string {
	var b strings.Builder
	for i, l := range lines {
		fmt.Fprintf(&b, "%3d  %s\n", i+1, l)
	}
	return b.String()
}

// pasted takes lines that were pasted at the prompt: they become a script, and
// nothing is done before the operator says commit.
func (m *model) pasted(text string) {
	p := m.prompt
	parts := strings.Split(strings.ReplaceAll(p.input.Value()+text, "\r", "\n"), "\n")
	last := parts[len(parts)-1]
	if m.script == nil {
		m.script = &script{}
	}
	for _, l := range parts[:len(parts)-1] {
		switch l = strings.TrimSpace(l); l {
		case "", "begin", "commit", "preview":
		default:
			m.script.lines = append(m.script.lines, l)
		}
	}
	m.nextLine(strings.TrimSpace(last))
}
