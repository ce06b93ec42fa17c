// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"bytes"
	"context"
	"log/slog"
	"net/netip"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/engine"
	"cygnet/internal/events"
	"cygnet/internal/holds"
	"cygnet/internal/wire"
)

// newView returns a view over a snapshot that a test may replace, and what it
// writes, without times.
func newView(now *engine.Snapshot) (*View, *atomic.Pointer[engine.Snapshot], *bytes.Buffer) {
	snap := new(atomic.Pointer[engine.Snapshot])
	snap.Store(now)
	out := &bytes.Buffer{}
	log := slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{}
			}
			return a
		},
	}))
	return &View{
		Log: log, Ring: events.NewRing[events.Event](4), Totals: make(chan os.Signal),
		Snapshot: snap.Load,
		Link:     func() wire.LinkStats { return wire.LinkStats{KernelDrops: 3, SendFull: 1, SendDown: 1} },
	}, snap, out
}

func snapshot(seconds int, frames uint64) *engine.Snapshot {
	start := time.Unix(1000, 0)
	s := &engine.Snapshot{
		Started: start, Time: start.Add(time.Duration(seconds) * time.Second),
		In: engine.Traffic{Frames: frames, Bytes: 100 * frames}, Out: engine.Traffic{Frames: frames, Bytes: 100 * frames},
		Services: []engine.ServiceSnapshot{{
			Service: engine.Service{Name: "web", VIP: netip.MustParseAddr("10.77.0.10"), Port: 80},
			Address: engine.AddressSnapshot{State: engine.Held},
			Traffic: engine.Traffic{Frames: frames, Bytes: 100 * frames},
			Servers: []engine.ServerSnapshot{{Server: engine.Server{Number: 1, Addr: netip.MustParseAddr("10.77.0.1")}}},
		}},
	}
	s.Reasons[engine.Forwarded] = engine.Traffic{Frames: frames}
	s.Reasons[engine.CapturedSYN] = engine.Traffic{Frames: frames / 10}
	s.Reasons[engine.NoServer] = engine.Traffic{Frames: frames / 100}
	s.Tarpit.Holds = &holds.Stats{Now: 3, Verified: 5, Escaped: 2, Seconds: 90}
	return s
}

func TestStatusLineIsARateSinceTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, now, out := newView(&engine.Snapshot{}) // of an engine that has not ticked yet
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { v.Run(ctx); close(done) }()
		time.Sleep(time.Second)
		now.Store(snapshot(10, 1000))
		time.Sleep(StatusEvery)
		now.Store(snapshot(20, 1500))
		time.Sleep(StatusEvery)
		synctest.Wait()
		cancel()
		<-done
		want := `level=INFO msg=status in_frames_s=100 in_bit_s=80000 out_frames_s=100 out_bit_s=80000 tarpit_hits_s=10 tarpit_held=3 flows=0 drops.no_server=10
level=INFO msg=status in_frames_s=50 in_bit_s=40000 out_frames_s=50 out_bit_s=40000 tarpit_hits_s=5 tarpit_held=3 flows=0 drops.no_server=5
`
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestTotalsNameEveryServiceAndServer(t *testing.T) {
	v, _, out := newView(snapshot(10, 1000))
	v.WriteTotals()
	want := `level=INFO msg=totals uptime_s=10 in_frames=1000 in_bytes=100000 out_frames=1000 out_bytes=100000 tarpit_hits=100 tarpit_verified=5 tarpit_escaped=2 tarpit_held=3 tarpit_held_s=90 flows=0 flows_added=0 flows_unstored=0 sent.forwarded=1000 answered.captured_syn=100 drops.no_server=10 kernel_drops=3 send_errors=2
level=INFO msg="totals of service" service=web state=announced serving=normal flows=0 frames=1000 bytes=100000
level=INFO msg="totals of server" service=web server=1 addr=10.77.0.1 mac=unknown health=none flows=0 opened=0 frames=0 bytes=0
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEventsAreLinesAndLostOnesAreCounted(t *testing.T) {
	v, _, out := newView(snapshot(0, 0))
	v.Ring.Add(events.Event{Kind: events.Announced})
	for range 3 {
		v.Ring.Add(events.Event{Kind: events.ConfigApplied})
	}
	v.Ring.Add(events.Event{Kind: events.Conflict, Service: "web", Addr: netip.MustParseAddr("10.77.0.10"), MAC: [6]byte{2, 0, 0, 0, 0, 9}, Text: "why"})
	v.events()
	v.events() // says nothing twice
	want := `level=WARN msg="events lost" count=1
level=INFO msg="configuration applied"
level=INFO msg="configuration applied"
level=INFO msg="configuration applied"
level=ERROR msg="address conflict" service=web addr=10.77.0.10 mac=02:00:00:00:00:09 text=why
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAttrsSayWhoAndWhatFor(t *testing.T) {
	v, _, out := newView(snapshot(0, 0))
	v.Ring.Add(events.Event{Kind: events.ConfigChanged, Who: "uid 1000 pid 321", Text: "server 1 drain"})
	v.Ring.Add(events.Event{Kind: events.ServerState, Service: "web", Server: "1", Text: "drain"})
	v.Ring.Add(events.Event{Kind: events.TarpitHit, Addr: netip.MustParseAddr("10.77.0.99"), Source: netip.MustParseAddr("192.0.2.1"), Port: 22})
	v.Ring.Add(events.Event{Kind: events.TarpitEscaped, Source: netip.MustParseAddr("192.0.2.1"), From: 4711, Port: 24, Held: 90 * time.Second}) // a port without a name
	v.events()
	want := `level=INFO msg="configuration changed" who="uid 1000 pid 321" text="server 1 drain"
level=INFO msg="server state" service=web server=1 text=drain
level=INFO msg="tarpit hit" addr=10.77.0.99 source=192.0.2.1 port=22 port_name=ssh
level=INFO msg="tarpit client escaped" source=192.0.2.1 source_port=4711 port=24 held_ms=90000
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
