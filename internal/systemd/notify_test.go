// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package systemd

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

// manager is a service manager's socket, named in the environment.
type manager struct {
	*net.UnixConn
	t *testing.T
}

func newManager(t *testing.T, name string) manager {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	t.Setenv("WATCHDOG_USEC", "")
	t.Setenv("WATCHDOG_PID", "")
	return manager{c, t}
}

// received returns all that has arrived; nothing is on its way on one machine.
func (m manager) received() (all []string) {
	m.t.Helper()
	raw, err := m.SyscallConn()
	if err != nil {
		m.t.Fatal(err)
	}
	b := make([]byte, 4096)
	err = raw.Read(func(fd uintptr) bool {
		for {
			n, _, err := unix.Recvfrom(int(fd), b, unix.MSG_DONTWAIT)
			if err != nil {
				return true
			}
			all = append(all, string(b[:n]))
		}
	})
	if err != nil {
		m.t.Fatal(err)
	}
	return all
}

// connect returns a Notifier as the environment makes it.
func connect(t *testing.T) *Notifier {
	t.Helper()
	n, err := Connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

func TestWhatTheManagerIsTold(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notify")
	for _, name := range []string{path, fmt.Sprintf("@cygnet-test-%d", os.Getpid())} {
		m := newManager(t, name)
		n := connect(t)
		if name == path { // as in a chroot, the name is not there any more
			if err := os.Rename(path, path+".hidden"); err != nil {
				t.Fatal(err)
			}
		}
		evil := "2 of 3\nMAINPID=1\x00\x1b" + strings.Repeat("é", statusBytes)
		before := monotonic(t)
		for _, err := range []error{n.Ready("serves"), n.Reloading(), n.Ready(""), n.Status(evil), n.Stopping()} {
			if err != nil {
				t.Error(err)
			}
		}
		got := m.received()
		if len(got) != 5 {
			t.Fatalf("received %q", got)
		}
		var at int64
		if _, err := fmt.Sscanf(got[1], "RELOADING=1\nMONOTONIC_USEC=%d", &at); err != nil || at < before || at > monotonic(t) {
			t.Errorf("reloading: %q, %v", got[1], err)
		}
		got[1] = ""
		status := "STATUS=2 of 3 MAINPID=1  " + strings.Repeat("é", (statusBytes-len("2 of 3 MAINPID=1  "))/2)
		if diff := cmp.Diff([]string{"READY=1\nSTATUS=serves", "", "READY=1\nSTATUS=", status, "STOPPING=1"}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func monotonic(t *testing.T) int64 {
	t.Helper()
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	return now.Nano() / 1000
}

func TestWithoutAManagerNothingIsDone(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	t.Setenv("WATCHDOG_USEC", "1000000")
	missing, err := Connect()
	if missing != nil || err != nil {
		t.Fatalf("Connect: %v, %v", missing, err)
	}
	for _, n := range []*Notifier{missing, {}} {
		n.Watchdog(t.Context(), func() bool { t.Error("asked for health"); return true })
		for _, err := range []error{n.Ready(""), n.Reloading(), n.Stopping(), n.Status(""), n.Close()} {
			if err != nil {
				t.Error(err)
			}
		}
	}
}

func TestAnEnvironmentThatIsNotSystemds(t *testing.T) {
	m := newManager(t, filepath.Join(t.TempDir(), "notify"))
	for _, tt := range []struct{ socket, usec, pid, want string }{
		{"vsock:2:9", "", "", "expected an absolute path or @NAME"},
		{"notify", "", "", "expected an absolute path or @NAME"},
		{"/nowhere/notify", "", "", "no such file or directory"},
		{m.LocalAddr().String(), "x", "", "WATCHDOG_USEC"},
		{m.LocalAddr().String(), "-1", "", "WATCHDOG_USEC"},
		{m.LocalAddr().String(), "1", "x", "WATCHDOG_PID"},
	} {
		t.Setenv("NOTIFY_SOCKET", tt.socket)
		t.Setenv("WATCHDOG_USEC", tt.usec)
		t.Setenv("WATCHDOG_PID", tt.pid)
		if n, err := Connect(); n != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt, err)
		}
	}
}

func TestAManagerThatDoesNotReadBlocksNobody(t *testing.T) {
	newManager(t, filepath.Join(t.TempDir(), "notify"))
	n := connect(t)
	for range 100_000 { // many more than net.unix.max_dgram_qlen
		if err := n.Status("line"); err != nil {
			if !errors.Is(err, syscall.EAGAIN) {
				t.Error(err)
			}
			return
		}
	}
	t.Error("a socket that nobody reads took everything")
}

func TestSignsOfLife(t *testing.T) {
	m := newManager(t, filepath.Join(t.TempDir(), "notify"))
	t.Setenv("WATCHDOG_USEC", "2000000")
	t.Setenv("WATCHDOG_PID", fmt.Sprint(os.Getpid()))
	n := connect(t)
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var healthy atomic.Bool
		healthy.Store(true)
		ctx, cancel := context.WithCancel(t.Context())
		var asked []time.Duration
		done := make(chan struct{})
		go func() {
			defer close(done)
			n.Watchdog(ctx, func() bool { asked = append(asked, time.Since(start)); return healthy.Load() })
		}()
		time.Sleep(2500 * time.Millisecond)
		healthy.Store(false)
		time.Sleep(2 * time.Second)
		cancel()
		<-done
		s := time.Second
		if diff := cmp.Diff([]time.Duration{0, 1 * s, 2 * s, 3 * s, 4 * s}, asked); diff != "" {
			t.Errorf("asked (-want +got):\n%s", diff)
		}
	})
	if diff := cmp.Diff([]string{"WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"}, m.received()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnotherProcessIsWatched(t *testing.T) {
	newManager(t, filepath.Join(t.TempDir(), "notify"))
	t.Setenv("WATCHDOG_USEC", "2000000")
	t.Setenv("WATCHDOG_PID", "1")
	connect(t).Watchdog(t.Context(), func() bool { t.Error("asked for health"); return true })
}

func TestUnset(t *testing.T) {
	newManager(t, filepath.Join(t.TempDir(), "notify"))
	t.Setenv("WATCHDOG_USEC", "2000000")
	Unset()
	for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
		if v, ok := os.LookupEnv(name); ok {
			t.Errorf("%s=%s", name, v)
		}
	}
}
