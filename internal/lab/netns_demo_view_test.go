// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cygnet/internal/control"
	"cygnet/internal/events"
	"cygnet/internal/ttytest"
)

// `cygnet lab` on a terminal: the segment is built as ever, then its dashboard
// is shown; when that is left, everything is removed.
func TestNetnsDemoOnATerminal(t *testing.T) {
	requireNetns(t)
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(tty *ttytest.Terminal, p *ttytest.Program){
		"left": func(tty *ttytest.Terminal, _ *ttytest.Program) {
			tty.Type(viewLeave)
			tty.Wait(0, "end the lab")
			tty.Type("e")
		},
		"SIGTERM": func(_ *ttytest.Terminal, p *ttytest.Program) { p.Send(syscall.SIGTERM) },
	} {
		t.Run(name, func(t *testing.T) {
			tty := ttytest.New(t, 120, 40)
			before := tty.Mode()
			cmd := exec.Command(binary, "lab")
			cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8")
			p := tty.Start(cmd)
			eventually(t, time.Minute, "the dashboard", func() bool {
				_, view, found := strings.Cut(tty.Shown(), altScreen)
				return found && strings.Contains(view, viewShows) && strings.Contains(view, "10.77.0.1")
			})
			text, _, _ := strings.Cut(tty.Shown(), altScreen)
			if !strings.Contains(text, "One Ethernet segment") {
				t.Errorf("before the dashboard it says %q", text)
			}
			shown := len(tty.Shown())
			end(tty, p)
			if err := p.WaitEnd(20 * time.Second); err != nil {
				t.Error(err)
			}
			if tty.Mode() != before {
				t.Error("the terminal's mode is not restored")
			}
			tty.Wait(shown, "\x1b[?1049l")
			tty.Wait(strings.LastIndex(tty.Shown(), "\x1b[?1049l"), "lab      | everything is removed")
			for _, dir := range []string{namespaceDir, labDir} {
				if left, _ := filepath.Glob(fmt.Sprintf("%s/cygnet-demo-%d*", dir, p.Pid)); len(left) != 0 { // the pattern is good
					t.Errorf("%v are still there", left)
				}
			}
		})
	}
}

// A view has the lines of everybody but the balancer, whose log it reads itself.
func TestNetnsDemoShowsAView(t *testing.T) {
	requireNetns(t)
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	out := &locked{}
	view := func(ctx context.Context, socket string, lines *events.Ring[string]) error {
		got := reported(lines)
		if !strings.Contains(got, "\nclient   | ") || !strings.Contains(got, walked) {
			t.Errorf("the client's and the scanner's report are not among these lines:\n%s", got)
		}
		if !strings.Contains(got, "One Ethernet segment") || strings.Contains(got, "\n"+balancerName) {
			t.Errorf("it has these lines:\n%s", got)
		}
		if reply, err := control.Do(ctx, socket, "services"); err != nil || control.Refused(reply) {
			t.Errorf("at the socket: %q, %v", reply, err)
		}
		if strings.Contains(out.String(), "walk 1") {
			t.Error("lines are on the terminal, over the view")
		}
		return nil
	}
	if err := (&demo{out: &lines{w: out}, engine: binary, view: view}).run(t.Context()); err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "lab      | everything is removed") {
		t.Errorf("at its end it says:\n%s", out)
	}
	noDemoLeft(t)
}

const walked = "\nscanner  | walk 1"

// reported waits, but not for ever, until the scanner has reported, and gives
// all lines.
func reported(lines *events.Ring[string]) (got string) {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && !strings.Contains(got, walked); {
		time.Sleep(20 * time.Millisecond) // the pace of polling
		all, _, _ := lines.Since(0)
		got = strings.Join(all, "\n")
	}
	return got
}

// When one of the programs ends, so does the view, and what it said is told.
func TestNetnsDemoViewEndsWithAProgram(t *testing.T) {
	requireNetns(t, "false")
	out, ended := &locked{}, errors.New("not yet")
	view := func(ctx context.Context, _ string, _ *events.Ring[string]) error {
		<-ctx.Done()
		ended = nil
		return context.Cause(ctx)
	}
	err := (&demo{out: &lines{w: out}, engine: "false", view: view}).run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "false in balancer ended: exit status 1") || ended != nil {
		t.Errorf("%v; the view ended: %v", err, ended)
	}
	noDemoLeft(t)
}

// A view that fails is an error, and the end all the same.
func TestNetnsDemoViewFails(t *testing.T) {
	requireNetns(t)
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	view := func(context.Context, string, *events.Ring[string]) error { return errors.New("broken") }
	err = (&demo{out: &lines{w: &locked{}}, engine: binary, view: view}).run(t.Context())
	if err == nil || err.Error() != "the dashboard ended: broken" {
		t.Error(err)
	}
	noDemoLeft(t)
}

// locked is a text that is written and read at once.
type locked struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *locked) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
