// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"cygnet/internal/events"
)

func (p *logPanel) render(m *model, w, h int) []string {
	t, j := m.theme, m.see().journal
	remark := p.kinds.String()
	if m.live.snap != nil && !m.see().sight.About.Owner {
		remark = "the log's lines are for root and Cygnet's own user  " + remark
	}
	if lost := j.lost + m.see().sight.Lost; lost > 0 {
		remark = fmt.Sprintf("journal lost %d  ", lost) + remark
	}
	lines := []string{t.section(w, "Log", remark)}
	p.y = 1
	if len(p.keys) == 0 {
		text := "nothing has happened yet"
		if j.total > 0 {
			text = "nothing of that kind"
		}
		if p.filter.on() {
			text = "nothing matches /" + p.filter.text + "; esc shows all"
		}
		return t.pad(append(lines, t.row(w).gap(3).text(t.dim, t.clean(text)).String()), w, h)
	}
	from, to := p.window(h - 1)
	for i := from; i < to; i++ {
		e, _ := j.entry(p.keys[i])
		lines = append(lines, p.row(t, w, e, i == p.cursor))
	}
	return t.pad(lines, w, h)
}

// row is an entry in one row: its time, how loud it is, and what it says.
func (p *logPanel) row(t *Theme, w int, e entry, selected bool) string {
	r, mark := t.row(w), " "
	if selected {
		r.over, mark = t.selected, t.marks.point
	}
	when, text := e.apart()
	shown := ""
	switch {
	case when.IsZero():
	case w >= wideWidth:
		shown = when.Local().Format("Jan _2 15:04:05")
	default:
		shown = timeOf(when)
	}
	width := 8
	if w >= wideWidth {
		width = 15
	}
	r.gap(1).text(t.bold, mark).gap(1).cell(t.dim, shown, width).gap(1)
	switch e.severity {
	case events.Error:
		r.cell(t.bad, "ERROR", 5)
	case events.Warning:
		r.cell(t.warn, "WARN", 5)
	default:
		r.cell(t.dim, "info", 5)
	}
	r.gap(1)
	if e.who != "" {
		r.text(t.bold, e.who+" ")
	}
	return r.text(t.plain, text).String()
}

// apart is when an entry was, and the rest of its text: a line of the log
// begins with that itself.
func (e entry) apart() (time.Time, string) {
	stamp, rest, _ := strings.Cut(e.text, " ")
	stamp, ok := strings.CutPrefix(stamp, "time=")
	when, err := time.Parse(time.RFC3339, stamp)
	if !e.log || !ok || err != nil {
		return e.when, e.text
	}
	if level, text, _ := strings.Cut(rest, " "); strings.HasPrefix(level, "level=") {
		rest = text
	}
	return when, rest
}

// line is an entry as it is exported: one of the log as it came, and an event
// in the same manner.
func (e entry) line() string {
	if e.log {
		return e.text
	}
	line := e.when.UTC().Format("2006-01-02T15:04:05.000Z07:00") + " " + e.severity.String() + " " + e.text
	if e.who != "" {
		line += " by " + e.who
	}
	return line
}

// writeNew writes a new file that only its owner can read, in the folder for
// temporary ones, and returns its name. Nothing is left of one that fails.
func writeNew(pattern, text string) (name string, err error) {
	f, err := os.CreateTemp("", pattern)
	if err != nil {
		return "", err
	}
	_, err = f.WriteString(text)
	if err = cmp.Or(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
