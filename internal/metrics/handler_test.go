// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package metrics

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cygnet/engine"
)

func TestHandlerAnswers(t *testing.T) {
	well := full(time.Now())
	ill := &engine.Snapshot{Time: time.Now()}
	for _, c := range []struct {
		method, path string
		snapshot     *engine.Snapshot
		status       int
		body         string // how it begins
	}{
		{"GET", "/healthz", well, 200, "ok\n"},
		{"HEAD", "/healthz", well, 200, ""},
		{"GET", "/healthz", ill, 503, "no service is on\n"},
		{"HEAD", "/healthz", ill, 503, ""},
		{"GET", "/metrics", well, 200, "# HELP cygnet_build_info "},
		{"HEAD", "/metrics", well, 200, ""},
		{"GET", "/metrics?name[]=cygnet_standby", well, 200, "# HELP cygnet_standby "},
		{"GET", "/", well, 200, "cygnet: counters for Prometheus are at /metrics, health is at /healthz\n"},
		{"GET", "/metrics/", well, 404, ""},
		{"GET", "/debug/pprof/", well, 404, ""},
		{"POST", "/nothing", well, 404, ""},
		{"POST", "/", well, 405, ""},
		{"POST", "/metrics", well, 405, ""},
		{"DELETE", "/healthz", well, 405, ""},
		{"OPTIONS", "/metrics", well, 405, ""},
	} {
		t.Run(c.method+" "+c.path, func(t *testing.T) {
			server := httptest.NewServer(NewHandler(sourcesOf(c.snapshot)))
			defer server.Close()
			status, body := ask(t, c.method, server.URL+c.path)
			if status != c.status {
				t.Errorf("status %d, want %d", status, c.status)
			}
			if !strings.HasPrefix(body, c.body) || c.method == "HEAD" && body != "" {
				t.Errorf("body %q, want %q", body, c.body)
			}
		})
	}
}

func TestRefusedMethodSaysWhichAreGood(t *testing.T) {
	w := httptest.NewRecorder()
	NewHandler(sourcesOf(full(time.Now()))).ServeHTTP(w, httptest.NewRequest(http.MethodPut, "/metrics", nil))
	if diff := cmp.Diff("GET, HEAD", w.Header().Get("Allow")); diff != "" {
		t.Errorf("Allow (-want +got):\n%s", diff)
	}
}

// A third scrape is turned away while two are made, and welcome afterwards.
func TestScrapesAreBounded(t *testing.T) {
	entered, leave := make(chan bool), make(chan bool)
	s := sourcesOf(full(time.Now()))
	s.EventsLost = func() uint64 { entered <- true; <-leave; return 0 }
	h := NewHandler(s)
	scrape := func() int {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
		return w.Code
	}
	codes := make(chan int)
	for range scrapesAtOnce {
		go func() { codes <- scrape() }()
		<-entered
	}
	if got := scrape(); got != http.StatusServiceUnavailable {
		t.Errorf("one too many: status %d, want 503", got)
	}
	close(leave)
	for range scrapesAtOnce {
		if got := <-codes; got != http.StatusOK {
			t.Errorf("one of the two: status %d, want 200", got)
		}
	}
	go func() { codes <- scrape() }()
	<-entered
	if got := <-codes; got != http.StatusOK {
		t.Errorf("afterwards: status %d, want 200", got)
	}
}
