// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ErrTaken means that another process listens on the socket.
var ErrTaken = errors.New("another process listens there")

// maxPath is the longest path of a socket in bytes: sun_path without its NUL,
// unix(7).
const maxPath = 107

// socketMode lets the socket's user and group in.
const socketMode = 0o660

// UnixListener listens on a socket in the file system.
type UnixListener struct {
	*net.UnixListener
	path string
	ours os.FileInfo // of the file that we made
	once sync.Once
	err  error
}

// ListenUnix listens on path, a socket of mode 0660; a missing folder is made,
// of mode 0750. A socket that nobody listens on any more is replaced. A live
// one is ErrTaken. Any other file there is an error, and is left as it is.
func ListenUnix(path string) (*UnixListener, error) {
	if path == "" || len(unixPath(path)) > maxPath {
		return nil, fmt.Errorf("socket %q: expected a path of 1 to %d bytes", path, maxPath)
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, fmt.Errorf("make the folder of socket %s: %w", path, err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("socket %s: %w", path, err)
	}
	defer lock.Close()
	if err := clearStale(path); err != nil {
		return nil, fmt.Errorf("socket %s: %w", path, err)
	}
	l, err := bindUnix(path)
	if err != nil {
		return nil, fmt.Errorf("socket %s: %w", path, reason(err))
	}
	return l, nil
}

// unixPath is path as the kernel reads it: Go takes an @ for the sign of the
// abstract namespace, where no mode protects a socket.
func unixPath(path string) string {
	if strings.HasPrefix(path, "@") {
		return "./" + path
	}
	return path
}

// lockFolder takes the lock of all who listen in a folder, until the file is
// closed: between finding a socket stale and listening in its place, nobody
// else may do the same. It waits a moment, and not for a process that hangs.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	const patience, pace = time.Second, 5 * time.Millisecond
	for began := time.Now(); ; time.Sleep(pace) {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f, nil
		}
		waiting := errors.Is(err, unix.EWOULDBLOCK) || errors.Is(err, unix.EINTR)
		if !waiting || time.Since(began) > patience {
			f.Close()
			return nil, fmt.Errorf("lock folder %s: %w", dir, err)
		}
	}
}

// clearStale removes a socket that nobody listens on.
func clearStale(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return reason(err)
	case info.Mode().Type() != fs.ModeSocket:
		return errors.New("there is a file that is no socket: it is left as it is")
	}
	conn, err := net.DialTimeout("unix", unixPath(path), time.Second)
	switch {
	case err == nil:
		conn.Close()
		return ErrTaken
	case errors.Is(err, unix.EAGAIN), errors.Is(err, unix.EPROTOTYPE), errors.Is(err, os.ErrDeadlineExceeded):
		return ErrTaken // and busy, or a socket of another type
	case errors.Is(err, unix.ECONNREFUSED):
		return os.Remove(path)
	}
	return fmt.Errorf("whether somebody listens there: %w", reason(err))
}

// bindUnix binds and listens. A new socket's file takes the mode of its
// descriptor, less the umask (bind in Linux's net/unix/af_unix.c), so nobody
// else is let in even for a moment, and the process-wide umask stays as it is.
func bindUnix(path string) (*UnixListener, error) {
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		var failed error
		err := c.Control(func(fd uintptr) { failed = unix.Fchmod(int(fd), socketMode) })
		return errors.Join(err, failed)
	}}
	l, err := lc.Listen(context.Background(), "unix", unixPath(path))
	if err != nil {
		return nil, err
	}
	ul := l.(*net.UnixListener)
	ul.SetUnlinkOnClose(false) // Close looks first
	// The umask may have taken the group's bits.
	if err := os.Chmod(path, socketMode); err != nil {
		ul.Close()
		return nil, err
	}
	ours, err := os.Lstat(path)
	if err != nil {
		ul.Close()
		return nil, err
	}
	return &UnixListener{UnixListener: ul, path: path, ours: ours}, nil
}

// Close stops listening. It removes the file if it is still ours; further
// calls return what the first did.
func (l *UnixListener) Close() error {
	l.once.Do(func() {
		// While we listen, the kernel keeps our inode: no other file can
		// have its number, and nobody finds the socket stale.
		removed := l.remove()
		l.err = errors.Join(removed, l.UnixListener.Close())
	})
	return l.err
}

func (l *UnixListener) remove() error {
	lock, err := lockFolder(filepath.Dir(l.path))
	if err != nil {
		return fmt.Errorf("remove socket %s: %w", l.path, err)
	}
	defer lock.Close()
	now, err := os.Lstat(l.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !os.SameFile(now, l.ours):
		return nil
	}
	return os.Remove(l.path)
}

// reason returns the kernel's word for what failed, without the calls and
// paths around it.
func reason(err error) error {
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return errno
	}
	return err
}
