// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package headless is the view without a terminal: a summary at the start, a
// log line for every change, a status line now and then, and totals at the
// end. It reads snapshots and events; the engine never waits for it.
package headless

import (
	"context"
	"log/slog"
	"os"
	"time"

	"cygnet/engine"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// StatusEvery is the time between two status lines.
const StatusEvery = 10 * time.Second

// View writes what happens to Log.
type View struct {
	Log      *slog.Logger
	Ring     *events.Ring[events.Event]
	Snapshot func() *engine.Snapshot
	Link     func() wire.LinkStats
	Totals   <-chan os.Signal // asks for the totals: SIGUSR1

	// State of Run.
	cursor uint64
	last   *engine.Snapshot
}

// Run writes until ctx ends, and then the totals.
func (v *View) Run(ctx context.Context) {
	ticker := time.NewTicker(StatusEvery)
	defer ticker.Stop()
	v.last = v.Snapshot()
	for {
		arrival := v.Ring.Arrival()
		v.events()
		select {
		case <-ctx.Done():
			return
		case <-arrival:
		case <-v.Totals:
			v.WriteTotals()
		case <-ticker.C:
			v.status()
		}
	}
}

// Finish writes what is left to say after the engine has ended.
func (v *View) Finish() {
	v.events()
	v.WriteTotals()
}

// events writes a line for each new event.
func (v *View) events() {
	got, next, lost := v.Ring.Since(v.cursor)
	v.cursor = next
	if lost > 0 {
		v.Log.Warn("events lost", "count", lost)
	}
	for _, e := range got {
		v.Log.LogAttrs(context.Background(), level(e.Kind.Severity()), e.Kind.String(), attrs(e)...)
	}
}

func level(s events.Severity) slog.Level {
	switch s {
	case events.Error:
		return slog.LevelError
	case events.Warning:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// attrs are what is known of an event, without what is not.
func attrs(e events.Event) (as []slog.Attr) {
	str := func(key, value string) {
		if value != "" {
			as = append(as, slog.String(key, value))
		}
	}
	str("service", e.Service)
	str("server", e.Server)
	if e.Addr.IsValid() {
		str("addr", e.Addr.String())
	}
	if mac := wire.MAC(e.MAC); !mac.IsZero() {
		str("mac", mac.String())
	}
	if was := wire.MAC(e.Was); !was.IsZero() {
		str("was", was.String())
	}
	if e.Source.IsValid() {
		str("source", e.Source.String())
	}
	if e.From != 0 {
		as = append(as, slog.Int("source_port", int(e.From)))
	}
	if e.Port != 0 {
		as = append(as, slog.Int("port", int(e.Port)))
	}
	str("port_name", events.PortName(e.Port))
	if e.Held > 0 {
		as = append(as, slog.Int64("held_ms", e.Held.Milliseconds()))
	}
	str("who", e.Who)
	str("text", e.Text)
	return as
}

// status writes how fast frames went since the last status line.
func (v *View) status() {
	now := v.Snapshot()
	since := v.last.Time
	if since.IsZero() {
		since = now.Started
	}
	seconds := now.Time.Sub(since).Seconds()
	if seconds <= 0 {
		return // the engine has not ticked since
	}
	rate := func(a, b uint64) int64 { return int64(float64(a-b)/seconds + 0.5) }
	as := []slog.Attr{
		slog.Int64("in_frames_s", rate(now.In.Frames, v.last.In.Frames)),
		slog.Int64("in_bit_s", 8*rate(now.In.Bytes, v.last.In.Bytes)),
		slog.Int64("out_frames_s", rate(now.Out.Frames, v.last.Out.Frames)),
		slog.Int64("out_bit_s", 8*rate(now.Out.Bytes, v.last.Out.Bytes)),
		slog.Int64("tarpit_hits_s", rate(now.TarpitHits(), v.last.TarpitHits())),
		slog.Uint64("tarpit_held", caughtIn(now).now),
		slog.Uint64("flows", now.Flows.Open),
	}
	var drops []any
	for r, n := range now.Reasons {
		if d := n.Frames - v.last.Reasons[r].Frames; d > 0 && engine.Reason(r).Verdict() == engine.Dropped {
			drops = append(drops, slog.Uint64(engine.Reason(r).String(), d))
		}
	}
	if len(drops) > 0 {
		as = append(as, slog.Group("drops", drops...))
	}
	v.Log.LogAttrs(context.Background(), slog.LevelInfo, "status", as...)
	v.last = now
}
