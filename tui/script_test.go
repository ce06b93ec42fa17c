// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

const wholeService = "begin\nservice www listen 10.0.0.11:80\nservice www server 0 address 10.0.0.21\n"

func TestTransactionAtThePrompt(t *testing.T) {
	o := operate(t, nil)
	o.f.answer = func(text string) (string, error) {
		switch {
		case strings.HasSuffix(text, "preview"):
			return "changes: a lot\n", nil
		case strings.Count(text, "\n") < 3:
			return "error: service www: no server\nhint: name one\n", nil
		}
		return "", nil
	}
	o.keys(":", "begin", "enter")
	o.shows("1:")
	o.keys("service www listen 10.0.0.11:80", "enter", "commit", "enter") // too early
	o.shows("error: service www: no server")
	o.shows("  1  service www listen 10.0.0.11:80")
	o.shows("2:")
	o.keys("service www server 0 address 10.0.0.21", "enter", "preview", "enter")
	o.shows("changes: a lot")
	o.keys("commit", "enter")
	o.shows("ok: service www listen")
	if !strings.HasSuffix(o.f.said(), wholeService+"commit") {
		t.Errorf("the balancer was asked %q", o.f.said())
	}
	o.keys("esc", ":", "begin", "enter", "enter", "standby", "enter", "esc")
	o.shows("nothing was done: 1 line dropped")
	o.keys(":", "servers", "enter") // no script any more
	if !strings.HasSuffix(o.f.said(), "\n---\nservers") {
		t.Errorf("the balancer was asked %q", o.f.said())
	}
}

// TestPastedLines become a transaction, of which nothing is done before commit.
func TestPastedLines(t *testing.T) {
	o := operate(t, nil)
	o.keys(":")
	paste := func(text string) { o.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(text), Paste: true}) }
	paste(strings.ReplaceAll(wholeService, "\n", "\r") + "\r\ncommit\r\n")
	o.shows("3:")
	o.asked("")
	o.keys("commit", "enter")
	o.asked(wholeService + "commit")
	o.keys(":")
	paste("acl 1") // one line is only typed
	o.shows(":acl 1")
	o.keys("esc")
	o.asked(wholeService + "commit")
}

func TestReadOnlyTakesNoTransaction(t *testing.T) {
	o := operate(t, func(opt *Options) { opt.ReadOnly = true })
	o.keys(":", "begin", "enter")
	o.shows("read-only")
	o.keys(":")
	o.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("standby\nactive\n"), Paste: true})
	o.keys("commit", "enter")
	o.asked("")
}

// TestALateScriptIsKept: what was typed is not lost because the reply came late.
func TestALateScriptIsKept(t *testing.T) {
	o := operate(t, nil)
	o.f.answer = func(string) (string, error) { return "error: not now\n", nil }
	o.keys(":", "begin", "enter", "standby", "enter", "commit")
	_, late := o.m.Update(keyOf("enter"))
	o.keys("space") // the operator goes on
	o.send(late())
	o.shows("drain web-01?")
	o.keys("n", ":")
	o.shows("2:")
	o.f.answer = nil
	o.keys("commit", "enter")
	o.shows("ok: standby")
	if !strings.HasSuffix(o.f.said(), "begin\nstandby\ncommit") {
		t.Errorf("the balancer was asked %q", o.f.said())
	}
}

// TestUndoOfNothing: nothing is said to be undone that was not.
func TestUndoOfNothing(t *testing.T) {
	o := operate(t, nil)
	o.f.changed(o.f.Sight().About.Who, "server 0 drain", noon)
	o.send(tickMsg(noon.Add(1e9)))
	o.f.answer = func(string) (string, error) { return "note: nothing is left of change 1 to take back\n", nil }
	o.keys("u")
	o.shows("note: nothing is left of change 1")
	if o.m.undoable() {
		t.Error("it can be undone once more")
	}
}
