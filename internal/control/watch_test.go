// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/engine"
	"cygnet/internal/events"
)

// watching starts a Watch that the test's end ends, and returns what it hears.
func watchIt(t *testing.T, path string, hz float64) <-chan Message {
	t.Helper()
	heard := make(chan Message)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer close(heard)
		err := Watch(ctx, path, hz, func(m Message) error {
			select {
			case heard <- m:
			case <-ctx.Done():
			}
			return nil
		})
		if ctx.Err() == nil {
			t.Errorf("Watch: %v", err)
		}
	}()
	t.Cleanup(func() { cancel(); <-ended })
	return heard
}

// next returns the next message, which must be of the type.
func next(t *testing.T, heard <-chan Message, typ string) Message {
	t.Helper()
	select {
	case m := <-heard:
		if m.Type != typ {
			t.Fatalf("got %+v, want type %q", m, typ)
		}
		return m
	case <-time.After(3 * time.Second):
		t.Fatalf("no message; want type %q", typ)
	}
	return Message{}
}

func TestWatch(t *testing.T) {
	var generation, asked atomic.Uint64
	generation.Store(3)
	s, path := start(t, echo, func(s *Server) {
		s.feed.Snapshot = func() *engine.Snapshot {
			asked.Add(1)
			return &engine.Snapshot{Generation: generation.Load()}
		}
	})
	for i := range 10 { // two more than the ring holds
		s.feed.Changes.Add(events.Event{Kind: events.LinkUp, Text: fmt.Sprint(i)})
	}
	heard := watchIt(t, path, 10)
	hello := next(t, heard, TypeHello)
	want := Hello{Version: "1", Interface: "eth0", PID: 7, Hostname: "host", Who: hello.Hello.Who, Owner: true}
	if diff := cmp.Diff(want, *hello.Hello); diff != "" || !strings.HasPrefix(hello.Hello.Who, "uid ") {
		t.Errorf("hello (-want +got):\n%s", diff)
	}
	m := next(t, heard, TypeSnapshot)
	if m.Generation != 3 || m.Snapshot.Generation != 3 || m.Link.KernelDrops != 5 || !*m.Up || len(m.CPU) != 1 {
		t.Errorf("snapshot %+v", m)
	}
	m = next(t, heard, TypeEvent)
	if len(m.Events) != 8 || m.Events[0].Text != "2" || m.Lost != 0 {
		t.Errorf("what is remembered: %+v", m)
	}
	// Nothing is new, so nothing comes before the next hit.
	before := asked.Load()
	eventually(t, time.Second, "three ticks", func() bool { return asked.Load() >= before+3 })
	s.feed.Hits.Add(events.Event{Kind: events.TarpitHit, Port: 80})
	if m = next(t, heard, TypeEvent); len(m.Events) != 1 || m.Events[0].Port != 80 {
		t.Errorf("a hit: %+v", m)
	}
	s.feed.Lines.Add("a line\nin two")
	if m = next(t, heard, TypeLog); len(m.Lines) != 1 || m.Lines[0] != "a line\nin two" || m.Generation != 3 {
		t.Errorf("a line: %+v", m)
	}
	generation.Store(4)
	if m = next(t, heard, TypeSnapshot); m.Generation != 4 {
		t.Errorf("the next snapshot: %+v", m)
	}
}

func TestWatchComesAtItsRate(t *testing.T) {
	_, path := start(t, echo, func(s *Server) {
		s.feed.Snapshot = func() *engine.Snapshot { return &engine.Snapshot{Time: time.Now()} }
	})
	heard := watchIt(t, path, 5)
	next(t, heard, TypeHello)
	next(t, heard, TypeSnapshot)
	began := time.Now()
	for range 3 {
		next(t, heard, TypeSnapshot)
	}
	if took := time.Since(began); took < 400*time.Millisecond || took > 2*time.Second {
		t.Errorf("three snapshots at 5 Hz took %v", took)
	}
}

// TestWatchBrief: the whole comes first, and when the generation is another.
func TestWatchBrief(t *testing.T) {
	for _, brief := range []bool{true, false} {
		w := newBusy(t)
		w.brief = brief
		var sizes []int
		for _, generation := range []uint64{7, 7, 8, 8} {
			next := *w.snap
			next.Generation, next.Time = generation, w.snap.Time.Add(time.Second)
			w.snap = &next
			w.peer.got.Reset()
			if err := w.snapshot(); err != nil {
				t.Fatal(err)
			}
			sizes = append(sizes, w.peer.got.Len())
			m, err := decode(w.peer.got.Bytes())
			if err != nil || m.Generation != generation || m.Up == nil || !*m.Up || len(m.CPU) != 1 {
				t.Errorf("%v, %+v", err, m)
			}
			if whole := m.Counts == nil; whole != (len(m.Snapshot.Services) == 10) || whole != (len(m.Snapshot.Lists) == 1) {
				t.Errorf("neither whole nor brief: %+v", m)
			}
		}
		if is := sizes[1]*4 < sizes[0] && sizes[3]*4 < sizes[2]; is != brief || sizes[0] > sizes[2]+1000 {
			t.Errorf("brief %v: messages of %d bytes", brief, sizes)
		}
	}
}

func TestCursorCountsWhatARingForgot(t *testing.T) {
	ring := events.NewRing[string](2)
	c := cursor[string]{ring: ring}
	for range 3 {
		ring.Add("before")
	}
	var got []string
	var lost uint64
	read := func() {
		got, lost = nil, 0
		c.read(func(ls []string, n uint64) error { got, lost = append(got, ls...), lost+n; return nil })
	}
	if read(); len(got) != 2 || lost != 0 {
		t.Errorf("first: %q, %d lost; want what it holds", got, lost)
	}
	for range 5 {
		ring.Add("after")
	}
	if read(); len(got) != 2 || lost != 3 {
		t.Errorf("then: %q, %d lost; want 2, and 3 lost", got, lost)
	}
}

func TestOnlyASlowWatcherIsCutOff(t *testing.T) {
	s, path := start(t, echo, func(s *Server) { s.limits.watch = 100 * time.Millisecond })
	slow := connect(t, path)
	say(t, slow, "watch\n")
	heard := watchIt(t, path, 1)
	next(t, heard, TypeHello)
	eventually(t, time.Second, "both watch", func() bool { return s.room.at(watching) == 2 })
	line := strings.Repeat("x", 64<<10)
	lines := 0
	for deadline := time.Now().Add(5 * time.Second); s.Stats().CutOff == 0; {
		if time.Now().After(deadline) {
			t.Fatal("the slow one is not cut off")
		}
		s.feed.Lines.Add(line)
		for m := range heard {
			lines += len(m.Lines)
			if m.Type == TypeLog {
				break
			}
		}
	}
	eventually(t, time.Second, "only one watches on", func() bool { return s.room.at(watching) == 1 })
	s.feed.Lines.Add("still there")
	for m := range heard {
		if m.Type == TypeLog && m.Lines[len(m.Lines)-1] == "still there" {
			break
		}
	}
	if lines == 0 {
		t.Error("the other one heard nothing meanwhile")
	}
}

func TestSeventeenWatchers(t *testing.T) {
	s, path := start(t, echo, nil)
	for range 16 {
		next(t, watchIt(t, path, 1), TypeHello)
	}
	err := Watch(t.Context(), path, 1, func(Message) error { return errors.New("it watches") })
	if err == nil || !strings.Contains(err.Error(), "enough others do already") {
		t.Errorf("the 17th: %v", err)
	}
	if got := s.Stats(); got != (Stats{Refused: 1}) {
		t.Errorf("counted %+v", got)
	}
}

func TestWatchEnds(t *testing.T) {
	s, path := start(t, echo, nil)
	enough := errors.New("enough")
	if err := Watch(t.Context(), path, 2, func(Message) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("with each's error: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := Watch(ctx, path, 2, func(Message) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("with its context: %v", err)
	}
	s.feed.Lines.Add("so that they are missed")
	eventually(t, time.Second, "nobody watches", func() bool { return s.room.at(watching) == 0 })
}
