// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package main

import (
	"context"
	"sync"
	"time"

	"cygnet/internal/control"
	"cygnet/internal/events"
	"cygnet/tui"
)

// SHIM: until control has Remote.

// remote is a balancer at the other end of a control socket.
type remote struct {
	address string
	hz      float64
	changes *events.Ring[events.Event]
	hits    *events.Ring[events.Event]
	lines   *events.Ring[string]

	mu    sync.Mutex
	sight tui.Sight
}

func newRemote(address string, hz float64) *remote {
	return &remote{address: address, hz: hz, changes: events.NewRing[events.Event](eventsKept),
		hits: events.NewRing[events.Event](hitsKept), lines: events.NewRing[string](eventsKept)}
}

func (r *remote) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := control.Watch(ctx, r.address, r.hz, func(m control.Message) error { r.take(m); return nil })
		r.mu.Lock()
		r.sight.Away = err.Error()
		r.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

func (r *remote) take(m control.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sight.Away = ""
	if h := m.Hello; h != nil {
		r.sight.About = tui.About{Version: h.Version, Interface: h.Interface, Hostname: h.Hostname, PID: h.PID, Who: h.Who, Owner: h.Owner}
	}
	if m.Snapshot != nil {
		r.sight.Snapshot, r.sight.Heard, r.sight.LinkUp = m.Snapshot, time.Now(), true
	}
	if m.Link != nil {
		r.sight.Link = *m.Link
	}
	for _, e := range m.Events {
		if e.Kind == events.TarpitHit {
			r.hits.Add(e)
		} else {
			r.changes.Add(e)
		}
	}
	for _, l := range m.Lines {
		r.lines.Add(l)
	}
}

func (r *remote) Sight() tui.Sight {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.sight
}

func (r *remote) Do(ctx context.Context, line string) (string, error) {
	return control.Do(ctx, r.address, line)
}
