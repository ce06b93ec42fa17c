// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"fmt"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"cygnet/internal/command"
)

func (r *room) size() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.visitors)
}

func (r *room) at(s stage) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.count(s)
}

// footprint is what is in use: goroutines, and bytes of heap and stacks.
func footprint() (goroutines int, bytes uint64) {
	runtime.GC()
	runtime.GC() // what the first one found finalizers for
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return runtime.NumGoroutine(), m.HeapAlloc + m.StackInuse
}

// crowd is a thousand clients who begin to say something, and then wait.
func crowd(t *testing.T, path string) (disperse func()) {
	t.Helper()
	var idle []net.Conn
	for i := range 1000 {
		c, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		say(t, c, []string{"", "half", "begin\n"}[i%3])
		idle = append(idle, c)
	}
	return func() {
		for _, c := range idle {
			c.Close()
		}
	}
}

func TestAnOperatorGetsInBesideAThousandIdleClients(t *testing.T) {
	s, path := start(t, echo, nil)
	empty := func() bool { return s.room.size() == 0 }
	crowd(t, path)() // so that what the runtime keeps for later is there
	eventually(t, 3*time.Second, "the first thousand has gone", empty)
	goroutines, bytes := footprint()
	evicted := s.Stats().Evicted

	disperse := crowd(t, path)
	began := time.Now()
	if got, err := Do(t.Context(), path, "mode"); err != nil || got != "[\"mode\"]\n" {
		t.Errorf("the operator got %q, %v", got, err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("the operator waited %v", took)
	}
	if n := s.room.size(); n > 128 {
		t.Errorf("%d connections are held", n)
	}
	if n := s.Stats().Evicted - evicted; n < 1000-128 {
		t.Errorf("%d evicted", n)
	}
	eventually(t, 3*time.Second, "a goroutine for each in the room", func() bool { return runtime.NumGoroutine() <= goroutines+128 })
	if _, now := footprint(); now > bytes+4<<20 {
		t.Errorf("%d bytes more while they idle", now-bytes)
	}
	disperse()
	eventually(t, 3*time.Second, "they have gone", empty)
	eventually(t, 3*time.Second, "goroutines and memory as before", func() bool {
		g, b := footprint()
		return g <= goroutines && b < bytes+1<<20 // a thousand left behind would be over 6 MiB
	})
}

// All of a crowd that comes at once have their line there already.
func TestNobodyLeavesBeforeItsLineIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	var crowd []net.Conn
	for range 60 {
		c := connect(t, path)
		say(t, c, "mode\n")
		crowd = append(crowd, c)
	}
	s := New(echo, testFeed(), nil)
	s.room.most = 4
	serve(t, t.Context(), s, l)
	for i, c := range crowd {
		if got := hear(t, c); got != "[\"mode\"]\n" {
			t.Errorf("client %d got %q", i, got)
		}
	}
}

func TestTheEldestWithoutACommandLeaves(t *testing.T) {
	s, path := start(t, echo, func(s *Server) { s.room.most = 2 })
	eldest := connect(t, path)
	say(t, eldest, "begin\nservers\n")
	eventually(t, time.Second, "the first collects", func() bool { return s.room.at(collecting) == 1 })
	second := connect(t, path)
	say(t, second, "mo")
	eventually(t, time.Second, "two are in", func() bool { return s.room.size() == 2 })
	third := connect(t, path)
	if got, want := hear(t, eldest), "error: no complete command yet, and others need the room: try again\n"; got != want {
		t.Errorf("the eldest got %q, want %q", got, want)
	}
	say(t, second, "de\n")
	say(t, third, "servers\n")
	if got := hear(t, second) + hear(t, third); got != "[\"mode\"]\n[\"servers\"]\n" {
		t.Errorf("the others got %q", got)
	}
	if got := s.Stats(); got != (Stats{Evicted: 1}) {
		t.Errorf("counted %+v", got)
	}
}

func TestWhenAllAreBusyANewcomerIsToldSo(t *testing.T) {
	release := make(chan struct{})
	slow := doer(func(command.Who, []string) string { <-release; return "done\n" })
	s, path := start(t, slow, func(s *Server) { s.room.most = 2 })
	var busyOnes []net.Conn
	for range 2 {
		c := connect(t, path)
		say(t, c, "servers\n")
		busyOnes = append(busyOnes, c)
	}
	eventually(t, time.Second, "both are busy", func() bool { return s.room.at(busy) == 2 })
	if got, want := hear(t, connect(t, path)), "error: too many commands at once: try again\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	close(release)
	for _, c := range busyOnes {
		if got := hear(t, c); got != "done\n" {
			t.Errorf("a busy one got %q", got)
		}
	}
	if got := s.Stats(); got != (Stats{Refused: 1}) {
		t.Errorf("counted %+v", got)
	}
}

func TestWhoDoesNotTakeItsReplyMakesRoom(t *testing.T) {
	big := doer(func(_ command.Who, lines []string) string {
		if lines[0] == "mode" {
			return "hash\n"
		}
		return strings.Repeat("x", 16<<20)
	})
	s, path := start(t, big, func(s *Server) { s.room.most = 1 })
	say(t, connect(t, path), "servers\n")
	eventually(t, time.Second, "the first does not read", func() bool { return s.room.at(replying) == 1 })
	if got, err := Do(t.Context(), path, "mode"); err != nil || got != "hash\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if n := s.Stats().Evicted; n != 1 {
		t.Errorf("%d evicted", n)
	}
}

func TestOneTransactionMoreCostsTheEldest(t *testing.T) {
	s, path := start(t, echo, func(s *Server) { s.room.mostCollecting = 3 })
	var open []net.Conn
	for i := range 4 {
		c := connect(t, path)
		say(t, c, fmt.Sprintf("begin\n%d\n", i))
		eventually(t, time.Second, "it collects", func() bool { return s.room.at(collecting) == min(i+1, 3) && s.Stats().Evicted == uint64(max(0, i-2)) })
		open = append(open, c)
	}
	if got := hear(t, open[0]); !Refused(got) {
		t.Errorf("the eldest got %q", got)
	}
	for i, c := range open[1:] {
		say(t, c, "commit\n")
		if got, want := hear(t, c), fmt.Sprintf("[\"begin\" \"%d\"]\n", i+1); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
