// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// large is a snapshot of 1000 servers and a list of 10 000 rules.
func large() *engine.Snapshot {
	s := &engine.Snapshot{Time: time.Now(), Started: time.Now().Add(-time.Hour), Generation: 7}
	for n := range 10 {
		v := engine.ServiceSnapshot{Service: engine.Service{
			Name: fmt.Sprintf("service%d", n), VIP: netip.AddrFrom4([4]byte{10, 79, 0, byte(n)}), Port: 443, Proto: wire.ProtoTCP}}
		for i := range 100 {
			v.Servers = append(v.Servers, engine.ServerSnapshot{
				Server:  engine.Server{Number: i, Name: fmt.Sprintf("web-%02d", i), Addr: netip.AddrFrom4([4]byte{10, 78, byte(n), byte(i)}), Weight: 5},
				MAC:     wire.MAC{2, 0, 0, 0, byte(n), byte(i)},
				Traffic: engine.Traffic{Frames: 123456789, Bytes: 12345678901},
			})
		}
		s.Services = append(s.Services, v)
	}
	l := engine.ListSnapshot{Name: "1", Uses: []string{"tarpit_acl"}}
	for n := range 10_000 {
		l.Rules = append(l.Rules, acl.Rule{Action: acl.Permit, Prefix: netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 80, byte(n >> 8), byte(n)}), 32)})
		l.Hits = append(l.Hits, uint64(n))
	}
	s.Lists = append(s.Lists, l)
	return s
}

// sink is a peer that keeps what it reads.
type sink struct {
	net.Conn
	got bytes.Buffer
}

func (s *sink) Write(b []byte) (int, error)      { return s.got.Write(b) }
func (s *sink) SetReadDeadline(time.Time) error  { return nil }
func (s *sink) SetWriteDeadline(time.Time) error { return nil }
func (s *sink) Close() error                     { return nil }

// busyWatch is a watcher of a balancer with much to tell.
type busyWatch struct {
	*watcher
	peer *sink
	snap *engine.Snapshot
	hits *events.Ring[events.Event]
}

func newBusy(b testing.TB) *busyWatch {
	s := &busyWatch{peer: &sink{}, snap: large(), hits: events.NewRing[events.Event](8192)}
	feed := testFeed()
	feed.Snapshot, feed.Hits = func() *engine.Snapshot { return s.snap }, s.hits
	v := newVisitor(context.Background(), s.peer, command.Who{Name: "bench"})
	b.Cleanup(v.close)
	s.watcher = &watcher{v: v, feed: &feed, patience: time.Second, brief: true,
		changes: cursor[events.Event]{ring: feed.Changes}, hits: cursor[events.Event]{ring: feed.Hits}, lines: cursor[string]{ring: feed.Lines}}
	return s
}

// second has the watcher tell what a second brings: two snapshots and 5000
// hits, in batches.
func (s *busyWatch) second(b testing.TB) {
	const batches = 20
	for n := range batches {
		for i := range 5000 / batches {
			s.hits.Add(events.Event{
				Kind: events.TarpitHit, Time: time.Now(), Addr: netip.AddrFrom4([4]byte{10, 77, 0, byte(i)}),
				Source: netip.AddrFrom4([4]byte{192, 0, byte(n), byte(i)}), Port: 23, MAC: [6]byte{2, 0, 0, 0, 0, 1},
			})
		}
		if n%(batches/2) == 0 {
			next := *s.snap
			next.Time = time.Now()
			s.snap = &next
			if err := s.snapshot(); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.news(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWatchServer is what a second of a busy stream costs the balancer.
func BenchmarkWatchServer(b *testing.B) {
	s := newBusy(b)
	b.ReportAllocs()
	for b.Loop() {
		s.peer.got.Reset()
		s.second(b)
	}
	b.ReportMetric(float64(s.peer.got.Len()), "bytes")
}

// BenchmarkWatchClient is what it costs a Remote.
func BenchmarkWatchClient(b *testing.B) {
	s := newBusy(b)
	r := NewRemote("it", 2)
	l := listener{r: r, changes: again(r.Changes, changesKept), hits: again(r.Hits, hitsKept), lines: again(r.Lines, linesKept)}
	take := func(line []byte) {
		m, err := decode(line)
		if err == nil {
			err = l.take(m)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	s.second(b) // with the whole snapshot
	for line := range bytes.Lines(s.peer.got.Bytes()) {
		take(line)
	}
	s.peer.got.Reset()
	s.second(b)
	b.ReportAllocs()
	for b.Loop() {
		for line := range bytes.Lines(s.peer.got.Bytes()) {
			take(line)
		}
	}
}
