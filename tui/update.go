// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// Update implements tea.Model.
func (m *model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tickMsg:
		m.look(time.Time(msg))
		return m, m.tick()
	case tea.WindowSizeMsg:
		m.w, m.h = min(msg.Width, mostWidth), min(msg.Height, mostHeight)
		m.changed = true
		return m, tea.ClearScreen // what a terminal makes of a changed size is its own business
	case tea.KeyMsg:
		m.changed = true
		return m, m.pressed(msg)
	case tea.MouseMsg:
		m.changed = true
		return m, m.pointed(msg)
	case replyMsg:
		m.changed = true
		m.look(m.now) // the events of what was done are there already
		return m, msg.then(m, msg.reply, msg.err)
	case validateMsg:
		m.changed = true
		return m, m.validate(msg)
	}
	return m, nil
}

// pressed gives a key to whatever is in front.
func (m *model) pressed(k tea.KeyMsg) tea.Cmd {
	if k.Paste && m.prompt == nil {
		return nil // text that was meant for a prompt is no command
	}
	if k.Type == tea.KeyRunes && len(k.Runes) > 1 && m.prompt == nil {
		return m.pressedQuickly(k)
	}
	if k.String() == "ctrl+c" {
		return m.interrupt()
	}
	if m.w < leastWidth || m.h < leastHeight {
		m.prompt, m.pager = nil, nil // nobody sees what they take
	}
	switch {
	case m.question != nil:
		return m.answer(k)
	case m.prompt != nil:
		return m.typed(k)
	case m.pager != nil:
		return m.page(k)
	}
	if cmd, ok := press(m, k, m.panel().bindings(m)); ok {
		return cmd
	}
	if cmd, ok := press(m, k, m.everywhere()); ok {
		return cmd
	}
	if k.String() == "esc" {
		m.showAll()
	}
	return nil
}

// pressedQuickly takes keys that came with one read of the terminal, because we were
// slow or the line is, each by itself: the first may open the prompt that the others are
// for. A question ends that: what was on its way before anyone could read it is no answer.
func (m *model) pressedQuickly(k tea.KeyMsg) tea.Cmd {
	var all []tea.Cmd
	for i, r := range k.Runes {
		if m.question != nil {
			break
		}
		if m.prompt != nil {
			all = append(all, m.pressed(tea.KeyMsg{Type: tea.KeyRunes, Runes: k.Runes[i:]}))
			break
		}
		all = append(all, m.pressed(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}, Alt: k.Alt}))
	}
	return tea.Batch(all...)
}

// showAll ends the filter.
func (m *model) showAll() {
	m.panel().setFilter(m, filter{})
	m.toast = toast{}
}

// pointed gives a click or a turn of the wheel to what is there.
func (m *model) pointed(e tea.MouseMsg) tea.Cmd {
	if e.Action != tea.MouseActionPress {
		return nil
	}
	var wheel int8
	switch e.Button {
	case tea.MouseButtonWheelUp:
		wheel = -1
	case tea.MouseButtonWheelDown:
		wheel = +1
	case tea.MouseButtonLeft:
	default:
		return nil
	}
	l := m.layout()
	switch {
	case m.question != nil || m.prompt != nil:
		return nil // a question is answered by a key
	case m.pager != nil:
		m.pager.scroll(3 * int(wheel))
	case e.Y == l.tabs && wheel == 0:
		for i, span := range m.tabSpans {
			if e.X >= span[0] && e.X < span[1] {
				m.open(i)
			}
		}
	case e.Y >= l.body && e.Y < l.body+l.bodyHeight:
		m.panel().click(m, e.X, e.Y-l.body, wheel)
	}
	return nil
}
