// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"testing"
	"time"

	"cygnet/internal/events"
)

// TestJournalInOrder: what comes from two rings at once is shown by when it was.
func TestJournalInOrder(t *testing.T) {
	f := newFake()
	for i, text := range []string{"change 1: b", "change 2: d"} {
		f.changes.Add(events.Event{Kind: events.ConfigChanged, Time: noon.Add(time.Duration(2*i+1) * time.Second), Text: text})
	}
	f.lines.Add("time=" + noon.Format(time.RFC3339) + " level=INFO msg=a")
	f.lines.Add("time=" + noon.Add(2*time.Second).Format(time.RFC3339) + " level=INFO msg=c")
	f.lines.Add("without a time, after c")
	opt := f.options()
	j := &journal{}
	j.drain(NewTheme(ASCII, 0, false), &opt, func(events.Event) {})
	var got []string
	for _, e := range j.entries {
		_, text := e.apart()
		got = append(got, text)
	}
	if want := "msg=a|change 1: b|msg=c|without a time, after c|change 2: d"; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "|"), want)
	}
}
