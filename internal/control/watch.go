// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"cygnet/engine"
	"cygnet/internal/events"
)

// The rates of snapshots a second that `watch` takes, and what it does
// without one.
const (
	leastHz, mostHz, usualHz = 0.1, 10, 2
)

// batchEvery is the least time between two batches of events: under an attack
// they come by the thousand.
const batchEvery = 50 * time.Millisecond

// batch is how many events or lines one message holds at most.
const batch = 256

// watch streams to v until it goes, is too slow, or the server stops. The
// error is for the peer.
func (s *Server) watch(v *visitor, args []string) error {
	hz, err := rate(args)
	if err != nil {
		return err
	}
	if err := s.room.move(v, watching); err != nil {
		if errors.Is(err, errWatchers) {
			s.refused.Add(1)
		}
		return err
	}
	w := &watcher{
		v: v, feed: &s.feed, patience: s.limits.watch,
		changes: cursor[events.Event]{ring: s.feed.Changes},
		hits:    cursor[events.Event]{ring: s.feed.Hits},
		lines:   cursor[string]{ring: s.feed.Lines},
	}
	if err := w.run(v.ctx, time.Duration(float64(time.Second)/hz)); errors.Is(err, os.ErrDeadlineExceeded) && v.ctx.Err() == nil {
		s.cutOff.Add(1)
	}
	return nil // a stream has no place for it
}

// rate reads what follows `watch`.
func rate(args []string) (hz float64, err error) {
	switch len(args) {
	case 0:
		return usualHz, nil
	case 1:
		hz, err = strconv.ParseFloat(args[0], 64)
		if err == nil && hz >= leastHz && hz <= mostHz {
			return hz, nil
		}
		return 0, fmt.Errorf("watch: %q: expected snapshots a second, %v to %v", args[0], leastHz, mostHz)
	}
	return 0, fmt.Errorf("watch: %q: nothing was expected after the rate", args[1])
}

// watcher streams to one visitor. It holds no more than the message that is
// being written: what comes meanwhile stays in the rings, or is lost there.
type watcher struct {
	v        *visitor
	feed     *Feed
	patience time.Duration // for one message
	last     *engine.Snapshot
	changes  cursor[events.Event]
	hits     cursor[events.Event]
	lines    cursor[string]
}

func (w *watcher) run(ctx context.Context, every time.Duration) error {
	hello := w.feed.Hello
	hello.Who, hello.Owner = w.v.who.Name, w.v.who.Owner
	if err := w.send(Message{Type: TypeHello, Hello: &hello}); err != nil {
		return err
	}
	if err := w.snapshot(); err != nil {
		return err
	}
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		changes, hits, lines := w.feed.Changes.Arrival(), w.feed.Hits.Arrival(), w.feed.Lines.Arrival()
		if err := w.news(); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			if err := w.snapshot(); err != nil {
				return err
			}
			continue
		case <-changes:
		case <-hits:
		case <-lines:
		}
		sleep(ctx, batchEvery)
	}
}

// snapshot sends one if there is a new one.
func (w *watcher) snapshot() error {
	now := w.feed.Snapshot()
	if w.last != nil && now.Time.Equal(w.last.Time) && now.Generation == w.last.Generation {
		return nil
	}
	w.last = now
	link := w.feed.Link()
	return w.send(Message{Type: TypeSnapshot, Snapshot: now, Link: &link})
}

// news sends what happened since the last time; the first time, what is still
// remembered.
func (w *watcher) news() error {
	for _, c := range []*cursor[events.Event]{&w.changes, &w.hits} {
		err := c.read(func(es []events.Event, lost uint64) error {
			return w.send(Message{Type: TypeEvent, Events: es, Lost: lost})
		})
		if err != nil {
			return err
		}
	}
	if !w.v.who.Owner {
		return nil // a line of the log may quote one of a file
	}
	return w.lines.read(func(ls []string, lost uint64) error {
		return w.send(Message{Type: TypeLog, Lines: ls, Lost: lost})
	})
}

// send writes one message; a peer that does not take it in time is too slow.
func (w *watcher) send(m Message) error {
	m.Generation = w.feed.Snapshot().Generation
	if m.Snapshot != nil {
		m.Generation = m.Snapshot.Generation
	}
	line, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return w.v.write(append(line, '\n'), w.patience)
}

// cursor is how far one reader of a ring has come.
type cursor[T any] struct {
	ring  *events.Ring[T]
	next  uint64
	begun bool
}

// read hands over what is new, in batches. What was forgotten before the
// first time was not lost to this reader.
func (c *cursor[T]) read(each func(got []T, lost uint64) error) error {
	got, next, lost := c.ring.Since(c.next)
	if !c.begun {
		lost = 0
	}
	c.next, c.begun = next, true
	for part := range slices.Chunk(got, batch) {
		if err := each(part, lost); err != nil {
			return err
		}
		lost = 0
	}
	return nil
}
