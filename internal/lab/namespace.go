// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// namespaceDir is where ip-netns(8) keeps the names of network namespaces.
const namespaceDir = "/run/netns"

// newNamespace creates a named network namespace. The caller's thread is in
// the namespace it was in before.
func newNamespace(name string) (netns.NsHandle, error) {
	var made netns.NsHandle
	err := visit(netns.None(), func() error {
		var err error
		made, err = netns.NewNamed(name)
		return err
	})
	if errors.Is(err, unix.EPERM) {
		return netns.None(), fmt.Errorf("create network namespace %s: %w (this needs root with CAP_SYS_ADMIN)", name, err)
	}
	if err != nil {
		return netns.None(), errors.Join(fmt.Errorf("create network namespace %s: %w", name, err), deleteNamespace(name))
	}
	return made, nil
}

// deleteNamespace removes the name; the namespace itself lives until nothing
// is in it any more. That there is no such name is no error.
func deleteNamespace(name string) error {
	path := filepath.Join(namespaceDir, name)
	// EINVAL: a plain file, left by a run that died before the mount.
	err := unix.Unmount(path, unix.MNT_DETACH)
	if err != nil && !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("unmount %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// visit calls f with the calling goroutine's thread in namespace ns, or, for
// None, with a thread that f may move where it likes, and brings the thread
// back, also when f panics or ends the goroutine as t.Fatal does.
func visit(ns netns.NsHandle, f func() error) (err error) {
	runtime.LockOSThread()
	origin, err := netns.Get()
	if err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("open the thread's own network namespace: %w", err)
	}
	defer func() {
		defer origin.Close()
		if back := netns.Set(origin); back != nil {
			// The thread stays locked: it dies with its goroutine instead
			// of serving other goroutines in the wrong namespace.
			err = errors.Join(err, fmt.Errorf("return to the network namespace of before: %w", back))
			return
		}
		runtime.UnlockOSThread()
	}()
	if ns.IsOpen() {
		if err := netns.Set(ns); err != nil {
			return fmt.Errorf("enter network namespace: %w", err)
		}
	}
	return f()
}
