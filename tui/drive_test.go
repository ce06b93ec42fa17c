// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"
	"github.com/muesli/termenv"
)

// driven is a model whose keys a test presses, and whose commands are run at
// once. No time passes but what the test lets pass.
type driven struct {
	*testing.T
	m *model
	f *fake
	n uint64
}

func drive(t *testing.T, f *fake, w, h int) *driven {
	m := newModel(f.options(), NewTheme(ASCII, termenv.Ascii, false), noon)
	m.Update(tea.WindowSizeMsg{Width: w, Height: h})
	return &driven{t, m, f, 1}
}

// give has the model take a message, and what follows from it.
func (d *driven) give(msg tea.Msg) {
	if msg == nil {
		return
	}
	_, cmd := d.m.Update(msg)
	if cmd == nil {
		return
	}
	if _, typed := msg.(tea.KeyMsg); typed && d.m.prompt != nil {
		return // it would only wait until typing has paused
	}
	d.give(cmd())
}

// press presses keys, or types a text that has no other meaning.
func (d *driven) press(keys ...string) *driven {
	for _, k := range keys {
		d.give(keyOf(k))
	}
	return d
}

// pass lets time pass, while the balancer counts on.
func (d *driven) pass(by time.Duration) *driven {
	d.n++
	passed(d.m, d.f, by, d.n)
	return d
}

// body is what the panel shows, plain; the row of tabs above it as well.
func (d *driven) body() string {
	l := d.m.layout()
	lines := strings.Split(ansi.Strip(d.m.View()), "\n")
	return strings.Join(lines[l.tabs:l.body+l.bodyHeight], "\n")
}

// shows fails unless the screen has all texts.
func (d *driven) shows(texts ...string) *driven {
	d.Helper()
	for _, text := range texts {
		if view := ansi.Strip(d.m.View()); !strings.Contains(view, text) {
			d.Errorf("the screen does not show %q, but:\n%s", text, view)
		}
	}
	return d
}

// asked fails unless exactly these lines were given to the balancer.
func (d *driven) asked(lines ...string) {
	d.Helper()
	d.f.mu.Lock()
	defer d.f.mu.Unlock()
	if diff := cmp.Diff(lines, append([]string{}, d.f.asked...)); diff != "" {
		d.Errorf("asked (-want +got):\n%s", diff)
	}
}
