// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"cygnet/engine"
)

// TestThousandServers checks 1000 servers by HTTP, all of them up, and says what
// that takes. When it ends, nothing goes on.
func TestThousandServers(t *testing.T) {
	const servers = 1000
	s := newFake()
	r, _ := newServer(t, s, vip4)
	r.web(t, netip.AddrPortFrom(vip4, 80), false, page)
	before, goroutines := resident(t), runtime.NumGoroutine()

	m := New(s)
	r.to.Store(m)
	var all []Target
	for i := range servers {
		target := web("http")
		target.Service, target.Check.Path, target.Timeout = numbered(i), "/ip", 20*time.Second
		all = append(all, target)
	}
	m.Configure(all)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	deadline := time.Now().Add(60 * time.Second)
	for up := 0; up < servers; {
		if up = 0; time.Now().After(deadline) {
			t.Fatalf("%d of %d servers are up", up, servers)
		}
		for i := range servers {
			if h := s.lastTold(key{service: numbered(i), server: server4}); h.State == engine.HealthUp && len(h.Last) > 1 {
				up++
			}
		}
		time.Sleep(20 * time.Millisecond) // the pace of polling
	}
	t.Logf("%d more MB resident, the servers' end included", (resident(t)-before)>>20)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	for deadline := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > goroutines; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			b := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, before it were %d:\n%s", runtime.NumGoroutine(), goroutines, b[:runtime.Stack(b, true)])
		}
	}
}

// resident is the memory of this process, in bytes.
func resident(t *testing.T) int {
	t.Helper()
	runtime.GC()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip(err)
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			var n int
			for _, c := range strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")) {
				n = 10*n + int(c-'0')
			}
			return n << 10
		}
	}
	t.Fatal("no VmRSS")
	return 0
}
