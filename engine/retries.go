// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"time"

	"cygnet/internal/events"
)

// When SYNs that are sent again are worth a word: at least retriesLeast of them in
// retriesEvery, and one for each retriesShare flows that began. A SYN is sent
// again when no answer came within a second (RFC 6298 section 2): the server did
// not answer, or its answers do not arrive; or the client is forged or behind a
// filter. So it is advice, and takes nobody out.
const (
	retriesEvery = 10 * time.Second
	retriesLeast = 20
	retriesShare = 5
)

// retries is what was last seen of a server's. Under the engine's mu.
type retries struct {
	opened, retried uint64
	told            time.Time
}

// lookForRetries reports servers whose clients send many SYNs again. The caller
// holds mu.
func (h *hints) lookForRetries() {
	for _, svc := range h.e.table.Load().services {
		for _, srv := range svc.servers {
			m := srv.member
			opened, retried := m.opened(), m.retriedSYNs()
			newOnes, again := opened-m.retried.opened, retried-m.retried.retried
			m.retried.opened, m.retried.retried = opened, retried
			if again < retriesLeast || again*retriesShare < newOnes || h.e.now.Sub(m.retried.told) < hintEvery {
				continue
			}
			m.retried.told = h.e.now
			h.e.report(events.Event{
				Kind: events.SYNsRetried, Service: svc.cfg.Name, Server: srv.cfg.label(), Addr: srv.cfg.Addr,
				Text: fmt.Sprintf("%d SYNs to %s were sent again within %d s, of %d flows: does it answer? %s", again, srv.cfg.called(), int(retriesEvery.Seconds()), newOnes, "on that server: `ss -ltn` shows a full backlog, `ip addr` whether it has the VIP"),
			})
		}
	}
}
