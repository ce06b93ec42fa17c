// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"bufio"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// While something else is shown on the terminal that the log goes to, by
// whatever name, no line comes there; the ring has them all.
func TestMuteKeepsLinesOffATerminal(t *testing.T) {
	for name, target := range map[string]func(tty string) Target{
		"standard error": func(string) Target { return Target{} },
		"a file":         func(tty string) Target { return Target{To: tty} },
	} {
		t.Run(name, func(t *testing.T) {
			master, tty, err := pty.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer tty.Close()
			l, err := Open(target(tty.Name()), tty)
			if err != nil {
				t.Fatal(err)
			}
			l.Logger().Info("before")
			l.Mute(terminalOf(stream{tty}))
			l.Logger().Info("meanwhile")
			l.Unmute()
			l.Logger().Info("after")
			l.Close(time.Minute)
			if got, want := messages(t, master, "after"), []string{"before", "after"}; !slices.Equal(got, want) {
				t.Errorf("on the terminal: %q, want %q", got, want)
			}
			if all, _, _ := l.Lines().Since(0); len(all) != 3 {
				t.Errorf("the ring has %q, want 3 lines", all)
			}
			if l.Lost() != 0 {
				t.Errorf("%d lines lost", l.Lost())
			}
			master.Close()
		})
	}
}

// What is not that terminal is not concerned.
func TestMuteLeavesFilesAlone(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close()
	path := filepath.Join(t.TempDir(), "log")
	l, err := Open(Target{To: path}, tty)
	if err != nil {
		t.Fatal(err)
	}
	l.Mute(terminalOf(stream{tty}))
	l.Logger().Info("meanwhile")
	l.Close(time.Minute)
	if got := contents(t, path); !strings.Contains(got, "msg=meanwhile") {
		t.Errorf("in the file: %q", got)
	}
}

// messages reads the messages that came to a terminal, up to the last one.
func messages(t *testing.T, master *os.File, last string) (all []string) {
	t.Helper()
	timer := time.AfterFunc(10*time.Second, func() { master.Close() })
	defer timer.Stop()
	for lines := bufio.NewScanner(master); lines.Scan(); {
		_, msg, _ := strings.Cut(strings.TrimRight(lines.Text(), "\r"), "msg=")
		if all = append(all, msg); msg == last {
			return all
		}
	}
	t.Fatalf("%q never came, only %q", last, all)
	return nil
}
