// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"time"

	"github.com/charmbracelet/bubbles/cursor"
	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textinput"
	tea "github.com/charmbracelet/bubbletea"
)

// prompt is where an operator types, in the last row but one. The row below it
// says what may come next, or what is wrong.
type prompt struct {
	input    textinput.Model
	mark     string // before the text: `:` or `/`, or a question
	hint     string // below, clean
	bad      bool   // the hint says what is wrong
	loud     bool   // the hint is not to be overlooked
	past     int    // which of the earlier lines is shown; len of them is none
	talks    bool   // it is the prompt of `:`
	lines    bool   // what is typed is a line of the language: it is completed, and remembered
	checked  bool   // what stands there was checked, or is
	checking bool   // a check has not come back

	// Enter gives the text to enter; the prompt is closed before.
	enter func(m *model, text string) tea.Cmd
	// changed, which may be nil, is called when the text has changed.
	changed func(m *model, text string) tea.Cmd
	// check, which may be nil, is called when typing has paused.
	check func(m *model, text string) tea.Cmd
	// esc, which may be nil, is called when the operator gives up.
	esc func(m *model)
}

// longestLine is what the language takes (LANGUAGE.md).
const longestLine = 4095

func (m *model) newPrompt(mark, text string) *prompt {
	in := textinput.New()
	in.CharLimit = longestLine
	in.Cursor.SetMode(cursor.CursorStatic) // a blinking one would draw a frame when nothing has changed
	in.KeyMap.Paste = key.NewBinding()     // the terminal pastes by itself; this one looks for another program's clipboard
	in.Focus()
	in.SetValue(text)
	in.CursorEnd()
	m.prompt = &prompt{input: in, mark: mark, past: len(m.spoken)}
	m.toast = toast{}
	return m.prompt
}

// openPrompt waits for a line of the language, or for the next one of a script
// that is not done.
func (m *model) openPrompt() {
	if m.script != nil {
		m.nextLine("")
		return
	}
	m.openLine("")
}

// openLine does so with the beginning of one.
func (m *model) openLine(text string) {
	p := m.newPrompt(":", text)
	p.lines, p.talks = true, true
	p.enter = (*model).speak
	p.help(m)
}

// openFilter narrows the panel while it is typed.
func (m *model) openFilter() {
	if m.pager != nil {
		return
	}
	p := m.newPrompt("/", "")
	p.hint = "words that must all be there; !word must not; enter keeps, esc shows all"
	narrow := func(m *model, text string) tea.Cmd {
		m.panel().setFilter(m, newFilter(m.theme.clean(text))) // it is shown, and so is what it is tried on: clean
		return nil
	}
	p.changed, p.enter = narrow, narrow
	p.esc = func(m *model) { m.panel().setFilter(m, filter{}) }
}

// typed gives a key to the prompt.
func (m *model) typed(k tea.KeyMsg) tea.Cmd {
	p := m.prompt
	switch k.String() {
	case "esc":
		m.prompt = nil
		if p.esc != nil {
			p.esc(m)
		}
		return nil
	case "enter":
		m.prompt = nil
		return p.enter(m, p.text())
	case "tab":
		if p.lines {
			p.complete(m)
			return p.edited(m)
		}
		return nil
	case "up", "ctrl+p":
		p.recall(m, -1)
		return p.edited(m)
	case "down", "ctrl+n":
		p.recall(m, +1)
		return p.edited(m)
	}
	before := p.input.Value()
	if text := string(k.Runes); k.Paste && p.talks && strings.ContainsAny(text, "\r\n") {
		m.pasted(text)
		return nil
	}
	p.input, _ = p.input.Update(k)
	if p.input.Value() == before {
		return nil
	}
	return p.edited(m)
}

// text is what was typed.
func (p *prompt) text() string { return strings.TrimSpace(p.input.Value()) }

// edited sees to what follows from a changed text.
func (p *prompt) edited(m *model) tea.Cmd {
	p.checked = false
	if p.lines {
		p.help(m)
	}
	if p.changed != nil {
		return p.changed(m, p.input.Value())
	}
	return nil
}

// recall goes through earlier lines.
func (p *prompt) recall(m *model, by int) {
	if !p.lines || p.past+by < 0 || p.past+by > len(m.spoken) {
		return
	}
	p.past += by
	text := ""
	if p.past < len(m.spoken) {
		text = m.spoken[p.past]
	}
	p.set(text)
}

func (p *prompt) set(text string) {
	p.input.SetValue(text)
	p.input.CursorEnd()
}

// remember keeps a line for later.
func (m *model) remember(line string) {
	const most = 200
	if n := len(m.spoken); n > 0 && m.spoken[n-1] == line {
		return
	}
	if len(m.spoken) == most {
		m.spoken = append(m.spoken[:0], m.spoken[1:]...)
	}
	m.spoken = append(m.spoken, line)
}

// render draws the prompt in w cells, scrolled so that the cursor is seen.
func (p *prompt) render(t *Theme, w int) string {
	r := t.row(w).text(t.bold, p.mark)
	text, at := []rune(t.clean(p.input.Value())), p.input.Position()
	room := max(r.left-1, 1)
	from := max(at-room+1, 0)
	before := string(text[min(from, len(text)):min(at, len(text))])
	r.text(t.plain, before)
	under, after := " ", ""
	if at < len(text) {
		under, after = string(text[at]), string(text[at+1:])
	}
	if t.selected.on == "" { // nothing can be turned over: the cursor is a character
		under = t.marks.cursor
	}
	return r.text(t.selected, under).text(t.plain, after).String()
}

// validateMsg says that an operator has not typed for a moment.
type validateMsg struct{ text string }

// settle waits until typing has paused.
const settle = 250 * time.Millisecond

func validateSoon(text string) tea.Cmd {
	return tea.Tick(settle, func(time.Time) tea.Msg { return validateMsg{text} })
}
