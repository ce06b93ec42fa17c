// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// doer is a Doer that is one function.
type doer func(who command.Who, lines []string) string

func (d doer) Do(who command.Who, lines []string) string { return d(who, lines) }

// echo replies with what it was given.
var echo = doer(func(_ command.Who, lines []string) string { return fmt.Sprintf("%q\n", lines) })

func testFeed() Feed {
	return Feed{
		Hello:    Hello{Version: "1", Interface: "eth0", PID: 7, Hostname: "host"},
		Snapshot: func() *engine.Snapshot { return &engine.Snapshot{Generation: 3} },
		Link:     func() wire.LinkStats { return wire.LinkStats{KernelDrops: 5} },
		Up:       func() bool { return true },
		CPU:      func() []time.Duration { return []time.Duration{time.Second} },
		Changes:  events.NewRing[events.Event](8),
		Hits:     events.NewRing[events.Event](8),
		Lines:    events.NewRing[string](8),
	}
}

// serve serves until the test ends, and then looks for goroutines left behind.
func serve(t testing.TB, ctx context.Context, s *Server, l net.Listener) {
	t.Helper()
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("Serve: %v", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("Serve does not end")
		}
		eventually(t, 2*time.Second, "as few goroutines as before", func() bool { return runtime.NumGoroutine() <= before })
	})
}

// start serves d on a socket, with limits as set.
func start(t testing.TB, d Doer, set func(*Server)) (s *Server, path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "s")
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	s = New(d, testFeed(), nil)
	if set != nil {
		set(s)
	}
	serve(t, t.Context(), s, l)
	return s, path
}

func eventually(t testing.TB, deadline time.Duration, what string, cond func() bool) {
	t.Helper()
	for began := time.Now(); !cond(); time.Sleep(5 * time.Millisecond) { // the pace of polling
		if time.Since(began) > deadline {
			t.Errorf("not within %v: %s", deadline, what)
			return
		}
	}
}

// connect returns a connection that the test's end closes.
func connect(t testing.TB, path string) *net.UnixConn {
	t.Helper()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(10 * time.Second))
	return c.(*net.UnixConn)
}

func say(t testing.TB, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil && !errors.Is(err, syscall.EPIPE) {
		t.Fatalf("write: %v", err)
	}
}

// hear reads until the server closes.
func hear(t testing.TB, c net.Conn) string {
	t.Helper()
	got, err := io.ReadAll(c)
	if err != nil {
		t.Errorf("read: %v, after %q", err, got)
	}
	return string(got)
}

// eof stands for a peer that writes no more.
const eof = "<EOF>"

// connections are what peers say on one connection, and what they read then.
func connections() []struct{ name, say, want string } {
	long := strings.Repeat("x", maxLine)
	return []struct{ name, say, want string }{
		{"a line", "servers\n", `["servers"]`},
		{"half a line", "servers" + eof, `["servers"]`},
		{"nothing", eof, ""},
		{"an empty line", "\n", `[""]`},
		{"a carriage return", "mode\r\n", `["mode"]`},
		{"only the first line", "mode\nservers\n", `["mode"]`},
		{"other bytes", "a\x00\xff\x01\n", `["a\x00\xff\x01"]`},
		{"the longest line", long + "\n", `["` + long + `"]`},
		{"the longest line, carriage return", long + "\r\n", `["` + long + `"]`},
		{"a longer line", long + "x", "error: a line of more than 4095 bytes: split it into several"},
		{"a far longer line, unread", strings.Repeat("x", 100_000), "error: a line of more than 4095 bytes: split it into several"},
		{"a longer line, carriage return", long + "x\r\n", "error: a line of more than 4095 bytes: split it into several"},
		{"a transaction", "begin\na\n\nb c\ncommit\n", `["begin" "a" "" "b c"]`},
		{"an empty transaction", "begin\ncommit\n", `["begin"]`},
		{"commit without its newline", "begin\na\ncommit" + eof, `["begin" "a"]`},
		{"comments beside", "\tbegin # now\na\ncommit # done\n", `["begin" "a"]`},
		{"a preview", "begin\na\npreview\n", `["begin" "a" "preview"]`},
		{"a preview of nothing", "begin\npreview # so\n", `["begin" "preview"]`},
		{"a preview of another line", "begin\na\npreview b\ncommit\n", `["begin" "a" "preview b"]`},
		{"no preview", "\"preview\"\n", `["\"preview\""]`},
		{"abort", "begin\na\n" + eof, "error: begin: the connection ended before commit: nothing was done"},
		{"abort in a line", "begin\na" + eof, "error: begin: the connection ended before commit: nothing was done"},
		{"more than begin", "begin x\n", `error: begin: "x": nothing was expected after it`},
		{"more than commit", "begin\ncommit x\n", `error: commit: "x": nothing was expected after it; nothing was done`},
		{"a longer line in a transaction", "begin\n" + long + "x", "error: a line of more than 4095 bytes: split it into several"},
		{"too many lines", "begin\n" + strings.Repeat("a\n", 11), "error: begin: at most 10 lines and 5000 bytes until commit; nothing was done"},
		{"too many bytes", "begin\n" + long + "\n" + long + "\n", "error: begin: at most 10 lines and 5000 bytes until commit; nothing was done"},
		{"no rate", "watch often\n", `error: watch: "often": expected snapshots a second, 0.1 to 10`},
		{"too high a rate", "watch 11\n", `error: watch: "11": expected snapshots a second, 0.1 to 10`},
		{"not a rate", "watch NaN\n", `error: watch: "NaN": expected snapshots a second, 0.1 to 10`},
		{"two rates", "watch 1 2\n", `error: watch: "2": nothing was expected after the rate but brief`},
		{"brief and more", "watch 1 brief 2\n", `error: watch: "2": nothing was expected after it`},
	}
}

func TestOneConnection(t *testing.T) {
	_, path := start(t, echo, func(s *Server) { s.limits.lines, s.limits.bytes = 10, 5000 })
	for _, tt := range connections() {
		t.Run(tt.name, func(t *testing.T) {
			c := connect(t, path)
			text, half := strings.CutSuffix(tt.say, eof)
			say(t, c, text)
			if half {
				c.CloseWrite()
			}
			if got := strings.TrimSuffix(hear(t, c), "\n"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestBytesOneByOne(t *testing.T) {
	_, path := start(t, echo, nil)
	c := connect(t, path)
	for _, b := range "begin\nab\nc\ncommit\n" {
		say(t, c, string(b))
	}
	if got, want := hear(t, c), "[\"begin\" \"ab\" \"c\"]\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAMegabyteWithoutNewlineIsAnswered(t *testing.T) {
	s, path := start(t, echo, nil)
	c := connect(t, path)
	began := time.Now()
	wrote := make(chan struct{})
	go func() {
		defer close(wrote)
		io.WriteString(c, strings.Repeat("x", 1<<20)) // fails once the server has had enough
	}()
	got := make([]byte, 100)
	n, err := c.Read(got)
	if err != nil || !strings.HasPrefix(string(got[:n]), "error: a line of more than 4095 bytes") {
		t.Errorf("read %q, %v", got[:n], err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("answered after %v", took)
	}
	<-wrote
	eventually(t, time.Second, "counted as cut off", func() bool { return s.Stats().CutOff == 1 })
}

func TestSlowLinesAreCutOff(t *testing.T) {
	s, path := start(t, echo, func(s *Server) { s.limits.line, s.limits.whole = 50*time.Millisecond, 200*time.Millisecond })
	for _, begin := range []string{"", "serv", "begin\n", "begin\na"} {
		c := connect(t, path)
		say(t, c, begin)
		if got := hear(t, c); !strings.HasPrefix(got, "error: the line was not complete in time") {
			t.Errorf("after %q: got %q", begin, got)
		}
	}
	// A transaction whose lines come in time, but without an end.
	c := connect(t, path)
	say(t, c, "begin\n")
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for range 1000 {
			if _, err := io.WriteString(c, "a\n"); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond) // the pace of the lines
		}
	}()
	if got := hear(t, c); !strings.HasPrefix(got, "error: the line was not complete in time") {
		t.Errorf("got %q", got)
	}
	c.Close()
	<-stop
	if got := s.Stats(); got != (Stats{CutOff: 5}) {
		t.Errorf("counted %+v, want 5 cut off", got)
	}
}

func TestAReplyThatNobodyReadsIsCutOff(t *testing.T) {
	big := doer(func(command.Who, []string) string { return strings.Repeat("x", 16<<20) })
	s, path := start(t, big, func(s *Server) { s.limits.reply = 50 * time.Millisecond })
	say(t, connect(t, path), "servers\n")
	eventually(t, 3*time.Second, "counted as cut off", func() bool { return s.Stats().CutOff == 1 })
}

func TestTheReplyToExitArrives(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	path := filepath.Join(t.TempDir(), "s")
	l, err := ListenUnix(path)
	if err != nil {
		t.Fatal(err)
	}
	exit := doer(func(command.Who, []string) string {
		cancel()
		return strings.Repeat("bye\n", 1_000_000) // more than the socket holds
	})
	serve(t, ctx, New(exit, testFeed(), nil), l)
	idle := connect(t, path)
	reply, err := Do(t.Context(), path, "exit")
	if err != nil || len(reply) != 4_000_000 {
		t.Errorf("Do: %d bytes, %v; want 4000000", len(reply), err)
	}
	if got, want := hear(t, idle), "error: cygnet is stopping\n"; got != want {
		t.Errorf("the idle client got %q, want %q", got, want)
	}
	eventually(t, time.Second, "socket removed", func() bool {
		_, err := os.Lstat(path)
		return os.IsNotExist(err)
	})
}

func TestAReplyOnItsWayStillArrivesWhenStopping(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	path := filepath.Join(t.TempDir(), "s")
	s := New(doer(func(command.Who, []string) string { return strings.Repeat("x", 4<<20) }), testFeed(), nil)
	serve(t, ctx, s, listen(t, path))
	c := connect(t, path)
	say(t, c, "servers\n")
	if _, err := c.Read(make([]byte, 1)); err != nil { // it is on its way
		t.Fatal(err)
	}
	cancel()
	if got := hear(t, c); len(got) != 4<<20-1 {
		t.Errorf("got %d bytes more, want %d", len(got), 4<<20-1)
	}
}

func TestServeEndsWithItsListener(t *testing.T) {
	l, err := ListenTCP("0")
	if err != nil {
		t.Fatal(err)
	}
	s := New(echo, testFeed(), nil)
	done := make(chan error)
	go func() { done <- s.Serve(t.Context(), l) }()
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	eventually(t, time.Second, "the client is in", func() bool { return s.room.size() == 1 })
	l.Close()
	if err := <-done; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if got := hear(t, c); got != "error: cygnet is stopping\n" {
		t.Errorf("got %q", got)
	}
}

func TestPeers(t *testing.T) {
	whoami := doer(func(who command.Who, _ []string) string { return fmt.Sprintf("%s %t\n", who.Name, who.Owner) })
	_, path := start(t, whoami, nil)
	got, err := Do(t.Context(), path, "pid")
	if want := fmt.Sprintf("uid %d pid %d true\n", os.Getuid(), os.Getpid()); err != nil || got != want {
		t.Errorf("over a Unix socket: %q, %v; want %q", got, err, want)
	}

	var allowed atomic.Bool
	var asked atomic.Value
	s := New(whoami, testFeed(), func(a netip.Addr) bool { asked.Store(a); return allowed.Load() })
	l, err := net.Listen("tcp", "[::]:0") // so that IPv4 peers come wrapped
	if err != nil {
		t.Fatal(err)
	}
	serve(t, t.Context(), s, l)
	port := l.Addr().(*net.TCPAddr).Port
	address := fmt.Sprintf("127.0.0.1:%d", port)
	if got, err := Do(t.Context(), address, "pid"); err != nil || got != "error: not permitted by control_acl\n" {
		t.Errorf("refused: %q, %v", got, err)
	}
	if a := asked.Load(); a != netip.MustParseAddr("127.0.0.1") {
		t.Errorf("control_acl was asked for %v", a)
	}
	if got := s.Stats(); got != (Stats{Refused: 1}) {
		t.Errorf("counted %+v", got)
	}
	allowed.Store(true)
	got, err = Do(t.Context(), address, "pid")
	if err != nil || !strings.HasPrefix(got, "127.0.0.1:") || !strings.HasSuffix(got, " false\n") {
		t.Errorf("permitted: %q, %v", got, err)
	}
}

func TestRemoteAddressesAreAsListsKnowThem(t *testing.T) {
	for from, want := range map[string][2]string{
		"10.0.0.9:4711":          {"10.0.0.9:4711", "10.0.0.9"},
		"[::ffff:10.0.0.9]:4711": {"10.0.0.9:4711", "10.0.0.9"},
		"[fe80::1%eth0]:4711":    {"[fe80::1%eth0]:4711", "fe80::1"},
	} {
		who, addr := remote(netip.MustParseAddrPort(from))
		if who != (command.Who{Name: want[0]}) || addr.String() != want[1] {
			t.Errorf("%s: %+v, %v; want %v", from, who, addr, want)
		}
	}
}

// flaky fails a few times before each connection it accepts.
type flaky struct {
	net.Listener
	fails atomic.Int64
}

func (l *flaky) Accept() (net.Conn, error) {
	if l.fails.Add(1)%4 != 0 {
		return nil, syscall.EMFILE
	}
	return l.Listener.Accept()
}

func TestAcceptErrorsPassWithoutSpinning(t *testing.T) {
	l, err := ListenTCP("0")
	if err != nil {
		t.Fatal(err)
	}
	f := &flaky{Listener: l}
	serve(t, t.Context(), New(echo, testFeed(), nil), f)
	began := time.Now()
	if got, err := Do(t.Context(), l.Addr().String(), "mode"); err != nil || got != "[\"mode\"]\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if took := time.Since(began); took < 30*time.Millisecond {
		t.Errorf("three failures took only %v", took)
	}
}
