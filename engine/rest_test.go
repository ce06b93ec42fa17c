// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine_test

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cygnet/engine"
	"cygnet/internal/link/linktest"
	"cygnet/internal/wire"
)

// counted counts how often its Recv was called.
type counted struct {
	*linktest.Queue
	calls atomic.Int64
}

func (c *counted) Recv(b *wire.Batch) error {
	c.calls.Add(1)
	return c.Queue.Recv(b)
}

// An engine to which nobody sends anything wakes up seldom, but for what is due.
func TestRestWakesSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlayer(t)
		control := &counted{Queue: p.control}
		e := engine.New(twoVIPs(), engine.Links{Workers: []engine.Queue{p.worker}, Control: control}, p.ring, p.hits)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- e.Run(ctx) }()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		control.calls.Store(0)
		time.Sleep(100 * time.Second)
		synctest.Wait()
		// Four a second, and some for questions.
		if n := control.calls.Load(); n > 500 {
			t.Errorf("the control goroutine received %d times in 100 s without a frame", n)
		}
		if age := time.Since(e.Snapshot().Time); age > 250*time.Millisecond {
			t.Errorf("the clock is %v late", age)
		}
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// Whoever asks for a snapshot gets what is true now, and what is learned or wanted
// while the engine rests takes no longer than at other times.
func TestRestKeepsNobodyWaiting(t *testing.T) {
	onSegment(t, twoVIPs(), func(p *player) {
		rest := func() {
			p.pass(10 * time.Second)
			p.sent = nil
		}
		in := func() uint64 { return p.engine.Snapshot().In.Frames }

		rest()
		before := in()
		p.worker.Push(make([]byte, 60), wire.PacketHost, nil)
		synctest.Wait()
		if in() != before+1 {
			t.Error("the snapshot lacks the frame that ended the rest")
		}

		// The clock ticks again.
		rest()
		for time.Since(p.engine.Snapshot().Time) < 100*time.Millisecond {
			p.pass(10 * time.Millisecond)
		}
		p.worker.Push(make([]byte, 60), wire.PacketHost, nil)
		synctest.Wait()
		if age := time.Since(p.engine.Snapshot().Time); age > 0 {
			t.Errorf("the clock is %v late when the rest ends", age)
		}

		// The housekeeper does, too.
		for range 4 {
			rest()
			p.pass(130 * time.Millisecond) // other than the last time
			from := p.hits.End()
			p.push(client+"tcp 10.77.0.9:1234 > 10.77.0.70:80 S", "")
			p.pass(110 * time.Millisecond)
			if p.hits.End() == from {
				t.Error("a hit became no event within 110 ms")
			}
		}

		rest()
		p.loud = true
		more := twoVIPs()
		more.Services[0].VIP = netip.MustParseAddr("10.77.0.12")
		p.engine.Apply(more)
		p.settle()
		if len(p.sent) == 0 {
			t.Error("nothing asks at once for the VIP that was applied")
		}
		p.pass(time.Second)
		if got := p.states()[0]; got != engine.Held {
			t.Errorf("1 s after it was applied, the VIP is %v", got)
		}

		rest()
		p.engine.SetLink(false)
		p.pass(10 * time.Second)
		p.sent = nil
		p.engine.SetLink(true)
		p.settle()
		if len(p.sent) == 0 {
			t.Error("nothing asks at once for anything when the link is back")
		}
	})
}
