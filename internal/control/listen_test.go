// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

// leaveStale leaves a socket that nobody listens on.
func leaveStale(t *testing.T, path string) {
	t.Helper()
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
}

func listen(t *testing.T, path string) *UnixListener {
	t.Helper()
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func TestListenUnixModes(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077} {
		path := filepath.Join(t.TempDir(), "cygnet", "s")
		old := unix.Umask(umask)
		listen(t, path)
		unix.Umask(old)
		info, err := os.Lstat(path)
		if err != nil || info.Mode() != os.ModeSocket|0o660 {
			t.Errorf("under umask %o: %v, %v", umask, info.Mode(), err)
		}
		dir, err := os.Lstat(filepath.Dir(path))
		if want := os.ModeDir | os.FileMode(0o750&^umask); err != nil || dir.Mode() != want {
			t.Errorf("under umask %o: folder %v, %v; want %v", umask, dir.Mode(), err, want)
		}
	}
}

func TestListenUnixIsNeverOpenToAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	defer unix.Umask(unix.Umask(0))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			default:
			}
			if info, err := os.Lstat(path); err == nil && info.Mode().Perm()&^0o660 != 0 {
				t.Errorf("mode %v", info.Mode())
			}
		}
	}()
	for range 200 {
		listen(t, path).Close()
	}
	close(stop)
	<-stopped
}

func TestListenUnixWhereSomethingIs(t *testing.T) {
	dir := t.TempDir()
	stale := filepath.Join(dir, "stale")
	leaveStale(t, stale)
	listen(t, stale)

	if _, err := ListenUnix(stale); !errors.Is(err, ErrTaken) || !strings.Contains(err.Error(), stale) {
		t.Errorf("a live socket: %v; want ErrTaken with its path", err)
	}
	datagram := filepath.Join(dir, "datagram")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: datagram})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := ListenUnix(datagram); !errors.Is(err, ErrTaken) {
		t.Errorf("a socket of another type: %v", err)
	}

	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, []byte("kept"), 0o600), os.Symlink(stale, link)); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{file, link, dir} {
		if _, err := ListenUnix(path); err == nil || !strings.Contains(err.Error(), "no socket") {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got, err := os.ReadFile(file); string(got) != "kept" {
		t.Errorf("the file is %q, %v", got, err)
	}
	if _, err := os.Lstat(link); err != nil {
		t.Errorf("the link: %v", err)
	}
}

func TestListenUnixRefusesPathsOfNoSocket(t *testing.T) {
	dir := t.TempDir()
	fits := filepath.Join(dir, strings.Repeat("x", maxPath-len(dir)-1))
	listen(t, fits)
	for _, path := range []string{fits + "x", ""} {
		if _, err := ListenUnix(path); err == nil || !strings.Contains(err.Error(), "1 to 107 bytes") {
			t.Errorf("%q: %v", path, err)
		}
	}
	if _, err := ListenUnix(filepath.Join(dir, "a\x00b")); err == nil {
		t.Error("a NUL is taken")
	}
	t.Chdir(dir)
	listen(t, "@s")
	if _, err := os.Lstat(filepath.Join(dir, "@s")); err != nil {
		t.Errorf("@s is not in the file system: %v", err)
	}
}

func TestListenUnixDoesNotWaitForever(t *testing.T) {
	dir := t.TempDir()
	lock, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := ListenUnix(filepath.Join(dir, "s")); !errors.Is(err, unix.EWOULDBLOCK) {
		t.Errorf("a locked folder: %v", err)
	}
}

func TestCloseRemovesOnlyItsOwnSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	first := listen(t, path)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	second := listen(t, path)
	if err := errors.Join(first.Close(), first.Close()); err != nil {
		t.Error(err)
	}
	if _, err := ListenUnix(path); !errors.Is(err, ErrTaken) {
		t.Errorf("the second's socket, after the first closed: %v", err)
	}
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after Close: %v", err)
	}
}

func TestTwoWhoFindAStaleSocketDoNotBothWin(t *testing.T) {
	dir := t.TempDir()
	for range 100 {
		path := filepath.Join(dir, "s")
		leaveStale(t, path)
		var wg sync.WaitGroup
		var ls [4]*UnixListener
		var errs [4]error
		for i := range ls {
			wg.Go(func() { ls[i], errs[i] = ListenUnix(path) })
		}
		wg.Wait()
		won := 0
		for i, l := range ls {
			switch {
			case l != nil:
				won++
				defer l.Close()
			case !errors.Is(errs[i], ErrTaken):
				t.Fatalf("a loser: %v", errs[i])
			}
		}
		if won != 1 {
			t.Fatalf("%d won", won)
		}
		os.Remove(path) // make room for the next round
	}
}

func TestDefaults(t *testing.T) {
	run, user := t.TempDir(), t.TempDir()
	made := filepath.Join(run, "cygnet")
	if got := defaultFolder(made, user); got != made {
		t.Errorf("one that can be made: %s", got)
	}
	if got := defaultFolder("/no/run/cygnet", user); got != user {
		t.Errorf("one that cannot: %s", got)
	}
	if got := defaultFolder("/no/run/cygnet", ""); got != "/no/run/cygnet" {
		t.Errorf("without another: %s", got)
	}
	t.Setenv("XDG_RUNTIME_DIR", "relative")
	if got := userFolder(); got != "" {
		t.Errorf("a relative folder is used: %s", got)
	}
	t.Setenv("XDG_RUNTIME_DIR", user)
	if got, want := userFolder(), filepath.Join(user, "cygnet"); got != want {
		t.Errorf("userFolder() = %s, want %s", got, want)
	}
}

func TestListenDefaultStepsAside(t *testing.T) {
	usual := filepath.Join(t.TempDir(), "cygnet", "eth0.sock")
	l, path, note, err := listenDefault(usual)
	if err != nil || path != usual || note != "" {
		t.Fatalf("first: %s, %q, %v", path, note, err)
	}
	defer l.Close()
	l, path, note, err = listenDefault(usual)
	if err != nil || path == usual || filepath.Dir(path) != filepath.Dir(usual) || !strings.Contains(note, path) {
		t.Fatalf("second: %s, %q, %v", path, note, err)
	}
	defer l.Close()

	leaveStale(t, filepath.Join(filepath.Dir(usual), "old.sock"))
	if got := find(filepath.Dir(usual), "", filepath.Dir(usual)); len(got) != 2 || got[0] != path || got[1] != usual {
		t.Errorf("found %q, want %q and %q", got, path, usual)
	}
}

func TestTCPAddresses(t *testing.T) {
	for addr, want := range map[string]string{
		"4711": "127.0.0.1:4711", "localhost:4711": "127.0.0.1:4711", ":4711": ":4711", "[::1]:1": "[::1]:1", "10.0.0.1:1": "10.0.0.1:1",
	} {
		if got := tcpAddress(addr); got != want {
			t.Errorf("%s is %s, want %s", addr, got, want)
		}
	}
	l, err := ListenTCP("0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		t.Errorf("a bare port listens on %v", l.Addr())
	}
	if _, err := ListenTCP(l.Addr().String()); err == nil || !strings.HasSuffix(err.Error(), ": address already in use") {
		t.Errorf("a port that is taken: %v", err)
	}
}
