// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"os"

	"golang.org/x/sys/unix"
)

// Mute keeps the log off a terminal, whose device has that number (TIOCGDEV),
// until Unmute: something else is shown there. What goes elsewhere goes on, and
// Lines has everything. Lines that were logged before are on the terminal when
// it returns, if that takes them.
func (l *Log) Mute(terminal uint32) {
	l.muted.Store(terminal)
	l.change.Lock()
	defer l.change.Unlock()
	if out := l.out.Load(); out.terminal == terminal {
		_ = l.use(out.target) // another queue to the same; where that fails the old one stays
	}
}

// Unmute has lines go to the terminal again. Those of meanwhile do not.
func (l *Log) Unmute() { l.muted.Store(0) }

// silent says whether nothing is to be written to out now.
func (l *Log) silent(out *output) bool {
	return out.terminal != 0 && out.terminal == l.muted.Load()
}

// terminalOf is the number of the terminal that a sink writes to, or 0.
func terminalOf(s sink) uint32 {
	var f *os.File
	switch s := s.(type) {
	case stream:
		f, _ = s.w.(*os.File)
	case *file:
		f = s.f
	}
	if f == nil {
		return 0
	}
	raw, err := f.SyscallConn()
	if err != nil {
		return 0
	}
	number := uint32(0)
	_ = raw.Control(func(fd uintptr) { // a file that is closed is no terminal
		if n, err := unix.IoctlGetUint32(int(fd), unix.TIOCGDEV); err == nil {
			number = n
		}
	})
	return number
}
