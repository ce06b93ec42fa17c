// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// leavePoller tells the runtime's poller (epoll) that nobody waits for fd there:
// the user of a dedicated queue waits in ppoll. os.NewFile has registered the
// socket for all it can hear of, and there is no way to take that back.
//
// The poller's descriptor is the runtime's own secret, so it is looked up in
// /proc/self/fdinfo (proc(5)), with what it has registered for the socket, and
// the events are taken out of that. The registration itself stays for the
// runtime to remove. Where this does not work everything goes on as before,
// only slower.
func leavePoller(fd int) {
	links, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		return
	}
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || target != "anon_inode:[eventpoll]" {
			continue
		}
		poller, err := strconv.Atoi(filepath.Base(link))
		if err != nil {
			continue
		}
		if event, ok := registered(poller, fd); ok {
			event.Events = 0
			_ = unix.EpollCtl(poller, unix.EPOLL_CTL_MOD, fd, &event)
		}
	}
}

// registered reads what a poller has registered for fd.
func registered(poller, fd int) (event unix.EpollEvent, ok bool) {
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", poller))
	if err != nil {
		return event, false
	}
	for line := range bytes.Lines(info) {
		var tfd int
		var events uint32
		var data uint64
		n, _ := fmt.Sscanf(string(line), "tfd: %d events: %x data: %x", &tfd, &events, &data)
		if n == 3 && tfd == fd {
			// epoll_data is 64 bits wide, whichever parts the library calls it.
			return unix.EpollEvent{Events: events, Fd: int32(uint32(data)), Pad: int32(uint32(data >> 32))}, true
		}
	}
	return event, false
}
