// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"context"
	"fmt"
	"runtime"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// guard has a mistake in the view end the view, and nothing else. Bubble Tea
// catches panics too, but then prints the stack onto the screen, and waits for
// a terminal that may be stuck. What runs inside a tea.Sequence is beyond it.
type guard struct {
	tea.Model
	end context.CancelCauseFunc
}

func (g guard) Init() tea.Cmd {
	defer g.catch()
	return g.command(g.Model.Init())
}

func (g guard) Update(msg tea.Msg) (m tea.Model, cmd tea.Cmd) {
	m = g // also after a panic
	defer g.catch()
	next, cmd := g.Model.Update(msg)
	return guard{next, g.end}, g.command(cmd)
}

func (g guard) View() string {
	defer g.catch()
	return g.Model.View()
}

// command guards a command, and those that it stands for.
func (g guard) command(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() tea.Msg {
		defer g.catch()
		msg := cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			for i, c := range batch {
				batch[i] = g.command(c)
			}
		}
		return msg
	}
}

func (g guard) catch() {
	if r := recover(); r != nil {
		g.end(fmt.Errorf("a mistake in the view: %v%s", r, places()))
	}
}

// places says where a panic that is being caught happened.
func places() string {
	const most = 4 // enough to find it, and to be one line of the log
	callers := make([]uintptr, 32)
	frames := runtime.CallersFrames(callers[:runtime.Callers(1, callers)])
	var at []string
	for panicked, more := false, true; more && len(at) < most; {
		var f runtime.Frame
		f, more = frames.Next()
		ours := strings.HasPrefix(f.Function, "cygnet/") || strings.HasPrefix(f.Function, "main.")
		if panicked && ours {
			at = append(at, fmt.Sprintf("%s:%d", f.File[strings.LastIndexByte(f.File, '/')+1:], f.Line))
		}
		panicked = panicked || f.Function == "runtime.gopanic"
	}
	if len(at) == 0 {
		return ""
	}
	return ", at " + strings.Join(at, ", ")
}
