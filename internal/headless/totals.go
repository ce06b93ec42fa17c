// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package headless

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"cygnet/engine"
)

// WriteTotals writes everything that was counted since the start: a line in
// all, one a service and one a server.
func (v *View) WriteTotals() {
	s, ctx := v.Snapshot(), context.Background()
	link, caught := v.Link(), caughtIn(s)
	v.Log.LogAttrs(ctx, slog.LevelInfo, "totals",
		slog.Float64("uptime_s", s.Time.Sub(s.Started).Round(time.Millisecond).Seconds()),
		slog.Uint64("in_frames", s.In.Frames), slog.Uint64("in_bytes", s.In.Bytes),
		slog.Uint64("out_frames", s.Out.Frames), slog.Uint64("out_bytes", s.Out.Bytes),
		slog.Uint64("tarpit_hits", s.TarpitHits()), slog.Uint64("tarpit_verified", caught.verified),
		slog.Uint64("tarpit_escaped", caught.escaped), slog.Uint64("tarpit_held", caught.now), slog.Uint64("tarpit_held_s", caught.seconds),
		slog.Uint64("flows", s.Flows.Open), slog.Uint64("flows_added", s.Flows.Added), slog.Uint64("flows_unstored", s.Flows.Unstored),
		byVerdict(s, "sent", engine.Sent),
		byVerdict(s, "answered", engine.Answered),
		byVerdict(s, "ignored", engine.Ignored),
		byVerdict(s, "drops", engine.Dropped),
		slog.Uint64("kernel_drops", link.KernelDrops),
		slog.Uint64("send_errors", link.SendErrors()),
	)
	for _, svc := range s.Services {
		v.Log.LogAttrs(ctx, slog.LevelInfo, "totals of service",
			slog.String("service", svc.Name), slog.String("state", svc.Address.State.String()),
			slog.String("serving", svc.Serving.String()), slog.Uint64("flows", svc.Flows),
			slog.Uint64("frames", svc.Traffic.Frames), slog.Uint64("bytes", svc.Traffic.Bytes))
		for _, srv := range serversOf(&svc) {
			v.Log.LogAttrs(ctx, slog.LevelInfo, "totals of server",
				slog.String("service", svc.Name), slog.String("server", label(srv.Server)),
				slog.String("addr", srv.Addr.String()), slog.String("mac", macWord(*srv)), slog.String("health", healthWord(srv)),
				slog.Uint64("flows", srv.Flows), slog.Uint64("opened", srv.Opened),
				slog.Uint64("frames", srv.Traffic.Frames), slog.Uint64("bytes", srv.Traffic.Bytes))
		}
	}
}

// caught is what the tarpit's book says in four numbers.
type caught struct{ now, verified, escaped, seconds uint64 }

func caughtIn(s *engine.Snapshot) caught {
	h := s.Tarpit.Holds
	if h == nil {
		return caught{}
	}
	return caught{now: h.Now, verified: h.Verified, escaped: h.Escaped, seconds: h.Seconds}
}

// byVerdict groups the reasons that have this verdict and were met at all.
func byVerdict(s *engine.Snapshot, name string, v engine.Verdict) slog.Attr {
	var met []any
	for r, n := range s.Reasons {
		if n.Frames > 0 && engine.Reason(r).Verdict() == v {
			met = append(met, slog.Uint64(engine.Reason(r).String(), n.Frames))
		}
	}
	return slog.Group(name, met...)
}

func label(s engine.Server) string {
	if s.Name != "" {
		return s.Name
	}
	return strconv.Itoa(s.Number)
}

// serversOf are all servers of a service, those outside its own last.
func serversOf(s *engine.ServiceSnapshot) (all []*engine.ServerSnapshot) {
	for i := range s.Servers {
		all = append(all, &s.Servers[i])
	}
	for _, srv := range []*engine.ServerSnapshot{s.Emergency, s.Abuse} {
		if srv != nil {
			all = append(all, srv)
		}
	}
	return all
}

// healthWord is what checks say of a server, in one word.
func healthWord(s *engine.ServerSnapshot) string {
	if s.Health.Check == "" {
		return "none"
	}
	return s.Health.State.String()
}

func macWord(s engine.ServerSnapshot) string {
	if s.MAC.IsZero() {
		return "unknown"
	}
	return s.MAC.String()
}
