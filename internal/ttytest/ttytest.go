// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package ttytest runs programs on a terminal of the test's own: one that
// answers no query, may hang up, and may stop taking what is written.
package ttytest

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// Terminal is a pseudo-terminal. The test is its keyboard and its screen. Its
// methods are for the test's goroutine.
type Terminal struct {
	t      testing.TB
	master *os.File
	line   *os.File // the other end, as programs have it

	reading sync.Mutex // held while nothing is taken

	mu    sync.Mutex
	shown []byte
}

// New returns a terminal of that size, which may be 0 by 0. It goes with the test.
func New(t testing.TB, columns, rows uint16) *Terminal {
	t.Helper()
	opened, line, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	master, err := interruptible(opened)
	if err != nil {
		t.Fatal(err)
	}
	tty := &Terminal{t: t, master: master, line: line}
	tty.Resize(columns, rows)
	ended := make(chan struct{})
	go func() { defer close(ended); tty.read() }()
	t.Cleanup(func() {
		line.Close()
		master.Close()
		<-ended
	})
	return tty
}

// interruptible returns f as a file whose Close ends a Read that waits, which
// would keep the terminal open; package pty's do not.
func interruptible(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "the terminal's other end"), nil
}

// read takes what is written, until the terminal is closed.
func (tty *Terminal) read() {
	buf := make([]byte, 16<<10)
	for {
		tty.reading.Lock()
		n, err := tty.master.Read(buf)
		tty.reading.Unlock()
		tty.mu.Lock()
		tty.shown = append(tty.shown, buf[:n]...)
		tty.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Name is the terminal's device, as /dev/pts/3.
func (tty *Terminal) Name() string { return tty.line.Name() }

// Start starts a program in a session of its own that this terminal controls,
// in its foreground. Where the command has no other input or output, that is the
// terminal. The program is killed with the test.
func (tty *Terminal) Start(cmd *exec.Cmd) *Program {
	tty.t.Helper()
	if cmd.Stdin == nil {
		cmd.Stdin = tty.line
	}
	if cmd.Stdout == nil {
		cmd.Stdout = tty.line
	}
	if cmd.Stderr == nil {
		cmd.Stderr = tty.line
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		tty.t.Fatal(err)
	}
	p := &Program{Process: cmd.Process, t: tty.t, done: make(chan struct{})}
	go func() { defer close(p.done); p.err = cmd.Wait() }()
	tty.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-p.done
		if tty.t.Failed() {
			shown := tty.Shown()
			tty.t.Logf("%s on %s: %q", strings.Join(cmd.Args, " "), tty.Name(), shown[max(0, len(shown)-2000):])
		}
	})
	return p
}

// Type types keys.
func (tty *Terminal) Type(keys string) {
	tty.t.Helper()
	if _, err := tty.master.WriteString(keys); err != nil {
		tty.t.Fatal(err)
	}
}

// Shown is everything that was written so far.
func (tty *Terminal) Shown() string {
	tty.mu.Lock()
	defer tty.mu.Unlock()
	return string(tty.shown)
}

// Wait waits until the text is written behind the first skip bytes.
func (tty *Terminal) Wait(skip int, text string) {
	tty.t.Helper()
	Eventually(tty.t, 10*time.Second, "on the terminal: "+text, func() bool {
		return strings.Contains(tty.Shown()[skip:], text)
	})
}

// Resize gives the terminal another size, which programs are told.
func (tty *Terminal) Resize(columns, rows uint16) {
	tty.t.Helper()
	if err := unix.IoctlSetWinsize(int(tty.line.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: columns, Row: rows}); err != nil {
		tty.t.Fatal(err)
	}
}

// Size is the size that it has, as the kernel knows it.
func (tty *Terminal) Size() (columns, rows uint16) {
	tty.t.Helper()
	size, err := unix.IoctlGetWinsize(int(tty.line.Fd()), unix.TIOCGWINSZ)
	if err != nil {
		tty.t.Fatal(err)
	}
	return size.Col, size.Row
}

// Mode is how the terminal treats what is typed and written: raw or not.
func (tty *Terminal) Mode() unix.Termios {
	tty.t.Helper()
	mode, err := unix.IoctlGetTermios(int(tty.line.Fd()), unix.TCGETS)
	if err != nil {
		tty.t.Fatal(err)
	}
	return *mode
}

// Foreground is the process group that the terminal reads for.
func (tty *Terminal) Foreground() int {
	tty.t.Helper()
	fd := -1
	raw, err := tty.master.SyscallConn()
	if err == nil {
		err = raw.Control(func(n uintptr) { fd = int(n) })
	}
	if err != nil {
		tty.t.Fatal(err)
	}
	group, err := unix.IoctlGetUint32(fd, unix.TIOCGPGRP)
	if err != nil {
		tty.t.Fatal(err)
	}
	return int(group)
}

// Stick has the terminal take nothing more: who writes to it, waits. It must be
// in raw mode, in which the kernel takes a little more than in others.
func (tty *Terminal) Stick() {
	tty.t.Helper()
	fd, err := unix.Open(tty.Name(), unix.O_WRONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		tty.t.Fatal(err)
	}
	defer unix.Close(fd)
	// What is on its way wakes the reader once more; then it waits for Unstick.
	locked := make(chan struct{})
	go func() { tty.reading.Lock(); close(locked) }()
	const steady = 20 // polls without room: the kernel moves what waits in steps
	for full := 0; full < steady; {
		_, err := unix.Write(fd, []byte("#"))
		switch {
		case err == nil, errors.Is(err, unix.EINTR):
			full = 0
		case !errors.Is(err, unix.EAGAIN):
			tty.t.Fatal(err)
		default:
			select {
			case <-locked:
				full++
			default:
			}
			time.Sleep(time.Millisecond) // the pace of polling
		}
	}
}

// Unstick has it take what is written again.
func (tty *Terminal) Unstick() { tty.reading.Unlock() }

// HangUp ends the terminal, as when an ssh connection is lost.
func (tty *Terminal) HangUp() {
	tty.t.Helper()
	if err := tty.master.Close(); err != nil {
		tty.t.Fatal(err)
	}
}

// Program runs on a terminal.
type Program struct {
	*os.Process
	t    testing.TB
	done chan struct{}
	err  error
}

// Ended says whether it has ended.
func (p *Program) Ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// WaitEnd waits for the end, which must come within the limit, and gives its error.
func (p *Program) WaitEnd(limit time.Duration) error {
	p.t.Helper()
	Eventually(p.t, limit, "the end of the program", p.Ended)
	return p.err
}

// Send sends a signal.
func (p *Program) Send(sig syscall.Signal) {
	p.t.Helper()
	if err := p.Signal(sig); err != nil {
		p.t.Fatal(err)
	}
}

// Eventually polls until cond holds, and fails the test after the limit.
func Eventually(t testing.TB, limit time.Duration, what string, cond func() bool) {
	t.Helper()
	for began := time.Now(); !cond(); time.Sleep(5 * time.Millisecond) { // the pace of polling
		if time.Since(began) > limit {
			t.Fatalf("not within %v: %s", limit, what)
		}
	}
}
