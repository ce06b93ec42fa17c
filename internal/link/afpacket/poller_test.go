// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// Nothing that happens on a dedicated queue's socket wakes the runtime's
// poller; that of another queue does.
func TestNetnsDedicatedLeavesThePoller(t *testing.T) {
	lb, client := segment(t)
	for _, c := range []struct {
		q    *Queue
		want bool
	}{
		{open(t, lb, "eth1", forVIP()), false},
		{open(t, client, "eth0", forVIP()), true},
	} {
		events, ok := polledFor(t, c.q)
		if heard := events&(unix.EPOLLIN|unix.EPOLLOUT) != 0; !ok || heard != c.want {
			t.Errorf("registered %v for events %#x, want readiness heard: %v", ok, events, c.want)
		}
	}
}

// polledFor tells what the runtime's poller has registered for a queue.
func polledFor(t *testing.T, q *Queue) (events uint32, found bool) {
	t.Helper()
	err := q.sock.Load().raw.Control(func(fd uintptr) {
		links, err := filepath.Glob("/proc/self/fd/*")
		if err != nil {
			t.Fatal(err)
		}
		for _, link := range links {
			if target, err := os.Readlink(link); err != nil || target != "anon_inode:[eventpoll]" {
				continue
			}
			poller, err := strconv.Atoi(filepath.Base(link))
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := registered(poller, int(fd)); ok {
				events, found = e.Events, true
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return events, found
}
