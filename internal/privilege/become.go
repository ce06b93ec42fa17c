// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package privilege makes the program run as another user, with the few
// capabilities that it needs. In the order of a start: HandOver gives that user
// what it must write, Become becomes it, Chroot hides the file system from it,
// and Disinherit keeps what we start from having our capabilities.
package privilege

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// self is the program that runs, even if another one has its name by now.
const self = "/proc/self/exe"

// Plan says as whom to run, and what that user may still do.
type Plan struct {
	User   string // a name or a number of /etc/passwd; empty to stay who we are
	Low    bool   // listen at ports below 1024 too
	Chroot string // for Chroot later; empty for none
}

// Become runs the program anew as the plan's user: with that user's groups,
// with CAP_NET_RAW, CAP_NET_ADMIN, CAP_BPF, and what the plan asks for more, as
// far as we have them, and without a way to gain others (no_new_privs). So it
// returns only an error, or nil when we are that user already, as the program
// then finds.
//
// Capabilities belong to a thread, and Go has many. A program that executes
// itself has one, and no descriptor of before: nothing keeps more than it
// should. Call it before anything is opened; an error leaves us half-changed,
// so the program must end.
func Become(p Plan) error {
	if p.User == "" {
		return nil
	}
	who, err := lookup(p.User)
	if err != nil {
		return err
	}
	if os.Getuid() == who.uid && os.Geteuid() == who.uid {
		return nameThread()
	}
	if os.Geteuid() != 0 {
		return &Error{
			what: fmt.Sprintf("run as user %q: only root can, and this is user %d", p.User, os.Geteuid()),
			hint: "start cygnet as root; or as that user with its capabilities, in a unit of systemd: User=" + who.name + " and AmbientCapabilities=" + p.capabilities().String(),
		}
	}
	runtime.LockOSThread()
	if err := change(who, p.capabilities()); err != nil {
		return fmt.Errorf("run as user %q: %w", p.User, err)
	}
	err = syscall.Exec(self, os.Args, who.environ(os.Environ()))
	return fmt.Errorf("run as user %q: execute %s: %w", p.User, self, err)
}

// change gives this thread another user and no more than the capabilities want,
// in the order that each step still may: setpriv(1) does the same.
func change(who *account, want capabilities) error {
	have, err := permitted()
	if err != nil {
		return err
	}
	want &= have // what is missing is missed, and named, where it is used
	for c := 0; ; c++ {
		if want.has(c) {
			continue
		}
		err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0)
		if err == unix.EINVAL { // the kernel knows no more of them
			break
		}
		if err != nil {
			return fmt.Errorf("drop %s: %w", capabilities(1)<<c, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_KEEPCAPS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("keep capabilities: %w", err)
	}
	if err := who.assume(); err != nil {
		return err
	}
	if err := want.set(want); err != nil {
		return err
	}
	for c := range capabilityBits {
		if !want.has(c) {
			continue
		}
		if err := unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_RAISE, uintptr(c), 0, 0); err != nil {
			return fmt.Errorf("hand %s on: %w", capabilities(1)<<c, err)
		}
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("set no_new_privs: %w", err)
	}
	return nil
}

// nameThread gives the program back the name that ps(1) and pkill(1) know it
// by: having been executed as /proc/self/exe, it would be called `exe`.
func nameThread() error {
	const comm = "/proc/self/comm" // of the first thread: proc_pid_comm(5)
	if b, err := os.ReadFile(comm); err != nil || strings.TrimSpace(string(b)) != filepath.Base(self) {
		return nil // without /proc we cannot have been executed like that
	}
	if err := os.WriteFile(comm, []byte(filepath.Base(os.Args[0])), 0); err != nil {
		return fmt.Errorf("name the process: %w", err)
	}
	return nil
}

// Error is why we cannot be another user, where there is a way out.
type Error struct{ what, hint string }

func (e *Error) Error() string { return e.what }

// Hint says what to do instead.
func (e *Error) Hint() string { return e.hint }
