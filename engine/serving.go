// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"slices"

	"cygnet/internal/events"
)

// weigh finds out who serves each service now, and reports what changed. The caller
// holds mu.
func (e *Engine) weigh() {
	for _, svc := range e.table.Load().services {
		e.weighOne(svc)
	}
}

// weighOne is weigh of one service: whenever a server of it rose or fell, or was
// configured otherwise.
func (e *Engine) weighOne(svc *service) {
	svc.panicking.Store(svc.tooFewUp())
	now := svc.whoServes()
	svc.failingOpen.Store(now == ServingFailOpen)
	if svc.off || svc.cfg.Leaving || len(svc.servers) == 0 {
		return
	}
	if now == svc.serving || !e.waited || now != ServingNormally && svc.unchecked() {
		return
	}
	was := svc.serving
	svc.serving = now
	e.report(events.Event{
		Kind: events.ServiceServing, Service: svc.cfg.Name, Addr: svc.cfg.VIP, Text: svc.servingText(was, now),
	})
}

// unchecked says whether the first check of some server is still to come: who
// serves may be another in a moment.
func (s *service) unchecked() bool {
	return slices.ContainsFunc(s.servers, func(srv *server) bool {
		return srv.cfg.State == Enabled && srv.member.health.Load().State == HealthUnchecked
	})
}

// tooFewUp says whether fewer of the enabled servers are up than `panic` wants.
func (s *service) tooFewUp() bool {
	enabled, up := 0, 0
	for _, srv := range s.servers {
		if srv.cfg.State == Enabled {
			enabled++
			if srv.member.ready(srv.neighbour) {
				up++
			}
		}
	}
	return up*100 < s.cfg.Panic*enabled
}

// whoServes says who is given the service's new flows.
func (s *service) whoServes() Serving {
	for _, srv := range s.servers {
		if srv.cfg.State == Enabled && srv.member.ready(srv.neighbour) && !s.panicking.Load() {
			return ServingNormally
		}
	}
	for _, srv := range s.servers {
		if s.panicking.Load() && srv.usable() {
			return ServingPanic
		}
	}
	if s.emergency != nil && s.emergency.usable() {
		return ServingEmergency
	}
	for _, srv := range s.servers {
		if srv.atLeast() {
			return ServingFailOpen
		}
	}
	return ServingNobody
}

// servingText says in words what it means that now serves.
func (s *service) servingText(was, now Serving) string {
	up, soft := 0, 0
	for _, srv := range s.servers {
		switch {
		case srv.cfg.State != Enabled:
		case srv.member.ready(srv.neighbour):
			up++
		case srv.atLeast():
			soft++
		}
	}
	switch now {
	case ServingEmergency:
		return fmt.Sprintf("no server can serve: new flows go to the emergency server %s", s.emergency.cfg.Addr)
	case ServingFailOpen:
		return fmt.Sprintf("fail open: no server is up; new flows go to the %d whose MAC is known, although their checks fail", soft)
	case ServingPanic:
		return fmt.Sprintf("panic: %d of %d servers are up, under %d per cent: health is ignored", up, len(s.servers), s.cfg.Panic)
	case ServingNobody:
		return "no server can serve: new flows are dropped"
	}
	return fmt.Sprintf("%d of %d servers are up and serve again, after: %s", up, len(s.servers), was)
}
