// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/ttytest"
	"cygnet/tui"
)

// What the tests know of the dashboard: how it begins, and how it is left.
const (
	altScreen = "\x1b[?1049h"
	viewShows = "cygnet" // the first word of its first row
)

// on prepares cygnet for a terminal: TERM is what follows TERM=.
func on(term string, args ...string) *exec.Cmd {
	cmd := exec.Command("cygnet", args...)
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "TERM=") || strings.HasPrefix(v, "CI=") || strings.HasPrefix(v, "LC_ALL=")
	})
	cmd.Env = append(env, "TERM="+term, "LC_ALL=C.UTF-8")
	return cmd
}

// deskAt serves a desk without a machine, and gives its socket.
func deskAt(t *testing.T) (socket string) {
	folder := t.TempDir()
	t.Cleanup(startDesk(t, folder))
	return filepath.Join(folder, "ctl.sock")
}

// attached starts a dashboard of the desk at socket and waits until it is there.
func attached(t *testing.T, tty *ttytest.Terminal, term, socket string) *ttytest.Program {
	t.Helper()
	p := tty.Start(on(term, "attach", socket))
	tty.Wait(0, altScreen)
	tty.Wait(strings.Index(tty.Shown(), altScreen), viewShows)
	return p
}

// cooked checks that the terminal is as it was before.
func cooked(t *testing.T, tty *ttytest.Terminal, before any) {
	t.Helper()
	if diff := cmp.Diff(before, any(tty.Mode())); diff != "" {
		t.Errorf("mode of the terminal (-before +after):\n%s", diff)
	}
	for on, off := range map[string]string{altScreen: "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?2004h": "\x1b[?2004l", "\x1b[?1002h": "\x1b[?1002l"} {
		if i := strings.LastIndex(tty.Shown(), on); i >= 0 {
			tty.Wait(i, off) // the last of it may be on its way
		}
	}
}

// A terminal is not asked what it is: one that does not answer, as a serial
// line, would cost each run 5 s and what was typed meanwhile.
func TestNothingAsksTheTerminal(t *testing.T) {
	socket := deskAt(t)
	for name, args := range map[string][]string{
		"version":  {"version"},
		"headless": {"--no-tui", "-O", "dsr_if cygnet-none0", "10.77.0.10:80", "10.77.0.1"},
		"view":     {"attach", socket},
	} {
		t.Run(name, func(t *testing.T) {
			tty := ttytest.New(t, 80, 24)
			began := time.Now()
			p := tty.Start(on("xterm-256color", args...))
			if name == "view" {
				tty.Wait(0, viewShows)
			} else {
				_ = p.WaitEnd(10 * time.Second) // there is no such interface
			}
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("it took %v", took)
			}
			for _, query := range []string{"]11;?", "]10;?", "[6n", "[c", "$p"} {
				if strings.Contains(tty.Shown(), "\x1b"+query) {
					t.Errorf("it asks the terminal: %q", query)
				}
			}
		})
	}
}

// The dashboard comes up on every terminal, and leaves it as it was.
func TestAttachOnAnyTerminal(t *testing.T) {
	socket := deskAt(t)
	for _, tt := range []struct {
		term          string
		columns, rows uint16
	}{
		{"xterm-256color", 120, 40}, {"linux", 80, 25}, {"dumb", 80, 24}, {"vt100", 0, 0}, {"tmux-256color", 60, 16},
	} {
		t.Run(tt.term, func(t *testing.T) {
			tty := ttytest.New(t, tt.columns, tt.rows)
			before := tty.Mode()
			p := attached(t, tty, tt.term, socket)
			if columns, rows := tty.Size(); tt.columns == 0 && (columns != 80 || rows != 24) {
				t.Errorf("its size is %dx%d, want 80x24", columns, rows)
			}
			if tty.Mode() == before {
				t.Error("the terminal is not in raw mode")
			}
			tty.Type("q")
			if err := p.WaitEnd(5 * time.Second); err != nil {
				t.Error(err)
			}
			cooked(t, tty, before)
			if end := strings.LastIndex(tty.Shown(), "\x1b[?1049l"); tt.term == "linux" {
				tty.Wait(end, clearScreen)
			} else if strings.Contains(tty.Shown()[end:], clearScreen) {
				t.Error("at the end it clears the screen")
			}
		})
	}
}

// Whatever ends it, the terminal is restored.
func TestAttachEndsWithSignals(t *testing.T) {
	socket := deskAt(t)
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			tty := ttytest.New(t, 80, 24)
			before := tty.Mode()
			p := attached(t, tty, "xterm", socket)
			p.Send(sig)
			if err := p.WaitEnd(2 * time.Second); err != nil {
				t.Error(err)
			}
			cooked(t, tty, before)
		})
	}
}

func TestAttachEndsWithItsTerminal(t *testing.T) {
	tty := ttytest.New(t, 80, 24)
	p := attached(t, tty, "xterm", deskAt(t))
	tty.HangUp()
	_ = p.WaitEnd(3 * time.Second) // that it failed is told to nobody
}

// A terminal that takes nothing does not keep it.
func TestAttachEndsOnAStuckTerminal(t *testing.T) {
	tty := ttytest.New(t, 80, 24)
	before := tty.Mode()
	p := attached(t, tty, "xterm", deskAt(t))
	tty.Stick()
	tty.Resize(100, 30) // has it draw
	p.Send(syscall.SIGTERM)
	if err := p.WaitEnd(2 * time.Second); err != nil {
		t.Error(err)
	}
	if tty.Mode() != before {
		t.Error("the terminal's mode is not restored")
	}
	tty.Unstick()
}

// A mistake in the view is told as an error, on a terminal that is usable.
func TestAttachSurvivesAMistakeInTheView(t *testing.T) {
	tty := ttytest.New(t, 80, 24)
	before := tty.Mode()
	cmd := on("xterm", "attach", deskAt(t))
	cmd.Path = strings.TrimSuffix(cmd.Path, "cygnet") + "cygnet-mistaken"
	cmd.Args[0] = "cygnet-mistaken"
	p := tty.Start(cmd)
	tty.Wait(0, altScreen)
	ttytest.Eventually(t, 10*time.Second, "its end", func() bool {
		if !p.Ended() {
			tty.Type("x") // has it draw
		}
		return p.Ended()
	})
	tty.Wait(0, "a mistake in the view: a test's, at attach_test.go:")
	if strings.Contains(tty.Shown(), "goroutine ") {
		t.Error("there is a stack on the screen")
	}
	cooked(t, tty, before)
}

// mistaken is cygnet with a dashboard that panics soon.
func mistaken() {
	view := func(ctx context.Context, in io.Reader, out io.Writer, opt tui.Options) (tui.Ending, error) {
		opt.Source = mistake{opt.Source, time.Now().Add(500 * time.Millisecond)}
		return tui.Run(ctx, in, out, opt)
	}
	os.Exit(run(os.Args[1:], view, os.Stdout, os.Stderr))
}

// stopping is cygnet with a dashboard in which any key says to stop.
func stopping() {
	view := func(_ context.Context, in io.Reader, out io.Writer, _ tui.Options) (tui.Ending, error) {
		_, _ = io.WriteString(out, "press a key")
		_, err := in.Read(make([]byte, 1))
		return tui.Stop, err
	}
	os.Exit(run(os.Args[1:], view, os.Stdout, os.Stderr))
}

type mistake struct {
	tui.Source
	from time.Time
}

func (m mistake) Sight() tui.Sight {
	if time.Now().After(m.from) {
		panic("a test's")
	}
	return m.Source.Sight()
}

// What cannot be shown is told before the screen is taken.
func TestAttachTellsWhyNot(t *testing.T) {
	for name, tt := range map[string]struct {
		term string
		args []string
		want string
	}{
		"no such socket":      {"xterm", []string{"/nowhere/x.sock"}, "cygnet: error: connect to /nowhere/x.sock: no such file or directory"},
		"nobody there":        {"xterm", []string{"127.0.0.1:1"}, "cygnet: error: connect to 127.0.0.1:1: connection refused"},
		"no kind of terminal": {"", []string{"/nowhere/x.sock"}, "cygnet: error: no dashboard here: TERM does not say"},
	} {
		t.Run(name, func(t *testing.T) {
			tty := ttytest.New(t, 80, 24)
			p := tty.Start(on(tt.term, append([]string{"attach"}, tt.args...)...))
			if err := p.WaitEnd(10 * time.Second); err == nil {
				t.Error("it says that all is well")
			}
			tty.Wait(0, tt.want)
			if strings.Contains(tty.Shown(), "\x1b") {
				t.Error("it touched the screen")
			}
		})
	}
}

// Ctrl-Z stops it, with the terminal as the shell wants it; it comes back.
func TestAttachIsSuspended(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	tty := ttytest.New(t, 80, 24)
	before := tty.Mode()
	cmd := on("xterm", "attach", deskAt(t))
	cmd.Args = append([]string{"bash", "-m", "-c", `"$@"; echo stopped by $?; read; fg; echo ended by $?`, "bash"}, cmd.Args...)
	cmd.Path = bash
	p := tty.Start(cmd)
	tty.Wait(0, altScreen)
	tty.Type("\x1a")
	tty.Wait(0, "stopped by 148") // 128 and SIGTSTP
	cooked(t, tty, before)
	again := len(tty.Shown())
	tty.Type("\n")
	tty.Wait(again, altScreen)
	tty.Wait(again, viewShows)
	tty.Type("q")
	tty.Wait(again, "ended by 0")
	if err := p.WaitEnd(5 * time.Second); err != nil {
		t.Error(err)
	}
	cooked(t, tty, before)
}

// In the background it does not touch the terminal, which another program has.
func TestAttachInTheBackground(t *testing.T) {
	tty := ttytest.New(t, 80, 24)
	cmd := on("xterm", "attach", deskAt(t))
	// With job control, bash gives what is in the background a group of its own.
	cmd.Args = append([]string{"bash", "-m", "-c", `"$@" & wait $!; echo code $?`, "bash"}, cmd.Args...)
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	cmd.Path = bash
	_ = tty.Start(cmd).WaitEnd(10 * time.Second)
	tty.Wait(0, "code 1")
	tty.Wait(0, "no dashboard here: not in the foreground of the terminal")
}
