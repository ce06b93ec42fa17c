// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// runFolder is where sockets are if it can be written.
const runFolder = "/run/cygnet"

// userFolder is where they are otherwise, or empty: the specification of
// XDG_RUNTIME_DIR has relative paths ignored.
func userFolder() string {
	if dir := os.Getenv("XDG_RUNTIME_DIR"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "cygnet")
	}
	return ""
}

// DefaultPath returns the path of the control socket of a cygnet on an
// interface: /run/cygnet/IF.sock, or $XDG_RUNTIME_DIR/cygnet/IF.sock where
// /run/cygnet can neither be written nor made. It makes nothing.
func DefaultPath(ifname string) (path string) {
	return filepath.Join(defaultFolder(runFolder, userFolder()), ifname+".sock")
}

func defaultFolder(run, user string) string {
	if user == "" || writable(run) {
		return run
	}
	return user
}

// writable tells whether files can be made in a folder, or else itself in the
// one above.
func writable(dir string) bool {
	mayMake := func(dir string) error {
		return unix.Faccessat(unix.AT_FDCWD, dir, unix.W_OK|unix.X_OK, unix.AT_EACCESS)
	}
	err := mayMake(dir)
	return err == nil || errors.Is(err, unix.ENOENT) && mayMake(filepath.Dir(dir)) == nil
}

// ListenDefault listens on the default socket of a cygnet on an interface.
// When another process has it, perhaps in another network namespace, it is
// IF.PID.sock beside it, and note says so.
func ListenDefault(ifname string) (l net.Listener, path, note string, err error) {
	return listenDefault(DefaultPath(ifname))
}

func listenDefault(usual string) (l net.Listener, path, note string, err error) {
	ul, err := ListenUnix(usual)
	if err == nil {
		return ul, usual, "", nil
	}
	if !errors.Is(err, ErrTaken) {
		return nil, "", "", err
	}
	path = fmt.Sprintf("%s.%d.sock", strings.TrimSuffix(usual, ".sock"), os.Getpid())
	if ul, err = ListenUnix(path); err != nil {
		return nil, "", "", err
	}
	return ul, path, fmt.Sprintf("another cygnet listens at %s, so this one does at %s; should both be on one segment with one VIP, every frame is forwarded twice", usual, path), nil
}

// ListenTCP listens on host:port. A bare port is on 127.0.0.1 alone; :PORT is on
// every address.
func ListenTCP(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", tcpAddress(addr))
	if err != nil {
		return nil, fmt.Errorf("control %s: %w", addr, reason(err))
	}
	return l, nil
}

// tcpAddress completes an address with the host that is meant by a bare port,
// or by localhost.
func tcpAddress(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	switch {
	case err != nil && !strings.Contains(addr, ":"):
		host, port = "", addr
	case err != nil:
		return addr // whoever uses it says what is wrong
	}
	if host == "localhost" || !strings.Contains(addr, ":") {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, port)
}
