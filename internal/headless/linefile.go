// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"bytes"
	"os"
	"time"
)

const (
	lineChunk    = 64 << 10        // bytes a system call at most, but for a longer line
	linePatience = time.Second / 4 // with a pipe that nobody reads; a file on a disk has no such limit
)

// lineFile appends lines to a file so that none is ever torn, however a write
// fails. It is not safe for concurrent use.
type lineFile struct {
	file *os.File
	mend bool   // the file does not end in a line end
	buf  []byte // whole lines, to be written
	done int    // how much of the first one is written already
}

// use closes the file there was, if any, and goes on with this one: what the
// other took in part is written here from its line's beginning.
func (l *lineFile) use(file *os.File) {
	if l.file != nil {
		_ = l.file.Close() // a write's error came with the write
	}
	l.file, l.done, l.mend = file, 0, false
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return
	}
	// It may have been ours before a crash, or be the one we just closed.
	last := []byte{'\n'}
	_, _ = file.ReadAt(last, info.Size()-1)
	l.mend = last[0] != '\n'
}

// write hands the file whole lines of the buffer, and drops those that it
// took. The line that it took in part stays, from its beginning.
func (l *lineFile) write() error {
	_ = l.file.SetWriteDeadline(time.Now().Add(linePatience)) // fails where nothing blocks for long
	if l.mend {
		if _, err := l.file.WriteString("\n"); err != nil {
			return err
		}
		l.mend = false
	}
	n, err := l.file.Write(l.buf[l.done:wholeLines(l.buf)])
	n += l.done
	begun := bytes.LastIndexByte(l.buf[:n], '\n') + 1
	l.done = n - begun
	l.buf = l.buf[:copy(l.buf, l.buf[begun:])]
	return err
}

// wholeLines returns the length of those lines of b, at least one, that go
// into one chunk.
func wholeLines(b []byte) int {
	if len(b) <= lineChunk {
		return len(b)
	}
	if n := bytes.LastIndexByte(b[:lineChunk], '\n') + 1; n > 0 {
		return n
	}
	return bytes.IndexByte(b, '\n') + 1
}
