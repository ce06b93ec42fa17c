// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"fmt"
	"os"
	"regexp"
	"testing"
)

// Nothing that happens on a dedicated queue's socket wakes the runtime's
// poller; that of another queue does.
func TestNetnsDedicatedLeavesThePoller(t *testing.T) {
	lb, client := segment(t)
	if polled(t, open(t, lb, "eth1", forVIP())) {
		t.Error("the runtime polls for a dedicated queue")
	}
	if !polled(t, open(t, client, "eth0", forVIP())) {
		t.Error("the runtime does not poll for a queue that waits there")
	}
}

// polled tells whether the runtime's poller has a queue's socket.
func polled(t *testing.T, q *Queue) (found bool) {
	t.Helper()
	err := q.sock.Load().raw.Control(func(fd uintptr) {
		for _, poller := range pollers() {
			info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", poller))
			if err != nil {
				t.Fatal(err)
			}
			found = found || regexp.MustCompile(fmt.Sprintf(`tfd: +%d `, fd)).Match(info)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
