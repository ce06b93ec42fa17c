// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/ttytest"
	"cygnet/tui"
)

// onTTY is a terminal that is not this process's own.
func onTTY(t *testing.T, tty *ttytest.Terminal, own bool) *terminal {
	t.Helper()
	fd, err := unix.Open(tty.Name(), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0) // blocking, as the standard files are
	if err != nil {
		t.Fatal(err)
	}
	f := os.NewFile(uintptr(fd), tty.Name())
	t.Cleanup(func() { f.Close() })
	term := &terminal{number: terminalNumber(f), path: tty.Name(), in: f, out: f}
	if own {
		term.reopen()
	}
	if term.own != own {
		t.Fatalf("opened anew: %v, want %v", term.own, own)
	}
	return term
}

// A terminal that hangs up without a signal, as where it does not control us.
func TestScreenSeesAHangUp(t *testing.T) {
	tty := ttytest.New(t, 80, 24)
	shows := make(chan struct{})
	go func() { <-shows; tty.HangUp() }()
	ending, err := onTTY(t, tty, true).show(t.Context(), func(ctx context.Context, _ io.Reader, _ io.Writer, _ tui.Options) (tui.Ending, error) {
		close(shows)
		<-ctx.Done()
		return tui.Lost, context.Cause(ctx)
	}, tui.Options{})
	if ending != tui.Lost || !errors.Is(err, errHungUp) {
		t.Errorf("%v, %v", ending, err)
	}
}

// A write that waits for a stuck terminal ends soon after ctx does; where it
// cannot be ended, the view is left behind, and may not write any more.
func TestScreenLeavesAStuckTerminal(t *testing.T) {
	for name, own := range map[string]bool{"opened anew": true, "as given": false} {
		t.Run(name, func(t *testing.T) {
			tty := ttytest.New(t, 80, 24)
			before := tty.Mode()
			term := onTTY(t, tty, own)
			ctx, cancel := context.WithCancel(t.Context())
			wrote := make(chan error, 2)
			view := func(_ context.Context, _ io.Reader, out io.Writer, _ tui.Options) (tui.Ending, error) {
				makeRaw(t, tty)
				tty.Stick()
				time.AfterFunc(50*time.Millisecond, cancel) // while it writes
				for range 2 {
					_, err := io.WriteString(out, "a frame")
					wrote <- err
				}
				return tui.Lost, context.Cause(ctx)
			}
			began := time.Now()
			_, err := term.show(ctx, view, tui.Options{})
			if took := time.Since(began); took > 1500*time.Millisecond {
				t.Errorf("it took %v", took)
			}
			if errors.Is(err, errStuck) == own {
				t.Errorf("left behind: %v", err)
			}
			if tty.Mode() != before {
				t.Error("the terminal's mode is not restored")
			}
			tty.Unstick()
			if err := <-wrote; own && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the write that waited: %v", err)
			}
			if err := <-wrote; err == nil {
				t.Error("it may still write")
			}
		})
	}
}

// What a view could not take back is taken back for it.
func TestScreenRestoresWhatWasCut(t *testing.T) {
	tty := ttytest.New(t, 80, 24)
	_, _ = onTTY(t, tty, true).show(t.Context(), func(_ context.Context, _ io.Reader, out io.Writer, _ tui.Options) (tui.Ending, error) {
		s := out.(*screen)
		_, _ = io.WriteString(s, altScreen)
		_ = s.out.SetWriteDeadline(time.Now().Add(-time.Second))
		_, _ = io.WriteString(s, "\x1b[?1049l")
		return tui.Left, nil
	}, tui.Options{})
	tty.Wait(0, altScreen+cancelSequence+allModesOff)
}

// makeRaw does what a view does first.
func makeRaw(t *testing.T, tty *ttytest.Terminal) {
	mode := tty.Mode()
	mode.Lflag, mode.Oflag = 0, 0
	if err := setMode(tty.Name(), &mode); err != nil {
		t.Error(err)
	}
}

func setMode(path string, mode *unix.Termios) error {
	f, err := os.OpenFile(path, os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	return unix.IoctlSetTermios(fileNumber(f), unix.TCSETS, mode)
}

// TestInherited: sudo leaves the variable to its parents.
func TestInherited(t *testing.T) {
	if os.Getenv("CYGNET_TEST_CHILD") != "" {
		fmt.Println("own:", sshClient(inherited("SSH_CONNECTION")))
		return
	}
	cmd := exec.Command("sh", "-c", `env -u SSH_CONNECTION "$0" -test.run '^TestInherited$'; :`, os.Args[0])
	cmd.Env = append(os.Environ(), "SSH_CONNECTION=::ffff:192.0.2.7 4711 192.0.2.1 22", "CYGNET_TEST_CHILD=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "own: 192.0.2.7") {
		t.Errorf("%v\n%s", err, out)
	}
}
