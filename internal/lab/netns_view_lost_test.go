// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"cygnet/internal/ttytest"
)

// Whatever becomes of terminal and dashboard, forwarding goes on.
func TestNetnsViewIsLost(t *testing.T) {
	w := newViews(t)
	cygnet, mistaken, stopping := viewBinaries(t)
	t.Run("the terminal hangs up", func(t *testing.T) {
		v := w.view(t, cygnet, "xterm", 80, 24)
		v.tty.HangUp()
		v.nowhere(t)
		v.goesOn(t)
		v.logs(t, viewIsLost)
		v.stops(t)
	})
	t.Run("SIGHUP", func(t *testing.T) {
		log := filepath.Join(openFolder(t, 0), "log")
		v := w.view(t, cygnet, "xterm", 80, 24, "-l", log)
		if err := os.Rename(log, log+".1"); err != nil {
			t.Fatal(err)
		}
		v.Send(syscall.SIGHUP) // as logrotate does: the terminal is there
		eventually(t, 5*time.Second, "a new log", func() bool { _, err := os.Stat(log); return err == nil })
		v.goesOn(t)
		if v.tty.Mode() == v.before {
			t.Error("the dashboard is gone")
		}
		v.tty.HangUp()
		v.Send(syscall.SIGHUP) // of the shell, and not to reload
		v.nowhere(t)
		fileSays(t, log, viewIsLost)
		v.Send(syscall.SIGHUP) // once more, for the same reason
		v.goesOn(t)
		v.stops(t)
		if text, err := os.ReadFile(log); err != nil || strings.Contains(string(text), "SIGHUP: ") {
			t.Errorf("it has reloaded: %v\n%s", err, text)
		}
	})
	t.Run("Ctrl-Z and what stops a job", func(t *testing.T) {
		// A shell, which would see its job stop.
		v := w.view(t, "bash", "xterm", 80, 24, "-m", "-c", `"$@"; echo ended by $?`, "bash", cygnet)
		v.tty.Type("\x1a")
		job := v.tty.Foreground()
		for _, sig := range []syscall.Signal{syscall.SIGTSTP, syscall.SIGTTIN, syscall.SIGTTOU} {
			if err := syscall.Kill(-job, sig); err != nil {
				t.Fatal(err)
			}
		}
		v.goesOn(t)
		if state := state(t, job); state == "T" {
			t.Error("the balancer is stopped")
		}
		if v.tty.Mode() == v.before {
			t.Error("the dashboard is gone")
		}
		if err := syscall.Kill(job, syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		v.tty.Wait(0, "ended by 0")
		v.restored(t)
	})
	t.Run("a mistake in the view", func(t *testing.T) {
		v := w.view(t, mistaken, "xterm", 80, 24)
		eventually(t, 10*time.Second, "the end of the view", func() bool {
			v.tty.Type("x") // has it draw
			return strings.Contains(v.tty.Shown(), "the dashboard failed: forwarding goes on")
		})
		v.restored(t)
		v.goesOn(t)
		v.logs(t, "a mistake in the view: a test's, at attach_test.go:")
		v.stops(t)
	})
	t.Run("to stop is the operator's choice", func(t *testing.T) {
		v := w.startOn(t, ttytest.New(t, 80, 24), "xterm", stopping)
		v.tty.Wait(0, "press a key")
		v.tty.Type("\n")
		if err := v.WaitEnd(5 * time.Second); err != nil {
			t.Error(err)
		}
		v.tty.Wait(0, "stopping, as asked for in the dashboard")
		v.restored(t)
	})
}

// A terminal that takes nothing holds up the dashboard, and nothing else; also
// where it could not be opened anew, being root's.
func TestNetnsViewOnAStuckTerminal(t *testing.T) {
	w := newViews(t)
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		own  bool
		args []string
	}{"its own": {own: true}, "root's": {args: []string{"-u", "nobody"}}} {
		t.Run(name, func(t *testing.T) {
			v := w.view(t, binary, "xterm", 80, 24, c.args...)
			if own := v.opened(t) > 0; own != c.own {
				t.Errorf("it has opened the terminal anew: %v", own)
			}
			v.tty.Stick()
			v.tty.Resize(100, 30) // has it draw
			v.goesOn(t)
			v.Send(syscall.SIGUSR1)
			v.logs(t, saysTotals)
			v.goesOn(t)
			v.stops(t)
			if v.tty.Mode() != v.before {
				t.Error("the terminal's mode is not restored")
			}
			v.tty.Unstick()
		})
	}
}

// state is a process's state, as ps(1) shows it.
func state(t *testing.T, pid int) string {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	return rest[:1]
}

// opened is how often it has the terminal besides its standard files.
func (v *viewed) opened(t *testing.T) (n int) {
	t.Helper()
	fds, err := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", v.Pid))
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && to == v.tty.Name() && len(filepath.Base(fd))+int(filepath.Base(fd)[0]-'0') > 3 {
			n++
		}
	}
	return n
}

// In the background, or without a dashboard, the terminal is another's: it gets
// log lines, and nothing else.
func TestNetnsViewIsNotShown(t *testing.T) {
	w := newViews(t)
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	for name, words := range map[string][]string{
		// With job control, bash gives what is in the background a group of its own.
		"in the background": {"bash", "-m", "-c", `"$@" & wait $!`, "bash", binary},
		"--no-tui":          {binary, "--no-tui"},
		"piped":             {"bash", "-c", `"$@" | cat`, "bash", binary},
	} {
		t.Run(name, func(t *testing.T) {
			tty := ttytest.New(t, 80, 24)
			v := w.startOn(t, tty, "xterm", words...)
			w.waitServed(t, 15*time.Second)
			tty.Wait(0, "control socket")
			tty.Type("q\x04")
			if w.served(t) == "" || v.Ended() {
				t.Error("it does not serve")
			}
			if strings.Contains(tty.Shown(), "\x1b") || tty.Mode() != v.before {
				t.Errorf("it touches the terminal, whose mode is %+v, was %+v", tty.Mode(), v.before)
			}
			if says := strings.Contains(tty.Shown(), "no dashboard: not in the foreground"); says != (name == "in the background") {
				t.Errorf("it says that it is not in the foreground: %v", says)
			}
			tellEnd(t, w)
			_ = v.WaitEnd(5 * time.Second) // bash tells a signal as an error
		})
	}
}

// tellEnd ends all programs named cygnet in the balancer's namespace.
func tellEnd(t *testing.T, w *world) {
	t.Helper()
	pids := must(t, w.balancer, "ip", "netns", "pids", w.balancer.Namespace())
	for _, pid := range strings.Fields(pids) {
		comm, _ := os.ReadFile("/proc/" + pid + "/comm") // it may just end
		if strings.TrimSpace(string(comm)) == "cygnet" {
			must(t, w.balancer, "kill", pid)
		}
	}
}
