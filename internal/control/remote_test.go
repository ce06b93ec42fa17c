// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/engine"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// running runs r until the test ends, or stop is called.
func running(t testing.TB, r *Remote) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(ctx) }()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return stop
}

// serveUntil serves at path until stop is called.
func serveUntil(t testing.TB, s *Server, path string) (stop func()) {
	t.Helper()
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.Serve(ctx, l); err != nil {
			t.Error(err)
		}
	}()
	stop = func() { cancel(); <-ended }
	t.Cleanup(stop)
	return stop
}

// told is what a ring of events holds, in the words of their Text.
func told(ring *events.Ring[events.Event]) string {
	all, _, _ := ring.Since(0)
	var words []string
	for _, e := range all {
		words = append(words, e.Text)
	}
	return strings.Join(words, " ")
}

func TestRemote(t *testing.T) {
	var number atomic.Uint64
	whole, _ := filled()
	s, path := start(t, echo, func(s *Server) {
		s.feed.Snapshot = func() *engine.Snapshot {
			n := number.Add(1)
			now := whole
			now.Time, now.Generation = time.Unix(int64(n), 0).UTC(), 3
			now.In.Frames = n
			return &now
		}
	})
	s.feed.Changes.Add(events.Event{Kind: events.LinkUp, Text: "up"})
	s.feed.Hits.Add(events.Event{Kind: events.TarpitHit, Text: "hit", Time: time.Now()})
	s.feed.Lines.Add("a line")
	r := NewRemote(path, 10)
	if got := r.Sight(); got.Away != "connecting to "+path || got.Snapshot != nil || !got.Heard.IsZero() {
		t.Errorf("at first: %+v", got)
	}
	running(t, r)
	var first Sight
	eventually(t, 3*time.Second, "a sight", func() bool { first = r.Sight(); return first.Snapshot != nil })
	if first.Away != "" || !first.Up || first.Link.KernelDrops != 5 || len(first.CPU) != 1 || first.CPU[0] != time.Second ||
		first.Hello.PID != 7 || !strings.HasPrefix(first.Hello.Who, "uid ") || time.Since(first.Heard) > 3*time.Second {
		t.Errorf("%+v", first)
	}
	eventually(t, 3*time.Second, "two more snapshots", func() bool { return r.Sight().Snapshot.In.Frames > first.Snapshot.In.Frames+2 })
	later := *r.Sight().Snapshot
	later.Time, later.In, later.Generation = whole.Time, whole.In, whole.Generation
	if diff := cmp.Diff(whole, later, plain); diff != "" {
		t.Errorf("of the same generation (-want +got):\n%s", diff)
	}
	eventually(t, 3*time.Second, "events and lines", func() bool {
		lines, _, _ := r.Lines.Since(0)
		return told(r.Changes) == "up" && told(r.Hits) == "hit" && len(lines) == 1
	})
	if reply, err := r.Do(t.Context(), "begin\na\npreview"); err != nil || reply != "[\"begin\" \"a\" \"preview\"]\n" {
		t.Errorf("Do: %q, %v", reply, err)
	}
}

// TestRemoteTellsHitsApart: whatever may come as fast as hits goes to their ring, and
// what of it was lost is no loss of the journal.
func TestRemoteTellsHitsApart(t *testing.T) {
	for kind := events.Kind(0); kind.Known(); kind++ {
		r := NewRemote("nowhere", 1)
		l := listener{r: r, changes: again(r.Changes, changesKept), hits: again(r.Hits, hitsKept)}
		if err := l.take(Message{Type: TypeEvent, Lost: 3, Events: []events.Event{{Kind: kind, Text: "it"}}}); err != nil {
			t.Fatal(err)
		}
		changes, hits, s := told(r.Changes), told(r.Hits), r.Sight()
		if want := kind >= events.TarpitHit; (hits == "it") != want || (changes == "it") == want || (s.LostHits == 3) != want || (s.Lost == 3) == want {
			t.Errorf("%v: changes %q, hits %q, lost %d and %d", kind, changes, hits, s.Lost, s.LostHits)
		}
	}
}

func TestRemoteComesBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	feed := testFeed()
	feed.Changes, feed.Hits = events.NewRing[events.Event](6), events.NewRing[events.Event](6)
	began := time.Now().Add(-time.Minute)
	happen := func(from, to int) {
		for n := from; n <= to; n++ {
			at := began.Add(time.Duration(n/2) * time.Second) // two at a time
			feed.Changes.Add(events.Event{Kind: events.LinkUp, Time: at, Text: fmt.Sprint(n)})
			feed.Hits.Add(events.Event{Kind: events.TarpitHit, Time: at, Text: fmt.Sprint(n)})
			feed.Lines.Add(fmt.Sprintf("line %d", n))
		}
	}
	r := NewRemote(path, 10)
	running(t, r)
	heard := func(what, want string) {
		t.Helper()
		eventually(t, 5*time.Second, what, func() bool {
			lines, _, _ := r.Lines.Since(0)
			return told(r.Changes) == want && told(r.Hits) == want && strings.ReplaceAll(strings.Join(lines, " "), "line ", "") == want
		})
		if got := told(r.Changes); got != want {
			t.Fatalf("%s: got %q, want %q", what, got, want)
		}
	}
	eventually(t, 3*time.Second, "a reason", func() bool {
		return strings.HasSuffix(r.Sight().Away, "connect to "+path+": no such file or directory")
	})

	stop := serveUntil(t, New(echo, feed, nil), path)
	happen(1, 3)
	heard("at first", "1 2 3")
	stop()
	eventually(t, 3*time.Second, "a reason", func() bool { return r.Sight().Away != "" })
	if got := r.Sight(); got.Snapshot == nil || got.Heard.IsZero() || got.Hello.PID != 7 {
		t.Errorf("away, and all is forgotten: %+v", got)
	}
	happen(4, 5)
	stop = serveUntil(t, New(echo, feed, nil), path)
	heard("the same again, and two more", "1 2 3 4 5")
	if got := r.Sight().Away; got != "" {
		t.Errorf("back, and %q", got)
	}
	stop()

	feed.Hello.PID++
	stop = serveUntil(t, New(echo, feed, nil), path)
	eventually(t, 5*time.Second, "all that another process has", func() bool {
		return strings.HasPrefix(told(r.Hits), "1 2 3 4 5 1 2") && strings.HasPrefix(told(r.Changes), "1 2 3 4 5 1 2")
	})
	stop()
}

// moments are when something happened, of several goroutines.
type moments struct {
	mu  sync.Mutex
	all []time.Time
}

func (m *moments) add() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, time.Now())
}

func (m *moments) get() []time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.all)
}

// pretend has each connection to a Remote at its other end say lines, and then end
// or stay, in a bubble of synctest. It tells when they were made.
func pretend(r *Remote, stay bool, lines ...string) (made *moments) {
	made = &moments{}
	r.connect = func(ctx context.Context, _ string) (net.Conn, error) {
		made.add()
		if lines == nil {
			return nil, errors.New("connect to it: not permitted")
		}
		ours, theirs := net.Pipe()
		go func() {
			asked := make([]byte, 100)
			theirs.Read(asked)
			for _, l := range lines {
				io.WriteString(theirs, l+"\n")
			}
			if stay {
				io.Copy(io.Discard, theirs)
			}
			theirs.Close()
		}()
		return ours, nil
	}
	return made
}

const (
	helloLine    = `{"type":"hello","hello":{"pid":1}}`
	snapshotLine = `{"type":"snapshot","generation":1,"snapshot":{"generation":1}}`
)

func TestRemoteBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRemote("it", 2)
		made := pretend(r, false)
		stop := running(t, r)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		stop()
		want, tries := leastPause, made.get()
		for i := 1; i < len(tries); i++ {
			if got := tries[i].Sub(tries[i-1]); got < want*3/4 || got > want*5/4 {
				t.Errorf("pause %d: %v, want %v, give or take a quarter", i, got, want)
			}
			want = min(2*want, mostPause)
		}
		if len(made.get()) < 8 || r.Sight().Away != "connect to it: not permitted" {
			t.Errorf("%d tries, and then %q", len(made.get()), r.Sight().Away)
		}
	})
}

func TestRemoteBacksOffAnewAfterAGoodConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRemote("it", 2)
		made := pretend(r, false, helloLine, snapshotLine)
		stop := running(t, r)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		stop()
		if len(made.get()) < 30 {
			t.Errorf("%d connections in ten seconds, though each was good", len(made.get()))
		}
	})
}

func TestRemoteMissesASignOfLife(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRemote("it", 2)
		made := pretend(r, true, helloLine, snapshotLine)
		stop := running(t, r)
		time.Sleep(noSign - time.Second)
		synctest.Wait()
		if got := r.Sight(); got.Away != "" || len(made.get()) != 1 {
			t.Errorf("given up early: %+v", got)
		}
		time.Sleep(time.Second + time.Millisecond)
		synctest.Wait()
		if got := r.Sight().Away; got != "read from it: nothing came for 15s" {
			t.Errorf("away: %q", got)
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := r.Sight(); got.Away != "" || len(made.get()) != 2 || time.Since(got.Heard) > time.Second {
			t.Errorf("not back: %+v", got)
		}
		stop()
	})
}

// TestRemoteOfStrangers: who speaks more than we know is understood as far as
// that goes; who speaks nonsense is left, with the reason.
func TestRemoteOfStrangers(t *testing.T) {
	const hit = `{"type":"event","generation":1,"events":[{"event":"tarpit_hit","text":"a"},{"event":"tea_time","cups":[2]},{"event":"tarpit_hit","text":"b"}]}`
	const plainHit = `{"type":"event","generation":1,"events":[{"event":"tea_time"},{"event":"tarpit_hit","text":"c"}]}`
	tests := []struct{ name, line, away string }{
		{"a type of tomorrow", `{"type":"weather","snapshot":"fair","events":7}`, ""},
		{"a hello of tomorrow", `{"type":"hello","hello":{"pid":"one"}}`, ""},
		{"a hello without anything", `{"type":"hello"}`, ""},
		{"more words", `{"type":"snapshot","weather":1,"snapshot":{"weather":"fair"}}`, ""},
		{"no link", snapshotLine, ""},
		{"a refusal", "error: not permitted by control_acl", "it: not permitted by control_acl"},
		{"a long one", "error: " + strings.Repeat("x", 300), "it: " + strings.Repeat("x", 200)},
		{"no JSON", "<html>", "read from it: invalid character '<' looking for beginning of value"},
		{"no object", "7", "read from it: json: cannot unmarshal number into Go value of type"},
		{"half a line", `{"type":"hello`, "read from it: unexpected end of JSON input"},
		{"no type", `{"snapshot":7}`, "read from it: json: cannot unmarshal"},
		{"a snapshot of another shape", `{"type":"snapshot","snapshot":[]}`, "read from it: json: cannot unmarshal"},
		{"no snapshot", `{"type":"snapshot"}`, "read from it: a snapshot was announced, and none is there"},
		{"counts of nothing", `{"type":"snapshot","snapshot":{"generation":2},"counts":{}}`, "read from it: counts without the snapshot"},
		{"hits of no rules", `{"type":"snapshot","snapshot":{"lists":[{"name":"1","hits":[1]}]}}`, `read from it: list "1": hits of 1 rules, not of 0`},
		{"an event of another shape", `{"type":"event","events":[{"event":"link_up","port":"x"}]}`, "read from it: json: cannot unmarshal"},
		{"the end", "", "it: the other side ended the connection"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := NewRemote("it", 2)
				lines := []string{helloLine, snapshotLine, hit, plainHit, tt.line}
				if tt.line == "" {
					lines = lines[:4]
				}
				pretend(r, tt.away == "", lines...)
				stop := running(t, r)
				time.Sleep(leastPause / 2)
				synctest.Wait()
				if got := r.Sight(); !strings.HasPrefix(got.Away, tt.away) || tt.away == "" && got.Away != "" || got.Snapshot == nil || !got.Up {
					t.Errorf("got %+v, want away %q", got, tt.away)
				}
				if got := told(r.Hits); got != "a b c" || r.Changes.End() != 0 {
					t.Errorf("hits %q, and %d changes", got, r.Changes.End())
				}
				stop()
			})
		})
	}
}

func TestRemoteIsNotPermitted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, t.Context(), New(echo, testFeed(), func(netip.Addr) bool { return false }), l)
	address := l.Addr().String()
	r := NewRemote(address, 2)
	running(t, r)
	eventually(t, 3*time.Second, "a reason", func() bool { return r.Sight().Away == address+": not permitted by control_acl" })
}

// TestEventsAreWrittenAsOthers: by hand or not, the same is read.
func TestEventsAreWrittenAsOthers(t *testing.T) {
	for _, m := range []Message{
		{Type: TypeEvent, Generation: 1 << 60, Lost: 7, Events: []events.Event{{Kind: events.LinkUp}, {Kind: events.TarpitHit, Text: "é\n"}}},
		{Type: TypeEvent, Events: []events.Event{{Kind: events.ServerLost, MAC: wire.MAC{1}, Who: "a"}}},
	} {
		b := newBusy(t)
		b.snap.Generation = m.Generation
		if err := b.sendEvents(m.Events, m.Lost); err != nil {
			t.Fatal(err)
		}
		line, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.peer.got.String(); got != string(line)+"\n" {
			t.Errorf("got %s want %s", got, line)
		}
		got, err := decode(line)
		if diff := cmp.Diff(m, got, plain); diff != "" || err != nil {
			t.Errorf("%v, (-want +got):\n%s", err, diff)
		}
	}
	for _, line := range []string{
		`{"type":"event","generation":1,"events":[`, `{"type":"event","generation":1,"events":[{"event":"link_up"}`, `{"type":"event","generation":1,"events":[{"event":"link_up"}]`,
		`{"type":"event","generation":1,"events":[{"event":"link_up"}],"lost":`, `{"type":"event","generation":1,"events":[{"event":"link_up"}],"lost":1`,
		`{"type":"event","generation":1,"events":[{"event":"link_up"}]}]`, `{"type":"event","generation":99999999999999999999,"events":[{"event":"link_up"}]}`,
		`{"type":"event","generation":1,"events":[{"event":"link_up"};]}`,
	} {
		if m, err := decode([]byte(line)); err == nil {
			t.Errorf("%s: taken as %+v", line, m)
		}
	}
}

// FuzzRemote: whatever the other side says, a Remote goes on, and what it shows
// holds together.
func FuzzRemote(f *testing.F) {
	whole, next := filled()
	rest, counts := shorten(&next, &whole)
	for _, m := range []Message{
		{Type: TypeHello, Hello: &Hello{PID: 1}}, {Type: TypeSnapshot, Snapshot: &whole},
		{Type: TypeSnapshot, Snapshot: rest, Counts: counts}, {Type: TypeEvent, Events: []events.Event{{}}}, {Type: TypeLog, Lines: []string{"a"}},
	} {
		line, err := json.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		r := NewRemote("it", 2)
		l := listener{r: r, changes: again(r.Changes, 1), hits: again(r.Hits, 1), lines: again(r.Lines, 1)}
		before, _ := filled()
		for _, m := range []Message{{Type: TypeSnapshot, Snapshot: &before}} {
			if err := l.take(m); err != nil {
				t.Fatal(err)
			}
		}
		m, err := decode(line)
		if err != nil {
			return
		}
		_ = l.take(m)
		if err := sound(r.Sight().Snapshot); err != nil {
			t.Error(err)
		}
	})
}
