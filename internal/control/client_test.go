// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cygnet/internal/command"
)

func TestDoReadsTheRefusalOfWhatItCouldNotWrite(t *testing.T) {
	_, path := start(t, echo, nil)
	reply, err := Do(t.Context(), path, strings.Repeat("x", 4<<20))
	if err != nil || !Refused(reply) {
		t.Errorf("got %q, %v", reply, err)
	}
}

func TestDoAsksAgainWhereThereWasNoRoom(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l := listen(t, path)
	go func() {
		for _, reply := range []string{string(refusal(errEvicted)), string(refusal(errFull)), "30\n"} {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, reply)
			c.(*net.UnixConn).CloseWrite()
			io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	if reply, err := Do(t.Context(), path, "blacklist"); err != nil || reply != "30\n" {
		t.Errorf("got %q, %v", reply, err)
	}
}

func TestDoATransaction(t *testing.T) {
	_, path := start(t, echo, nil)
	reply, err := Do(t.Context(), path, "begin\na\nb\ncommit")
	if err != nil || reply != "[\"begin\" \"a\" \"b\"]\n" || Refused(reply) {
		t.Errorf("got %q, %v", reply, err)
	}
}

func TestDoEndsWithItsContext(t *testing.T) {
	release := make(chan struct{})
	_, path := start(t, doer(func(command.Who, []string) string { <-release; return "" }), nil)
	defer close(release)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := Do(ctx, path, "mode"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestDoSaysWhyItCannotConnect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	_, err := Do(t.Context(), path, "mode")
	if want := "connect to " + path + ": no such file or directory"; err == nil || err.Error() != want || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestDoBoundsTheReply(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l := listen(t, path)
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		chunk := make([]byte, 1<<20)
		for {
			if _, err := c.Write(chunk); err != nil {
				return // the client has had enough
			}
		}
	}()
	reply, err := do(t.Context(), path, "mode", 3<<20)
	if err == nil || len(reply) != 3<<20 {
		t.Errorf("%d bytes, %v", len(reply), err)
	}
}

func TestWatchOfSomethingElse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l := listen(t, path)
	go func() {
		for _, text := range []string{"no JSON\n", `{"type":"hello"}` + "\n"} {
			c, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, text)
			c.(*net.UnixConn).CloseWrite()
			io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	if err := Watch(t.Context(), path, 1, func(Message) error { return nil }); err == nil || !strings.Contains(err.Error(), "invalid character") {
		t.Errorf("no JSON: %v", err)
	}
	if err := Watch(t.Context(), path, 1, func(Message) error { return nil }); !errors.Is(err, errEnded) {
		t.Errorf("one that ends: %v", err)
	}
}
