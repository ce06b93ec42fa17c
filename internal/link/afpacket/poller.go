// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// leavePoller takes fd out of the runtime's poller (epoll), where os.NewFile has
// registered it: the user of a dedicated queue waits in ppoll, and each frame that
// came or had left would look for who waits in epoll, too.
//
// The poller's descriptor is the runtime's own secret, so it is looked up among ours
// (proc(5)), once: later there may be no /proc. When the file is closed, the runtime removes what is no longer there,
// which does no harm. Where this does not work everything goes on as before, only
// slower.
func leavePoller(pollers []int, fd int) {
	for _, poller := range pollers {
		_ = unix.EpollCtl(poller, unix.EPOLL_CTL_DEL, fd, nil) // of another's, it is not there
	}
}

// pollers are the descriptors of this process that are epoll's.
func pollers() (fds []int) {
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return nil
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != "anon_inode:[eventpoll]" {
			continue
		}
		if fd, err := strconv.Atoi(filepath.Base(link)); err == nil {
			fds = append(fds, fd)
		}
	}
	return fds
}
