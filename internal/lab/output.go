// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"io"
	"sync"
)

// output collects what a program writes to its two pipes.
type output struct {
	mu     sync.Mutex
	stdout tail
	stderr tail
	both   tail // in the order in which it came
	tee    io.Writer
}

// stream is one of the two pipes; Write is called by the goroutine that
// os/exec keeps for it.
type stream struct {
	all *output
	own *tail
}

// Write never fails: an error would close the pipe and kill the program.
func (s stream) Write(b []byte) (int, error) {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	s.own.append(b)
	s.all.both.append(b)
	if s.all.tee != nil {
		_, _ = s.all.tee.Write(b)
	}
	return len(b), nil
}

// read gives what a tail holds now.
func (o *output) read(t *tail) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(t.kept)
}

// tailBytes is how much of a program's output is kept at least, so that a
// talkative one that runs for days does not fill the memory.
const tailBytes = 512 << 10

// tail keeps the end of a text.
type tail struct {
	kept []byte
}

// append adds b, and drops the older half once there is twice the minimum.
func (t *tail) append(b []byte) {
	t.kept = append(t.kept, b...)
	if len(t.kept) > 2*tailBytes {
		t.kept = append([]byte(nil), t.kept[len(t.kept)-tailBytes:]...)
	}
}
