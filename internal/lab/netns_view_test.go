// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/control"
	"cygnet/internal/ttytest"
)

// What the tests know of the dashboard: how it begins, and the keys by which it
// is left so that forwarding goes on. altScreen comes first, on every terminal.
const (
	altScreen  = "\x1b[?1049h"
	viewShows  = "cygnet" // the first word of its first row
	viewLeave  = "q"
	viewKeep   = "k" // the answer to that
	viewIsLeft = "the dashboard was left: forwarding goes on"
	viewIsLost = "the dashboard ended: forwarding goes on"
)

// viewed is a balancer with a dashboard.
type viewed struct {
	*ttytest.Program
	w      *world
	socket string
	tty    *ttytest.Terminal
	before unix.Termios // the terminal's mode
}

// newViews is a world in which a balancer is watched.
func newViews(t *testing.T) *world {
	t.Helper()
	requireNetns(t, "nginx", "curl", "bash")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	return w
}

// view starts the balancer on a terminal of that kind, and waits until it
// serves and its dashboard is there.
func (w *world) view(t *testing.T, binary, term string, columns, rows uint16, args ...string) *viewed {
	t.Helper()
	v := w.startOn(t, ttytest.New(t, columns, rows), term, append([]string{binary}, args...)...)
	v.tty.Wait(0, altScreen)
	w.waitServed(t, 15*time.Second)
	return v
}

// startOn starts the balancer on a terminal. Its first words may be another
// program, which runs it.
func (w *world) startOn(t *testing.T, tty *ttytest.Terminal, term string, words ...string) *viewed {
	t.Helper()
	h, folder := w.balancer, openFolder(t, 0)
	v := &viewed{w: w, tty: tty, before: tty.Mode(), socket: filepath.Join(folder, "run", "sock")}
	own := append(options("secret "+filepath.Join(folder, "secret"), "socket "+v.socket), penWeb()...)
	cmd := exec.Command("ip", slices.Concat([]string{"netns", "exec", h.Namespace()}, words, own)...)
	cmd.Env = append(os.Environ(), "TERM="+term, "LC_ALL=C.UTF-8", markVariable+"="+h.lab.name)
	cmd.Dir = "/"
	v.Program = tty.Start(cmd)
	return v
}

// goesOn checks that the balancer is there and forwards.
func (v *viewed) goesOn(t *testing.T) {
	t.Helper()
	if v.Ended() {
		t.Fatal("the balancer has ended")
	}
	for range 3 {
		if v.w.served(t) == "" {
			t.Error("the service does not answer")
		}
	}
}

// restored checks that the terminal is as it was.
func (v *viewed) restored(t *testing.T) {
	t.Helper()
	if v.tty.Mode() != v.before {
		t.Errorf("the terminal's mode is %+v, was %+v", v.tty.Mode(), v.before)
	}
	for on, off := range map[string]string{altScreen: "\x1b[?1049l", "\x1b[?25l": "\x1b[?25h", "\x1b[?1002h": "\x1b[?1002l"} {
		if i := strings.LastIndex(v.tty.Shown(), on); i >= 0 {
			v.tty.Wait(i, off) // the last of it may be on its way
		}
	}
}

// stops ends the balancer with SIGTERM, which is quick.
func (v *viewed) stops(t *testing.T) {
	t.Helper()
	v.Send(syscall.SIGTERM)
	if err := v.WaitEnd(2 * time.Second); err != nil {
		t.Error(err)
	}
}

// nowhere waits until its standard files are /dev/null.
func (v *viewed) nowhere(t *testing.T) {
	t.Helper()
	eventually(t, 5*time.Second, "/dev/null instead of the terminal", func() bool {
		for fd := range 3 {
			if to, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", v.Pid, fd)); err != nil || to != os.DevNull {
				return false
			}
		}
		return true
	})
}

// logs waits until the balancer's log, as its socket streams it, has the text.
func (v *viewed) logs(t *testing.T, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	found := false
	err := control.Watch(ctx, v.socket, 1, func(m control.Message) error {
		if found = slices.ContainsFunc(m.Lines, func(l string) bool { return strings.Contains(l, text) }); found {
			return context.Canceled
		}
		return nil
	})
	if !found {
		t.Errorf("%q is not in the log: %v", text, err)
	}
}

// viewBinaries gives the balancer, and the same with dashboards of the tests of
// cmd/cygnet: one that has a mistake, and one in which any key says to stop.
func viewBinaries(t *testing.T) (cygnet, mistaken, stopping string) {
	t.Helper()
	cygnet, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	dir := openFolder(t, 0)
	mistaken, stopping = filepath.Join(dir, "cygnet-mistaken"), filepath.Join(dir, "cygnet-stopping")
	if out, err := exec.Command("go", "test", "-c", "-o", mistaken, "cygnet/cmd/cygnet").CombinedOutput(); err != nil {
		t.Fatalf("build the tests of cygnet: %v\n%s", err, out)
	}
	if err := os.Link(mistaken, stopping); err != nil {
		t.Fatal(err)
	}
	return cygnet, mistaken, stopping
}

// On every terminal the dashboard comes up, is left, and forwarding goes on.
func TestNetnsViewIsLeft(t *testing.T) {
	w := newViews(t)
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		term          string
		columns, rows uint16
	}{{"linux", 80, 25}, {"dumb", 80, 24}, {"xterm", 0, 0}} {
		t.Run(c.term, func(t *testing.T) {
			v := w.view(t, binary, c.term, c.columns, c.rows)
			v.tty.Wait(strings.Index(v.tty.Shown(), altScreen), viewShows)
			if columns, rows := v.tty.Size(); c.columns == 0 && (columns != 80 || rows != 24) {
				t.Errorf("its size is %dx%d, want 80x24", columns, rows)
			}
			v.Send(syscall.SIGUSR1)
			v.logs(t, saysTotals)
			v.goesOn(t)
			if at := strings.Index(v.tty.Shown(), altScreen); strings.Contains(v.tty.Shown()[at:], "level=") {
				t.Error("lines of the log are on the screen, over the dashboard")
			}
			v.leave(t)
			v.restored(t)
			v.goesOn(t)
			v.tty.Wait(0, "cygnet attach "+v.socket)
			before := len(v.tty.Shown())
			v.Send(syscall.SIGUSR1)
			v.tty.Wait(before, saysTotals)
			v.stops(t)
		})
	}
}

// leave leaves the dashboard so that forwarding goes on.
func (v *viewed) leave(t *testing.T) {
	t.Helper()
	v.tty.Type(viewLeave)
	eventually(t, 10*time.Second, viewIsLeft, func() bool {
		if strings.Contains(v.tty.Shown(), viewIsLeft) {
			return true
		}
		time.Sleep(100 * time.Millisecond) // a dialog may not listen at once
		v.tty.Type(viewKeep)
		return false
	})
}
