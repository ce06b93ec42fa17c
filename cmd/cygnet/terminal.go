// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"cmp"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/muesli/termenv"
	"golang.org/x/sys/unix"

	"cygnet/tui"
)

// terminal is the one that Cygnet was started from, where a view may be shown.
type terminal struct {
	number  uint32     // of its device, as the kernel has it
	path    string     // as /dev/pts/3
	in, out *os.File   // opened anew where we may, and then never blocking; else those that we were given
	own     bool       // opened anew
	given   []*os.File // which of our standard files are this terminal
	null    *os.File   // takes their place when it is gone
}

// findTerminal returns the terminal that is both in and out, if a view may be
// shown there. Otherwise why says what is in the way, where there is a terminal
// at all: it is not touched then. It must be called before the file system is
// hidden, and after the last change of user.
func findTerminal(in, out *os.File, getenv func(string) string) (t *terminal, why string) {
	number, other := terminalNumber(in), terminalNumber(out)
	switch {
	case number == 0 || number != other:
		return nil, ""
	case !inForeground(in):
		return nil, "not in the foreground of the terminal"
	case getenv("TERM") == "":
		return nil, "TERM does not say what kind of terminal this is"
	}
	t = &terminal{number: number, path: terminalPath(in), in: in, out: out}
	var err error
	if t.null, err = os.OpenFile(os.DevNull, os.O_RDWR, 0); err != nil {
		return nil, err.Error()
	}
	for _, f := range []*os.File{os.Stdin, os.Stdout, os.Stderr} {
		if terminalNumber(f) == number {
			t.given = append(t.given, f)
		}
	}
	t.reopen()
	return t, ""
}

// reopen gives t a file of its own. Only so it may be made not to block: the
// files that we were given are shared with the shell. After a change of user
// the terminal may not be ours to open.
func (t *terminal) reopen() {
	f, err := os.OpenFile(descriptorPath(t.in), os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return
	}
	if terminalNumber(f) != t.number || f.SetDeadline(time.Time{}) != nil {
		f.Close()
		return
	}
	t.in, t.out, t.own = f, f, true
}

// hungUp says whether the terminal is gone.
func (t *terminal) hungUp() bool {
	fds := []unix.PollFd{{Fd: int32(fileNumber(t.in))}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0 && fds[0].Revents&(unix.POLLHUP|unix.POLLERR|unix.POLLNVAL) != 0
}

// abandon puts /dev/null wherever this process has the terminal: it is gone, or
// nobody looks at it any more.
func (t *terminal) abandon() {
	for _, f := range t.given {
		_ = unix.Dup3(fileNumber(t.null), fileNumber(f), 0) // there is nobody to tell
	}
}

// name is what the log and its readers call it: pts/3, tty1.
func (t *terminal) name() string { return strings.TrimPrefix(t.path, "/dev/") }

// options are what a view starts with that depend on the terminal and on how
// the program was started.
func (t *terminal) options(how viewFlags, getenv func(string) string) tui.Options {
	term, slow := getenv("TERM"), tui.Serial(t.path)
	opt := tui.Options{
		Glyphs: tui.GlyphsFor(t.path, getenv), ReadOnly: how.readOnly, Slow: slow,
		Profile: termenv.NewOutput(os.Stdout).EnvColorProfile(), // from the environment; it asks nobody
		Mouse:   !slow && term != "linux" && term != "dumb" && !strings.HasPrefix(term, "vt"),
	}
	if how.glyphs != "" {
		opt.Glyphs, _ = tui.ParseGlyphs(how.glyphs) // it was looked at with the other flags
	}
	opt.Own = sshClient(cmp.Or(getenv("SSH_CONNECTION"), inherited("SSH_CONNECTION")))
	return opt
}

// sshClient is the address that an operator comes from (ssh(1): SSH_CONNECTION
// is the client's address and port, then ours); invalid without one.
func sshClient(connection string) netip.Addr {
	from, _, _ := strings.Cut(connection, " ")
	own, err := netip.ParseAddr(from)
	if err != nil {
		return netip.Addr{}
	}
	return own.Unmap().WithZone("")
}

// inherited is a variable of the nearest process above us that has it: sudo takes
// it away. Whose environment may not be read has none.
func inherited(name string) string {
	const generations = 8
	for pid, n := os.Getppid(), 0; pid > 1 && n < generations; n++ {
		proc := "/proc/" + strconv.Itoa(pid)
		env, _ := os.ReadFile(proc + "/environ")
		for entry := range strings.SplitSeq(string(env), "\x00") {
			if value, ok := strings.CutPrefix(entry, name+"="); ok {
				return value
			}
		}
		stat, err := os.ReadFile(proc + "/stat")
		if err != nil {
			return ""
		}
		// proc(5): pid (comm) state ppid; comm may hold anything.
		fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
		if len(fields) < 2 {
			return ""
		}
		pid, _ = strconv.Atoi(fields[1])
	}
	return ""
}

// terminalNumber is the number of a terminal's device, 0 for what is none. It
// sees through /dev/tty and /dev/console.
func terminalNumber(f *os.File) uint32 {
	n, err := unix.IoctlGetUint32(fileNumber(f), unix.TIOCGDEV)
	if err != nil {
		return 0
	}
	return n
}

// terminalPath is the name that f was opened by.
func terminalPath(f *os.File) string {
	path, err := os.Readlink(descriptorPath(f))
	if err != nil {
		return "terminal" // without /proc it has no name
	}
	return path
}

// descriptorPath names an open file, whatever has the name now that it was
// opened by.
func descriptorPath(f *os.File) string { return "/proc/self/fd/" + strconv.Itoa(fileNumber(f)) }

// inForeground says whether our process group is the one that the terminal
// reads for. A terminal that does not control us has none for us.
func inForeground(f *os.File) bool {
	group, err := unix.IoctlGetUint32(fileNumber(f), unix.TIOCGPGRP)
	return err == nil && int(group) == unix.Getpgrp()
}

// fileNumber is f's descriptor. Unlike Fd it leaves f as it is.
func fileNumber(f *os.File) (fd int) {
	fd = -1
	if raw, err := f.SyscallConn(); err == nil {
		_ = raw.Control(func(n uintptr) { fd = int(n) }) // -1 for one that is closed
	}
	return fd
}
