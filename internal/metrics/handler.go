// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"cygnet/engine"
	"cygnet/internal/wire"
)

const (
	// Two scrapes at once, so that scraping leaves a Raspberry Pi half of its
	// cores. An answer is made in memory first: a slow reader counts no longer.
	scrapesAtOnce = 2

	// scrapeTimeout is what Prometheus itself waits for by default
	// (scrape_timeout in its configuration).
	scrapeTimeout = 10 * time.Second
)

// Sources are where the numbers come from. All functions must be set; they are
// called from any goroutine, several at once, and must not wait.
type Sources struct {
	Snapshot   func() *engine.Snapshot                // never nil
	Link       func() (stats wire.LinkStats, up bool) // counted from its opening
	EventsLost func() uint64                          // events that a slow reader missed
	LogLost    func() uint64                          // log lines that could not be written fast enough

	Interface string // the label `interface` of every metric of Cygnet's
	Version   string
	Revision  string // of the source; may be empty
}

// NewHandler returns what serves /metrics, /healthz, and at / a line that names
// both. It holds no state of its own, and answers GET and HEAD only.
func NewHandler(s Sources) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", scrape(newRegistry(s)))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		_, up := s.Link()
		plain(w)
		why := s.Snapshot().WhyNot(up, time.Now())
		if len(why) == 0 {
			fmt.Fprintln(w, "ok")
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, strings.Join(why, "\n"))
	})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		plain(w)
		fmt.Fprintln(w, "cygnet: counters for Prometheus are at /metrics, health is at /healthz")
	})
	return mux
}

// plain says that text follows, which holds for this moment only.
func plain(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
}

func newRegistry(s Sources) *prometheus.Registry {
	r := prometheus.NewRegistry()
	r.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		newCollector(s),
	)
	return r
}

// scrape serves r. A series that cannot be had is left out and counted in
// promhttp_metric_handler_errors_total; all the others are served.
func scrape(r *prometheus.Registry) http.Handler {
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{
		Registry:            r,
		ErrorHandling:       promhttp.ContinueOnError,
		MaxRequestsInFlight: scrapesAtOnce,
		Timeout:             scrapeTimeout,
	})
}
