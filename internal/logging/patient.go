// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package logging

import (
	"io"
	"slices"
	"time"
)

// Patient writes to a terminal or pipe that may be stuck, outside the log: the
// reason why the program ends. A write is given up after For, and never fails;
// its goroutine then stays, so this is for a program's last words only.
type Patient struct {
	W   io.Writer
	For time.Duration
}

// Write hands a copy of b to W.
func (p Patient) Write(b []byte) (int, error) {
	done, line := make(chan struct{}), slices.Clone(b)
	go func() {
		defer close(done)
		_, _ = p.W.Write(line)
	}()
	select {
	case <-done:
	case <-time.After(p.For):
	}
	return len(b), nil
}
