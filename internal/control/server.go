// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package control speaks the language over sockets: the server of a running
// cygnet, and the client that penctl's place is taken by.
//
// The protocol is Pen's: a client connects, writes one line, and reads until
// the server closes. Beyond Pen, `begin` collects lines until `commit`, and
// `watch` streams what happens as JSON lines.
package control

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"cygnet/internal/command"
)

// Doer carries out commands.
type Doer interface {
	// Do takes a line, or the lines of a transaction behind its `begin`, the
	// last being `preview` if it is not to be done but previewed, and returns the whole reply: nothing, or lines that each end in \n. A
	// refusal's first line begins `error: `. It is called from many goroutines at once and may take its time.
	Do(who command.Who, lines []string) (reply string)
}

// Server serves the language on any number of listeners. It is safe for
// concurrent use.
type Server struct {
	doer   Doer
	feed   Feed
	permit func(netip.Addr) bool
	limits limits
	room   room
	linger chan struct{} // a place for each peer sent away that still reads why

	refused, cutOff atomic.Uint64
}

// limits are how much a peer gets. They are not for operators: the tests make
// them small.
type limits struct {
	line   time.Duration // until a line is complete, counted from the one before
	whole  time.Duration // until a transaction is
	reply  time.Duration // until the peer took the reply
	watch  time.Duration // until a watcher took a message
	linger time.Duration // for reading a last reply, after which the connection closes
	moment time.Duration // inside, before it may have to leave for a newcomer
	lines  int           // of a transaction
	bytes  int           // of a transaction, with each line's end
}

// New returns a server of doer's commands and feed's stream. permit is
// control_acl: it is asked at once for every TCP peer, without an IPv6 zone,
// so it must not wait for anything. Nil permits everybody.
func New(doer Doer, feed Feed, permit func(netip.Addr) bool) *Server {
	return &Server{
		doer: doer, feed: feed, permit: permit,
		limits: limits{
			line: 10 * time.Second, whole: 60 * time.Second, reply: 5 * time.Second,
			watch: time.Second, linger: 500 * time.Millisecond, moment: 5 * time.Millisecond,
			lines: mostLines, bytes: mostBytes,
		},
		room:   room{most: 128, mostCollecting: 8, mostWatching: 16},
		linger: make(chan struct{}, 32),
	}
}

// Stats are counted from the start.
type Stats struct {
	Refused uint64 // not let in: by control_acl, or because everybody inside is busy or watches
	Evicted uint64 // had no complete command yet when a newcomer needed the room
	CutOff  uint64 // too slow to write or to read, or wrote too much
}

// Stats returns how many peers did not get what they came for.
func (s *Server) Stats() Stats {
	return Stats{Refused: s.refused.Load(), Evicted: s.room.evictions(), CutOff: s.cutOff.Load()}
}

// Serve takes connections from l until ctx ends or l is closed. It owns l and
// closes it. When it returns, all of its connections are closed and all of
// its goroutines have ended; a command that is being done is waited for. It
// fails only if l could not be closed.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var running sync.WaitGroup
	var closed error
	running.Go(func() {
		<-ctx.Done()
		closed = l.Close()
	})
	s.accept(ctx, l, &running)
	cancel()
	running.Wait()
	if errors.Is(closed, net.ErrClosed) {
		return nil
	}
	return closed
}

// accept lets peers in, each with a goroutine of its own.
func (s *Server) accept(ctx context.Context, l net.Listener, running *sync.WaitGroup) {
	const least, most = 5 * time.Millisecond, time.Second
	var pause time.Duration
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			sleep(ctx, s.room.wait(time.Now(), s.limits.moment))
			s.receive(ctx, conn, running)
		case ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			return
		default:
			// Most likely we are out of descriptors. The peer stays in the
			// queue, so asking again at once would only spin.
			pause = min(max(2*pause, least), most)
			sleep(ctx, pause)
		}
	}
}

// receive lets a peer in, or sends it away.
func (s *Server) receive(ctx context.Context, conn net.Conn, running *sync.WaitGroup) {
	who, addr := peer(conn)
	v := newVisitor(ctx, conn, who)
	var why error
	switch {
	case addr.IsValid() && s.permit != nil && !s.permit(addr):
		why = errNotPermitted
	case !s.room.enter(v):
		why = errFull
	}
	if why == nil {
		running.Go(func() { s.attend(v) })
		return
	}
	s.refused.Add(1)
	running.Go(func() {
		defer v.close()
		s.sendAway(v, why)
	})
}

// sleep waits, unless ctx ends first.
func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
