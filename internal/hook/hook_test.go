// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/internal/events"
)

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// client is a client that the tarpit caught, at so much after noon.
func client(source string, later time.Duration) events.Event {
	return events.Event{
		Kind: events.TarpitVerified, Time: noon.Add(later), Source: netip.MustParseAddr(source), From: 4711,
		Addr: netip.MustParseAddr("10.0.0.77"), Port: 22,
	}
}

// running is a hook that runs a script.
type running struct {
	*Hook
	dir  string // the script's, where it may write
	log  *lockedBuffer
	hits *events.Ring[events.Event]
	stop func() // ends it, and waits
}

func run(t *testing.T, script string) *running {
	t.Helper()
	r := &running{dir: t.TempDir(), log: new(lockedBuffer), hits: events.NewRing[events.Event](8192)}
	program := filepath.Join(r.dir, "hook")
	if err := os.WriteFile(program, []byte("#!/bin/sh\ncd "+r.dir+"\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	var err error
	if r.Hook, err = Open("", program, r.hits, slog.New(slog.NewTextHandler(r.log, nil))); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(ctx) }()
	r.stop = func() { cancel(); <-ended }
	t.Cleanup(r.stop)
	return r
}

// lines are those that the script wrote to a file.
func (r *running) lines(name string) []string {
	b, _ := os.ReadFile(filepath.Join(r.dir, name))
	return strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
}

// eventually waits until what is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !so(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after 10 s: %s", what)
		}
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func TestTheProgramIsToldWhoWasCaught(t *testing.T) {
	t.Setenv("SECRET", "ours alone")
	r := run(t, `printf '%s\n' "$@" "$(env | grep -v '^_=\|^PWD=\|^OLDPWD=\|^SHLVL=' | sort)" "$(pwd; wc -c; readlink /proc/self/fd/2)" > new; mv new out; echo noise; exit 1`)
	r.hits.Add(events.Event{Kind: events.TarpitHit, Time: noon, Source: netip.MustParseAddr("192.0.2.66")}) // may be forged
	r.hits.Add(client("192.0.2.9", 0))
	eventually(t, "it was run", func() bool { _, err := os.Stat(filepath.Join(r.dir, "out")); return err == nil })
	want := []string{
		"192.0.2.9", "10.0.0.77", "22",
		"CYGNET_CAPTURED=10.0.0.77", "CYGNET_PORT=22", "CYGNET_SOURCE=192.0.2.9", "CYGNET_SOURCE_PORT=4711", "CYGNET_TIME=2026-07-01T12:00:00Z",
		"LC_ALL=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		r.dir, "0", "/dev/null",
	}
	if diff := cmp.Diff(want, r.lines("out")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASourceIsToldOnceInTenMinutes(t *testing.T) {
	r := run(t, `echo "$CYGNET_SOURCE $CYGNET_TIME" >> out`)
	told := 0
	for _, c := range []struct {
		source string
		later  time.Duration
		due    bool
	}{
		{"192.0.2.1", 0, true}, {"192.0.2.1", time.Second, false}, {"192.0.2.2", time.Second, true},
		{"192.0.2.1", every - 1, false}, {"192.0.2.1", every, true}, {"192.0.2.2", every, false}, {"192.0.2.1", every + time.Second, false},
		{"2001:db8::1", every + time.Second, true},
	} {
		r.hits.Add(client(c.source, c.later))
		if c.due {
			told++
			eventually(t, fmt.Sprint(c, " is told"), func() bool { return len(r.lines("out")) == told && r.lines("out")[0] != "" })
		}
	}
	r.stop()
	if got := r.lines("out"); len(got) != told {
		t.Errorf("told of %q, want %d lines", got, told)
	}
}

func TestFewRunAtOnce(t *testing.T) {
	r := run(t, `echo $$ >> out; sleep 60 & echo $! >> children; wait`)
	for n := range byte(10) {
		r.hits.Add(client("192.0.2."+strconv.Itoa(int(n)), 0))
	}
	eventually(t, "as many run as may", func() bool { return len(r.lines("children")) == atOnce })
	r.hits.Add(client("192.0.2.100", time.Minute))
	eventually(t, "it is logged", func() bool { return strings.Contains(r.log.String(), "too many at once") })
	r.stop() // kills them, and what they started
	for _, line := range append(r.lines("out"), r.lines("children")...) {
		pid, err := strconv.Atoi(line)
		if err != nil {
			t.Fatal(err)
		}
		eventually(t, "process "+line+" is gone", func() bool { return !alive(pid) })
	}
	if got := r.lines("out"); len(got) != atOnce {
		t.Errorf("%d ran, want %d", len(got), atOnce)
	}
	if got := strings.Count(r.log.String(), "too many at once"); got != 1 {
		t.Errorf("logged %d times, want once: %s", got, r.log)
	}
}

// alive says whether a process runs; one that nobody waited for does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && syscall.Kill(pid, 0) == nil && !strings.Contains(string(stat), ") Z ")
}

func TestAProgramThatTakesTooLongIsKilled(t *testing.T) {
	r := run(t, `echo $$ > out; sleep 60`)
	if r.takes != 30*time.Second {
		t.Errorf("it may take %v", r.takes)
	}
	h := &Hook{program: r.program, takes: 300 * time.Millisecond, null: r.null, log: slog.New(slog.DiscardHandler)}
	e := client("192.0.2.1", 0)
	h.run(t.Context(), &e) // returns when it has ended
	pid, err := strconv.Atoi(r.lines("out")[0])
	if err != nil || alive(pid) {
		t.Errorf("process %d runs, %v", pid, err)
	}
}

func TestWhoWasDroppedIsToldWhenItComesAgain(t *testing.T) {
	h := &Hook{hits: events.NewRing[events.Event](8), log: slog.New(slog.DiscardHandler), busy: make(chan struct{})} // no room at all
	forged := client("192.0.2.1", 0)
	forged.Kind = events.TarpitHit
	h.hits.Add(forged)
	h.look(t.Context())
	if !h.toldAt.IsZero() {
		t.Error("the program would have been run for a source that proved nothing")
	}
	h.hits.Add(client("192.0.2.1", 0))
	h.look(t.Context())
	if !h.recent.due(netip.MustParseAddr("192.0.2.1"), noon) {
		t.Error("the program was not run, and is not due")
	}
}

func TestSourcesAreBounded(t *testing.T) {
	h := &Hook{hits: events.NewRing[events.Event](8), log: slog.New(slog.DiscardHandler), busy: make(chan struct{}, 1)}
	r := &h.recent
	addr := func(n int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(n >> 16), byte(n >> 8), byte(n)}) }
	for n := range sources {
		if r.full() || !r.due(addr(n), noon) {
			t.Fatalf("source %d is not due", n)
		}
		r.add(addr(n), noon)
	}
	h.hits.Add(client("192.0.2.1", time.Second))
	h.look(t.Context())
	if !r.full() || len(r.known) != sources || len(h.busy) != 0 || h.toldAt.IsZero() {
		t.Errorf("of more than %d sources one more is told, or it is not said so", sources)
	}
	if r.due(addr(0), noon.Add(every-1)) {
		t.Error("a source is due again too early")
	}
	if !r.due(addr(0), noon.Add(every)) || len(r.known) != 0 || r.full() {
		t.Errorf("%d are remembered for too long", len(r.known))
	}
}

func TestASubnetOfIPv6IsOneSource(t *testing.T) {
	var r recent
	r.add(netip.MustParseAddr("2001:db8:0:1::1"), noon)
	if r.due(netip.MustParseAddr("2001:db8:0:1:ffff::2"), noon) || !r.due(netip.MustParseAddr("2001:db8:0:2::1"), noon) {
		t.Error("a /64 is not one source")
	}
}

func TestAFailureIsToldNowAndThen(t *testing.T) {
	h := &Hook{}
	for _, c := range []struct {
		later time.Duration
		want  slog.Level
	}{{0, slog.LevelWarn}, {time.Second, slog.LevelDebug}, {every, slog.LevelWarn}, {every + time.Minute, slog.LevelDebug}} {
		if got := h.failure(noon.Add(c.later)); got != c.want {
			t.Errorf("after %v: %v, want %v", c.later, got, c.want)
		}
	}
}

func TestWhatCannotBeAHook(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for program, want := range map[string]string{
		"hook": "not an absolute path", dir: "not a regular file", filepath.Join(dir, "none"): "no such file",
		plain: "not executable", filepath.Join(plain, "below"): "not a directory", "/dev/null": "not a regular file",
	} {
		_, err := Open("", program, events.NewRing[events.Event](1), nil)
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), "tarpit_hook "+program+": "+want) || e.Hint() == "" {
			t.Errorf("%s: %v, want %q and a hint", program, err, want)
		}
	}
	runs := filepath.Join(dir, "runs")
	if err := os.WriteFile(runs, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	if h, err := Open(dir, "/runs", events.NewRing[events.Event](1), nil); err != nil || h.program != "/runs" {
		t.Errorf("below a root: %v, %v", h, err)
	}
}
