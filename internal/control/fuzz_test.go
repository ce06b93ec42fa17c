// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/command"
)

// pair returns the two ends of a connection.
func pair(t testing.TB) (ours, theirs *net.UnixConn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*net.UnixConn
	for i, fd := range fds {
		f := os.NewFile(uintptr(fd), "pair")
		c, err := net.FileConn(f)
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		ends[i] = c.(*net.UnixConn)
	}
	return ends[0], ends[1]
}

// FuzzServer: whatever a peer writes, it gets an end within the time limits,
// and the language never sees a line that is too long or holds a newline.
func FuzzServer(f *testing.F) {
	for _, seed := range []string{"", "servers\n", "serv", "begin\na\ncommit\n", "begin\n", "watch\n", "watch 10 10", "\r\n", "begin\r\n#\r\ncommit", "\x00\xff\n"} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, data []byte, half bool) {
		s := New(doer(func(_ command.Who, lines []string) string {
			for _, line := range lines {
				if len(line) > maxLine || len(line) > 0 && line[len(line)-1] == '\n' {
					t.Errorf("a line of %d bytes: %q", len(line), line)
				}
			}
			return "done\n"
		}), testFeed(), nil)
		s.limits = limits{
			line: 20 * time.Millisecond, whole: 40 * time.Millisecond, reply: 20 * time.Millisecond,
			watch: 20 * time.Millisecond, linger: 5 * time.Millisecond, lines: 5, bytes: 5000,
		}
		ours, theirs := pair(t)
		defer theirs.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // a watch has no other end
		defer cancel()
		v := newVisitor(ctx, ours, command.Who{Name: "fuzz"})
		s.room.enter(v)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.attend(v)
		}()
		theirs.SetDeadline(time.Now().Add(3 * time.Second))
		theirs.Write(data) // the server may have had enough
		if half {
			theirs.CloseWrite()
		}
		io.Copy(io.Discard, theirs)
		select {
		case <-ended:
		case <-time.After(3 * time.Second):
			t.Fatalf("%q: the connection does not end", data)
		}
		if n := s.room.size(); n != 0 {
			t.Fatalf("%d connections are left", n)
		}
	})
}
