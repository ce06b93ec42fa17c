// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"cygnet/internal/events"
)

// logPanel is the tab of what happened: events and lines of the log, the newest
// at the bottom. While the cursor is on the newest, it follows.
type logPanel struct {
	numbers        // of entries, counted from the first there ever was, in their order
	kinds   logged // what of the journal is shown
	filter  filter
	names   map[string]bool // what the line of an event begins with
	taken   logTaken
}

// logged is what of the journal is shown.
type logged int

const (
	logOnce   logged = iota // events, and those lines that do not tell of one
	logAll                  // every line
	logEvents               // events alone
	logLoud                 // warnings and errors
	loggeds
)

func (k logged) String() string {
	return [loggeds]string{"events and log", "every line", "events", "warnings and errors"}[k]
}

// logTaken says what is shown: as long as that is the same, so are the rows.
type logTaken struct {
	journal *journal
	total   int
	kinds   logged
	filter  string
}

func newLogPanel() panel {
	names := map[string]bool{}
	for k := events.Kind(0); ; k++ {
		if _, ok := events.KindOf(k.Word()); !ok {
			break
		}
		names[k.String()] = !k.OfHits() // those are no entries of the journal
	}
	return &logPanel{names: names}
}

func (p *logPanel) name() string { return "Log" }

// refresh takes in what there is to see, while anybody sees it.
func (p *logPanel) refresh(m *model) {
	j := m.see().journal
	now := logTaken{j, j.total, p.kinds, p.filter.text}
	if m.panel() != p || p.taken == now {
		return
	}
	p.taken = now
	var shown []int
	for i, e := range j.newest() {
		if p.shows(e) {
			shown = append(shown, j.first()+i)
		}
	}
	p.numbers.refresh(shown, false)
}

// shows says whether an entry is to be seen.
func (p *logPanel) shows(e entry) bool {
	switch {
	case p.kinds == logOnce && e.log && p.repeats(e.text),
		p.kinds == logEvents && e.log,
		p.kinds == logLoud && (e.severity == events.Info || e.log && p.repeats(e.text)):
		return false
	}
	return !p.filter.on() || p.filter.passes(e.text+" "+e.who)
}

// repeats says whether a line of the log tells of an event, which the journal
// has as well: its message is the event's name. A quotation mark in what
// belongs to a message is written with a backslash, so none can pass for one.
func (p *logPanel) repeats(line string) bool {
	for _, key := range []string{` msg="`, `,"msg":"`} {
		if _, rest, ok := strings.Cut(line, key); ok {
			message, _, ok := strings.Cut(rest, `"`)
			return ok && p.names[message]
		}
	}
	return false
}

// first is the number of the oldest entry that is kept.
func (j *journal) first() int { return j.total - len(j.newest()) }

// entry returns the entry of that number; false when it is no longer kept.
func (j *journal) entry(number int) (entry, bool) {
	all, i := j.newest(), number-j.first()
	if i < 0 || i >= len(all) {
		return entry{}, false
	}
	return all[i], true
}

func (p *logPanel) bindings(*model) []binding {
	all := []binding{
		bind("f", "kinds: events and log, every line, events, warnings and errors", then(func(m *model) {
			p.kinds = (p.kinds + 1) % loggeds
			p.refresh(m)
		})).brief(),
	}
	if p.there() {
		all = append(all, bind("o", "export: what is shown, to a new file", p.export).brief(),
			bind("enter", "details: the whole entry", then(p.detail)).brief())
	}
	return append(all, p.grid.bindings(p.choose)...)
}

func (p *logPanel) setFilter(m *model, f filter) {
	p.filter = f
	p.refresh(m)
}

func (p *logPanel) remark() string {
	if p.filter.on() {
		return fmt.Sprintf("%d /%s", len(p.keys), p.filter.text)
	}
	return ""
}

func (p *logPanel) click(_ *model, _, y int, wheel int8) {
	p.grid.click(y, wheel)
	p.choose()
}

// detail shows an entry that a row may have no room for.
func (p *logPanel) detail(m *model) {
	e, ok := m.see().journal.entry(p.selected)
	if !ok {
		return
	}
	m.pager = newPager(m.theme, "one entry of the log", e.line()+"\n")
}

// export writes what is shown to a new file, and says its name.
func (p *logPanel) export(m *model) tea.Cmd {
	j := m.see().journal
	var b strings.Builder
	for _, number := range p.keys {
		if e, ok := j.entry(number); ok {
			b.WriteString(e.line() + "\n")
		}
	}
	text, lines := b.String(), strconv.Itoa(len(p.keys))
	return func() tea.Msg {
		name, err := writeNew("cygnet-log-*.txt", text)
		return replyMsg{name, err, func(m *model, name string, err error) tea.Cmd {
			if err != nil {
				m.say(failed, m.theme.clean(fmt.Sprintf("export the log: %v (set TMPDIR to a folder that can be written)", err)))
			} else {
				m.say(done, m.theme.clean(lines+" lines are in "+name))
			}
			return nil
		}}
	}
}
