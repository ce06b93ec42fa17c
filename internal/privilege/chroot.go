// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package privilege

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// Chroot makes dir the root of all that we open from here on, and gives up the
// capability to do it again, which would be the way out. It comes after
// everything is open: a descriptor of a folder outside is a way out too.
func Chroot(dir string) error {
	// Before the step that cannot be undone: in a binary with cgo this fails.
	if err := Disinherit(); err != nil {
		return fmt.Errorf("chroot to %q: %w", dir, err)
	}
	if err := unix.Chroot(dir); err != nil {
		return fmt.Errorf("chroot to %q: %w", dir, err)
	}
	if err := unix.Chdir("/"); err != nil {
		return fmt.Errorf("chroot to %q: enter it: %w", dir, err)
	}
	have, err := permitted()
	if err != nil {
		return fmt.Errorf("chroot to %q: %w", dir, err)
	}
	return (have &^ (1 << unix.CAP_SYS_CHROOT)).setAll()
}

// Disinherit keeps our capabilities from the programs that we start: hooks,
// and what they start. Not before Become, which hands them on to ourselves.
func Disinherit() error {
	if !bequeaths() {
		return nil // in a binary with cgo, too
	}
	_, _, errno := syscall.AllThreadsSyscall6(unix.SYS_PRCTL, unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0, 0)
	if errno == unix.ENOTSUP {
		return fmt.Errorf("a binary with cgo cannot change all its threads: build with CGO_ENABLED=0")
	}
	if errno != 0 {
		return fmt.Errorf("keep capabilities to ourselves: %w", errno)
	}
	return nil
}

// bequeaths says whether programs that we start would have a capability of ours.
func bequeaths() bool {
	for c := range uintptr(unix.CAP_LAST_CAP + 1) {
		if set, err := unix.PrctlRetInt(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_IS_SET, c, 0, 0); err == nil && set == 1 {
			return true
		}
	}
	return false
}
