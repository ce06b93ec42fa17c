// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"time"

	"cygnet/internal/events"
)

// How long a server is waited for at the start, see waits: one whose MAC is all
// there is to know, three questions (0, 250 and 750 ms); one that is checked, the
// claim of the source (900 ms), a check's usual timeout and some.
const (
	waitForMAC   = time.Second
	waitForCheck = 3 * time.Second
)

// judge brings into force what checks say of a server. The caller holds mu.
func (e *Engine) judge(srv *server, h Health) {
	m := srv.member
	was := m.health.Load()
	m.health.Store(&h)
	switch {
	case h.State == HealthUp:
		m.level.Store(levelUp)
	case h.State == HealthDown && h.Soft:
		m.level.Store(levelSoft)
	case h.State == HealthDown:
		m.level.Store(levelDown)
	}
	if h.State != HealthUnchecked {
		m.pending.Store(false)
	}
	if was != nil && was.State == h.State {
		if was.Soft != h.Soft {
			e.weighOne(srv.service)
		}
		return
	}
	e.reportHealth(srv, was, h)
	e.weighOne(srv.service)
}

// reportHealth reports that a server rose or fell, and why. How many results in a
// row that took is in what was known before, when all of them but one were there.
func (e *Engine) reportHealth(srv *server, was *Health, h Health) {
	ev := events.Event{Service: srv.service.cfg.Name, Server: srv.cfg.label(), Addr: srv.cfg.Addr, MAC: srv.neighbour.MAC()}
	name, turns := srv.cfg.called(), 1
	if was != nil {
		turns = max(was.Turns, 1)
	}
	switch h.State {
	case HealthUp:
		ev.Kind, ev.Text = events.ServerUp, name+" up"
		if last := len(h.Last) - 1; last >= 0 {
			ev.Text = fmt.Sprintf("%s up: %s, %d of %d", name, h.Last[last].Text, turns, turns)
		}
	case HealthDown:
		ev.Kind, ev.Text = events.ServerDown, fmt.Sprintf("%s down: %s, %d of %d", name, h.Why, turns, turns)
	default:
		return
	}
	e.report(ev)
}

// heardOf takes the news that it is known whether the servers with this address on
// that VLAN answer ARP: those without checks need not be waited for any more. The caller
// holds mu.
func (t *table) heardOf(vlan uint16, a netip.Addr) {
	for _, srv := range t.byAddr[segmentAddr{vlan, a}] {
		if !srv.cfg.Checked {
			srv.member.pending.Store(false)
		}
	}
}

// stopWaiting ends the time in which servers are waited for. The caller holds mu.
func (e *Engine) stopWaiting() {
	if e.waited || e.started.IsZero() {
		return
	}
	since := e.now.Sub(e.started)
	for _, m := range e.builder.registry.members {
		if m == nil {
			continue
		}
		h := m.health.Load()
		if since >= waitForCheck || since >= waitForMAC && h.State != HealthUnchecked {
			m.pending.Store(false)
		}
	}
	if since >= waitForCheck {
		e.waited = true
		e.weigh()
	}
}
