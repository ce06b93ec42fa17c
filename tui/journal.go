// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"slices"
	"strings"
	"time"

	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// journal is what happened, the newest last: changes of state, and lines of
// the log that are not about these. It remembers the newest journalKept.
type journal struct {
	entries []entry
	total   int // that were ever added
	lost    uint64

	changes, lines uint64 // how far the rings are read
	begun          bool   // they were
}

const journalKept = 2000

// entry is one line of the journal, clean.
type entry struct {
	when     time.Time // zero for a line of the log, which has its own
	severity events.Severity
	text     string
	who      string // who did it; empty if nobody did
	log      bool
}

// drain takes in what is new and reports whether anything was; changed is
// called for every event.
func (j *journal) drain(t *Theme, opt *Options, changed func(events.Event)) bool {
	got, next, lost := opt.Changes.Since(j.changes)
	if !j.begun {
		lost = 0 // what was forgotten before we looked was not lost to us
	}
	j.changes = next
	var fresh []entry
	for _, e := range got {
		changed(e)
		fresh = append(fresh, entry{when: e.Time, severity: e.Kind.Severity(), text: t.clean(describe(e)), who: t.clean(e.Who)})
	}
	lines, next, missed := opt.Lines.Since(j.lines)
	if !j.begun {
		missed = 0
	}
	j.begun = true
	j.lines = next
	for _, l := range lines {
		if line := t.clean(strings.TrimRight(l, "\r\n")); line != "" {
			fresh = append(fresh, entry{severity: severityOf(l), text: line, log: true})
		}
	}
	inOrder(fresh)
	for _, e := range fresh {
		j.add(e)
	}
	j.lost += lost + missed
	return len(got)+len(lines) > 0
}

// inOrder sorts what came from two rings at once by when it was; what does not
// say so stays behind what came before it.
func inOrder(fresh []entry) {
	type timed struct {
		entry
		at time.Time
	}
	all := make([]timed, len(fresh))
	var last time.Time
	for i, e := range fresh {
		if at, _ := e.apart(); !at.IsZero() {
			last = at
		}
		all[i] = timed{e, last}
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	for i := range all {
		fresh[i] = all[i].entry
	}
}

func (j *journal) add(e entry) {
	if len(j.entries) >= 2*journalKept { // half at a time: each is moved once
		j.entries = append(j.entries[:0], j.entries[journalKept:]...)
	}
	j.entries = append(j.entries, e)
	j.total++
}

// cleanAgain leaves what the theme's glyphs show, after these were changed.
func (j *journal) cleanAgain(t *Theme) {
	for i := range j.entries {
		j.entries[i].text, j.entries[i].who = t.clean(j.entries[i].text), t.clean(j.entries[i].who)
	}
}

// newest returns at most the newest journalKept entries, oldest first.
func (j *journal) newest() []entry {
	return j.entries[max(len(j.entries)-journalKept, 0):]
}

// clone returns a copy that stays as it is.
func (j *journal) clone() *journal {
	c := *j
	c.entries = append([]entry(nil), j.newest()...)
	return &c
}

// severityOf guesses how loud a line of the log is, by slog's words.
func severityOf(line string) events.Severity {
	switch {
	case strings.Contains(line, "level=ERROR") || strings.Contains(line, `"level":"ERROR"`):
		return events.Error
	case strings.Contains(line, "level=WARN") || strings.Contains(line, `"level":"WARN"`):
		return events.Warning
	}
	return events.Info
}

// sentence is the text of an event that tells by itself what happened, with the
// service that it is about; false where the event is not of that kind.
func sentence(e events.Event) (text string, ok bool) {
	switch e.Kind {
	case events.ServerUp, events.ServerDown, events.ServerDrained, events.SYNsRetried, events.ServiceServing:
		if e.Text == "" || e.Service == "" {
			return "", false
		}
	default:
		return "", false
	}
	if rest, named := strings.CutPrefix(e.Text, e.Server+" "); named && e.Server != "" {
		return e.Server + " of " + e.Service + " " + rest, true
	}
	return "service " + e.Service + ": " + e.Text, true
}

// describe says an event in one line, without its time and who did it.
func describe(e events.Event) string {
	if e.Kind == events.ConfigChanged && e.Text != "" {
		return e.Text // it says `change 7: ` itself
	}
	if text, ok := sentence(e); ok {
		return text
	}
	var b strings.Builder
	b.WriteString(e.Kind.String())
	word := func(s string) {
		if s != "" {
			b.WriteString(" " + s)
		}
	}
	if e.Server != "" {
		word("server " + e.Server)
		if e.Service != "" {
			word("of")
		}
	}
	word(e.Service)
	if e.Addr.IsValid() && e.Addr.String() != e.Server {
		word(e.Addr.String())
	}
	if was := wire.MAC(e.Was); !was.IsZero() {
		word("was " + was.String())
	}
	if mac := wire.MAC(e.MAC); !mac.IsZero() {
		word("is " + mac.String())
	}
	if e.Text != "" {
		b.WriteString(": " + e.Text)
	}
	return b.String()
}
