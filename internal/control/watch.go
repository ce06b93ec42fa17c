// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"bytes"
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
	hz, brief, err := rate(args)
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
		v: v, feed: &s.feed, patience: s.limits.watch, brief: brief,
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
func rate(args []string) (hz float64, brief bool, err error) {
	if len(args) == 0 {
		return usualHz, false, nil
	}
	hz, err = strconv.ParseFloat(args[0], 64)
	brief = len(args) > 1 && args[1] == "brief"
	switch {
	case err != nil || !(hz >= leastHz && hz <= mostHz):
		return 0, false, fmt.Errorf("watch: %q: expected snapshots a second, %v to %v", args[0], leastHz, mostHz)
	case len(args) > 1 && !brief:
		return 0, false, fmt.Errorf("watch: %q: nothing was expected after the rate but brief", args[1])
	case len(args) > 2:
		return 0, false, fmt.Errorf("watch: %q: nothing was expected after it", args[2])
	}
	return hz, brief, nil
}

// watcher streams to one visitor. It holds no more than the message that is
// being written: what comes meanwhile stays in the rings, or is lost there.
type watcher struct {
	v        *visitor
	feed     *Feed
	patience time.Duration // for one message
	brief    bool          // a snapshot of the same generation and servers is sent as Counts
	last     *engine.Snapshot
	line     bytes.Buffer // the message being written
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
	link, up := w.feed.Link(), w.feed.Up()
	m := Message{Type: TypeSnapshot, Snapshot: now, Link: &link, Up: &up, CPU: w.feed.CPU()}
	if w.brief && w.last != nil && sameShape(w.last, now) {
		m.Snapshot, m.Counts = shorten(now, w.last)
	}
	w.last = now
	return w.send(m)
}

// news sends what happened since the last time; the first time, what is still
// remembered.
func (w *watcher) news() error {
	for _, c := range []*cursor[events.Event]{&w.changes, &w.hits} {
		if err := c.read(w.sendEvents); err != nil {
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

// send writes one message.
func (w *watcher) send(m Message) error {
	m.Generation = w.feed.Snapshot().Generation
	if m.Snapshot != nil {
		m.Generation = m.Snapshot.Generation
	}
	w.line.Reset()
	if err := json.NewEncoder(&w.line).Encode(m); err != nil {
		return err
	}
	return w.write()
}

// sendEvents writes what send would of a message with events, in a fraction of
// the time: they may be hits of the tarpit.
func (w *watcher) sendEvents(es []events.Event, lost uint64) error {
	w.line.Reset()
	b := append(w.line.AvailableBuffer(), eventsBegin...)
	b = strconv.AppendUint(b, w.feed.Snapshot().Generation, 10)
	b = append(b, eventsList...)
	for i, e := range es {
		if i > 0 {
			b = append(b, ',')
		}
		b = e.AppendJSON(b)
	}
	b = append(b, ']')
	if lost > 0 {
		b = strconv.AppendUint(append(b, eventsLost...), lost, 10)
	}
	w.line.Write(append(b, "}\n"...))
	return w.write()
}

// write writes the line; a peer that does not take it in time is too slow.
func (w *watcher) write() error { return w.v.write(w.line.Bytes(), w.patience) }

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
