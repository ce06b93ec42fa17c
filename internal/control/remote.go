// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"cygnet/engine"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// How much of what happens a Remote remembers: as much as a cygnet does, so
// that what one sends again is known from before.
const (
	changesKept = 1024
	hitsKept    = 8192
	linesKept   = 1000
)

// How long a Remote waits before it connects again, at first and at most, and
// for a sign of life: a cygnet sends a snapshot at least every ten seconds.
const (
	leastPause = 250 * time.Millisecond
	mostPause  = 5 * time.Second
	noSign     = 15 * time.Second
)

// Remote follows a cygnet at the other end of a control socket. It is safe for
// concurrent use.
type Remote struct {
	Changes *events.Ring[events.Event] // of state
	Hits    *events.Ring[events.Event] // of the tarpit
	Lines   *events.Ring[string]       // of the log; none unless we are an owner

	address string
	hz      float64
	connect func(ctx context.Context, address string) (net.Conn, error)
	sight   atomic.Pointer[Sight]
}

// Sight is what is known of a cygnet at one moment; only for reading.
type Sight struct {
	Hello    Hello            // zero before the first
	Snapshot *engine.Snapshot // the newest; nil before the first
	Link     wire.LinkStats
	Up       bool            // the interface carries frames, or nobody says that it does not
	CPU      []time.Duration // processor time of each worker; nil where that is not known
	Heard    time.Time       // when Snapshot came; zero before the first
	LostHits uint64          // hits of the tarpit that came too fast for the stream
	Lost     uint64          // changes and lines of the log that did
	Away     string          // why nothing comes at the moment, in words; empty while it does
}

// NewRemote returns one for the cygnet at address, a path if it has a slash and
// host:port otherwise, that gets hz snapshots a second, 0.1 to 10. Run fills it.
func NewRemote(address string, hz float64) *Remote {
	r := &Remote{
		Changes: events.NewRing[events.Event](changesKept),
		Hits:    events.NewRing[events.Event](hitsKept),
		Lines:   events.NewRing[string](linesKept),
		address: address, hz: hz, connect: dial,
	}
	r.sight.Store(&Sight{Up: true, Away: "connecting to " + address})
	return r
}

// Sight returns what is known now. It never waits.
func (r *Remote) Sight() Sight { return *r.sight.Load() }

// Do gives the cygnet a text as Do of this package does.
func (r *Remote) Do(ctx context.Context, text string) (reply string, err error) {
	return Do(ctx, r.address, text)
}

// Run listens until ctx ends, and connects again whenever the connection does.
func (r *Remote) Run(ctx context.Context) {
	for pause := leastPause; ctx.Err() == nil; pause = min(2*pause, mostPause) {
		began := r.Sight().Heard
		err := r.listen(ctx)
		s := r.Sight()
		s.Away = err.Error()
		r.sight.Store(&s)
		if !s.Heard.Equal(began) {
			pause = leastPause // it was there
		}
		// Dashboards that lost one cygnet do not come back all at once.
		sleep(ctx, pause*3/4+rand.N(pause/2))
	}
}

// listen follows one connection to its end, which it tells.
func (r *Remote) listen(ctx context.Context) error {
	conn, err := r.connect(ctx, r.address)
	if err != nil {
		return err
	}
	l := listener{r: r, changes: again(r.Changes, changesKept), hits: again(r.Hits, hitsKept), lines: again(r.Lines, linesKept)}
	return stream(ctx, conn, r.address, fmt.Sprintf("watch %g brief", r.hz), noSign, l.take)
}

// listener takes what comes on one connection.
type listener struct {
	r             *Remote
	whole         *engine.Snapshot // the last one
	changes, hits *repeated[events.Event]
	lines         *repeated[string]
}

func (l *listener) take(m Message) error {
	switch m.Type {
	case TypeHello:
		l.hello(m.Hello)
	case TypeSnapshot:
		return l.snapshot(m)
	case TypeEvent:
		l.lost(m)
		for _, e := range m.Events {
			if e.Kind.OfHits() {
				l.hits.add(e)
			} else {
				l.changes.add(e)
			}
		}
	case TypeLog:
		l.lost(m)
		for _, line := range m.Lines {
			l.lines.add(line)
		}
	}
	return nil
}

// lost counts what came too fast. Changes and hits come apart.
func (l *listener) lost(m Message) {
	if m.Lost == 0 {
		return
	}
	s := l.r.Sight()
	if len(m.Events) > 0 && m.Events[0].Kind.OfHits() {
		s.LostHits += m.Lost
	} else {
		s.Lost += m.Lost
	}
	l.r.sight.Store(&s)
}

// hello remembers who speaks. Another process has nothing to repeat.
func (l *listener) hello(h *Hello) {
	if h == nil {
		return
	}
	s := l.r.Sight()
	if s.Hello.PID != h.PID || s.Hello.Hostname != h.Hostname {
		l.changes.forget()
		l.hits.forget()
		l.lines.forget()
	}
	s.Hello = *h
	l.r.sight.Store(&s)
}

// errNoSnapshot is that a message lacks what it is to bring.
var errNoSnapshot = errors.New("a snapshot was announced, and none is there")

func (l *listener) snapshot(m Message) error {
	s := l.r.Sight()
	switch {
	case m.Snapshot == nil:
		return fmt.Errorf("read from %s: %w", l.r.address, errNoSnapshot)
	case m.Counts != nil:
		if err := m.Counts.restore(m.Snapshot, l.whole); err != nil {
			return fmt.Errorf("read from %s: %w", l.r.address, err)
		}
	}
	if err := sound(m.Snapshot); err != nil {
		return fmt.Errorf("read from %s: %w", l.r.address, err)
	}
	l.whole = m.Snapshot
	s.Snapshot, s.CPU, s.Up, s.Heard, s.Away = m.Snapshot, m.CPU, m.Up == nil || *m.Up, time.Now(), ""
	if m.Link != nil {
		s.Link = *m.Link
	}
	l.r.sight.Store(&s)
	return nil
}
