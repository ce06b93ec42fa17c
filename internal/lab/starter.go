// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"os/exec"
	"runtime"

	"github.com/vishvananda/netns"
)

// starter starts the lab's programs, all from one thread. A child is in the
// namespace of the thread that forked it, and PR_SET_PDEATHSIG kills it when
// that thread ends, not when the process does; so the thread must live as
// long as the lab.
type starter struct {
	requests chan startRequest
	done     chan struct{}
}

type startRequest struct {
	cmd    *exec.Cmd
	ns     netns.NsHandle
	result chan error
}

// newStarter returns when the thread is ready.
func newStarter() (*starter, error) {
	s := &starter{requests: make(chan startRequest), done: make(chan struct{})}
	ready := make(chan error)
	go s.run(ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("open the thread's own network namespace: %w", err)
	}
	return s, nil
}

// run serves until close. It ends the thread with itself unless the thread is
// back in the namespace it began in.
func (s *starter) run(ready chan<- error) {
	defer close(s.done)
	runtime.LockOSThread()
	origin, err := netns.Get()
	ready <- err
	if err != nil {
		return
	}
	defer origin.Close()
	for r := range s.requests {
		r.result <- s.start(r, origin)
	}
	if netns.Set(origin) == nil {
		runtime.UnlockOSThread()
	}
}

// start forks inside the namespace. The thread returns after each program: it
// may be the process's first one, whose namespace /proc/self/net shows.
func (s *starter) start(r startRequest, origin netns.NsHandle) error {
	if err := netns.Set(r.ns); err != nil {
		return fmt.Errorf("enter network namespace: %w", err)
	}
	err := r.cmd.Start()
	if back := netns.Set(origin); back != nil && err == nil {
		return fmt.Errorf("return to the network namespace of before: %w", back)
	}
	return err
}

// do starts cmd in ns. It must not be called after close.
func (s *starter) do(cmd *exec.Cmd, ns netns.NsHandle) error {
	r := startRequest{cmd, ns, make(chan error)}
	s.requests <- r
	return <-r.result
}

// close ends the thread, and with it whatever program still runs.
func (s *starter) close() {
	close(s.requests)
	<-s.done
}
