// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// The client's pace: easy for a small board, and enough that the shares of
// the servers look even.
const (
	pagesPerSecond   = 100
	queriesPerSecond = 20
	reportEvery      = 5 * time.Second
	requestPatience  = 3 * time.Second // with one page or query
)

// runClient fetches url and asks resolver, each time on a new connection as a
// new client would, and reports every 5 s until ctx ends.
func runClient(ctx context.Context, out io.Writer, url, resolver string) error {
	pages, queries := &tally{}, &tally{}
	web := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return repeat(ctx, pagesPerSecond, func(ctx context.Context, _ int) {
			pages.measure(func() (string, error) { return fetchPage(ctx, web, url) })
		})
	})
	group.Go(func() error {
		return repeat(ctx, queriesPerSecond, func(ctx context.Context, n int) {
			queries.measure(func() (string, error) { return askDNS(ctx, resolver, uint16(n)) })
		})
	})
	group.Go(func() error {
		for tick := time.Tick(reportEvery); ; {
			select {
			case <-ctx.Done():
				return nil
			case <-tick:
				fmt.Fprintf(out, "%s\n%s\n", pages.report("pages", reportEvery), queries.report("DNS answers", reportEvery))
			}
		}
	})
	return group.Wait()
}

// repeat calls f so many times a second, each in a goroutine of its own, and
// waits for all. At most as many run at once as fit into two seconds: when
// everything hangs, the rest of the calls is left out.
func repeat(ctx context.Context, perSecond int, f func(ctx context.Context, n int)) error {
	var group errgroup.Group
	group.SetLimit(2 * perSecond)
	tick := time.NewTicker(time.Second / time.Duration(perSecond))
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return group.Wait()
		case <-tick.C:
		}
		group.TryGo(func() error {
			ctx, cancel := context.WithTimeout(ctx, requestPatience)
			defer cancel()
			f(ctx, n)
			return nil
		})
	}
}

// fetchPage gets one page and says which server it came from.
func fetchPage(ctx context.Context, web *http.Client, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	resp, err := web.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", url, resp.Status)
	}
	return resp.Header.Get(serverHeader), nil
}

// tally counts what came back since the last report.
type tally struct {
	mu        sync.Mutex
	byServer  map[string]int
	latencies []time.Duration
	failed    int
	lastError error
}

// measure takes the time of one request, which says who answered it.
func (t *tally) measure(request func() (string, error)) {
	began := time.Now()
	server, err := request()
	t.note(server, time.Since(began), err)
}

func (t *tally) note(server string, took time.Duration, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.failed++
		t.lastError = err
		return
	}
	if t.byServer == nil {
		t.byServer = map[string]int{}
	}
	t.byServer[server]++
	t.latencies = append(t.latencies, took)
}

// report says in a line what came in the time since the last one, and begins anew.
func (t *tally) report(what string, in time.Duration) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	var line strings.Builder
	n := len(t.latencies)
	fmt.Fprintf(&line, "%.0f %s/s", float64(n)/in.Seconds(), what)
	sep := " from "
	for _, server := range slices.Sorted(maps.Keys(t.byServer)) {
		fmt.Fprintf(&line, "%s%s %d%%", sep, server, 100*t.byServer[server]/n)
		sep = ", "
	}
	if n > 0 {
		slices.Sort(t.latencies)
		fmt.Fprintf(&line, "; median %s, slowest %s", milliseconds(t.latencies[n/2]), milliseconds(t.latencies[n-1]))
	}
	if t.failed > 0 {
		fmt.Fprintf(&line, "; %d failed, the last: %v", t.failed, t.lastError)
	}
	t.byServer, t.latencies, t.failed, t.lastError = nil, nil, 0, nil
	return line.String()
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}
