// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"context"
	"errors"
	"io"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	_ "cygnet/internal/noprobe" // before Bubble Tea asks the terminal
)

// framesPerSecond is how often at most the screen is drawn: a key is answered
// within 50 ms, and a timer does not wake the machine 60 times a second.
const framesPerSecond = 20

// Run shows the dashboard on a terminal until the operator leaves, ctx ends
// (then with Lost and ctx's cause), or the terminal or the view itself fails
// (Lost, and why). in and out are the terminal; those with the methods of a file,
// Fd among them, are put into raw mode and asked for their size. It restores the
// terminal as far as that answers, and never writes anywhere else.
func Run(ctx context.Context, in io.Reader, out io.Writer, opt Options) (Ending, error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	options := []tea.ProgramOption{
		tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(out), tea.WithAltScreen(), tea.WithoutSignalHandler(), tea.WithFPS(framesPerSecond),
	}
	if opt.Mouse {
		options = append(options, tea.WithMouseCellMotion())
	}
	first := opening(opt, end)
	if first == nil {
		return Lost, context.Cause(ctx)
	}
	m, err := tea.NewProgram(guard{first, end}, options...).Run()
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return Lost, err
	}
	if g, ok := m.(guard); ok {
		if last, ok := g.Model.(*model); ok {
			return last.ending, nil
		}
	}
	return Lost, errors.New("the view ended without a state")
}

// opening is the model that a dashboard begins with; nil if a mistake kept it
// from looking at the source at all.
func opening(opt Options, end context.CancelCauseFunc) (m *model) {
	defer guard{end: end}.catch()
	theme := NewTheme(opt.Glyphs, opt.Profile, opt.Glyphs == Console)
	if opt.Plain {
		theme = theme.Blank()
	}
	m = newModel(opt, theme, time.Now())
	m.ticking = true
	return m
}
