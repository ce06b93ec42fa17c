// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// collector turns one snapshot into metrics whenever it is scraped. It holds
// nothing that changes.
type collector struct {
	sources Sources
	names   *metrics
}

// newCollector takes any bytes as the interface's name: to the kernel, almost
// all are good (dev_valid_name in net/core/dev.c).
func newCollector(s Sources) *collector {
	utf8 := func(s string) string { return strings.ToValidUTF8(s, "?") }
	s.Interface, s.Version, s.Revision = utf8(s.Interface), utf8(s.Version), utf8(s.Revision)
	return &collector{s, newMetrics(s.Interface)}
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range c.names.all {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	s := c.sources.Snapshot()
	scrape := scrapeOf{c.names, out}
	scrape.traffic(s)
	scrape.flowTable(s.Flows)
	scrape.tarpit(s)
	for _, svc := range servicesOf(s) {
		scrape.service(svc)
	}
	for i := range s.Lists {
		scrape.list(&s.Lists[i])
	}
	stats, up := c.sources.Link()
	scrape.link(stats, up)
	scrape.put(c.names.eventsLost, float64(c.sources.EventsLost()))
	scrape.put(c.names.logLost, float64(c.sources.LogLost()))
	scrape.process(s, time.Now())
	scrape.put(c.names.buildInfo, 1, c.sources.Version, c.sources.Revision, runtime.Version())
}

// scrapeOf is one scrape: where to put what it finds.
type scrapeOf struct {
	*metrics
	out chan<- prometheus.Metric
}

func (s scrapeOf) put(m metric, v float64, labels ...string) {
	s.out <- prometheus.MustNewConstMetric(m.desc, m.kind, v, labels...)
}

func (s scrapeOf) putTraffic(frames, bytes metric, t engine.Traffic, labels ...string) {
	s.put(frames, float64(t.Frames), labels...)
	s.put(bytes, float64(t.Bytes), labels...)
}

func (s scrapeOf) traffic(snap *engine.Snapshot) {
	s.putTraffic(s.receivedFrames, s.receivedBytes, snap.In)
	s.putTraffic(s.sentFrames, s.sentBytes, snap.Out)
	for i, t := range snap.Reasons {
		r := engine.Reason(i)
		s.putTraffic(s.frames, s.bytes, t, r.String(), verdictWord(r.Verdict()))
	}
}

func (s scrapeOf) link(stats wire.LinkStats, up bool) {
	s.put(s.linkUp, number(up))
	s.put(s.linkDrops, float64(stats.KernelDrops))
	s.put(s.linkRecvErrors, float64(stats.RecvErrors))
	s.put(s.linkSendErrors, float64(stats.SendTooLong), "too_long")
	s.put(s.linkSendErrors, float64(stats.SendFull), "full")
	s.put(s.linkSendErrors, float64(stats.SendDown), "down")
	s.put(s.linkSendErrors, float64(stats.SendOther), "other")
}

func (s scrapeOf) process(snap *engine.Snapshot, now time.Time) {
	s.put(s.standby, number(snap.Standby))
	s.put(s.generation, float64(snap.Generation))
	if !snap.Started.IsZero() {
		s.put(s.started, float64(snap.Started.UnixNano())/1e9)
	}
	if !snap.Time.IsZero() {
		s.put(s.tickAge, now.Sub(snap.Time).Seconds())
	}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func verdictWord(v engine.Verdict) string {
	switch v {
	case engine.Sent:
		return "sent"
	case engine.Answered:
		return "answered"
	case engine.Ignored:
		return "ignored"
	}
	return "dropped"
}
