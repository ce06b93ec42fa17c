// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"

	"cygnet/internal/events"
)

// settleFlows looks which servers that drain or leave have lost their last flow,
// and lets those go that only waited for that. The caller holds mu.
func (e *Engine) settleFlows() {
	gone := false
	for _, svc := range e.table.Load().services {
		if svc.cfg.Leaving && svc.open() == 0 {
			e.report(events.Event{Kind: events.ServerDrained, Service: svc.cfg.Name, Addr: svc.cfg.VIP, Text: "its last flow is over: the service is removed"})
			gone = true
		}
		for _, srv := range svc.servers {
			gone = e.settle(srv) && !svc.cfg.Leaving || gone
		}
	}
	if gone {
		e.enforce()
	}
	if len(e.builder.registry.departed) > 0 {
		passes := make([]uint64, len(e.workers))
		for i, w := range e.workers {
			passes[i] = w.passes.Load()
		}
		e.builder.registry.reap(e.generationInUse(), passes)
	}
}

// settle reports when a server that drains has no flow left, and says whether it
// leaves now.
func (e *Engine) settle(srv *server) bool {
	m := srv.member
	switch {
	case srv.cfg.State != Draining && srv.cfg.State != Leaving:
		m.emptyTold = false
		return false
	case m.emptyTold || m.open() > 0:
		return false
	}
	m.emptyTold = true
	text := "its last flow is over: it may be taken away"
	if srv.cfg.State == Leaving {
		text = "its last flow is over: it is removed"
	}
	e.report(events.Event{
		Kind: events.ServerDrained, Service: srv.service.cfg.Name, Server: srv.cfg.label(), Addr: srv.cfg.Addr,
		Text: fmt.Sprintf("%s drained: %s", srv.cfg.called(), text),
	})
	return srv.cfg.State == Leaving
}
