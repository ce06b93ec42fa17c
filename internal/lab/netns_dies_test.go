// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// When a server dies, no new flow goes there after fall x (interval + timeout),
// and the flows of the others are untouched.

// noticed is that time, with the defaults: 3 x (2 s + 1 s).
const noticed = 9 * time.Second

// TestNetnsServerDies has downloads open on all servers when one's service stops,
// and then when another's interface falls silent.
func TestNetnsServerDies(t *testing.T) {
	requireNetns(t, "nginx", "ab", "curl")
	for _, c := range []struct {
		name string
		die  func(*world, *Process) error
		back func(*testing.T, *world) error
		why  string
	}{
		{
			"its service stops",
			func(_ *world, nginx *Process) error { nginx.Kill(); return nil },
			func(t *testing.T, w *world) error { startNginx(t, w.servers[0], 80); return nil },
			"refused",
		},
		{
			"its interface falls silent",
			func(w *world, _ *Process) error { return w.servers[0].Unplug() },
			func(_ *testing.T, w *world) error { return w.servers[0].Plug() },
			"",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, HostSpec{Addrs: onSegment(9)})
			nginx := startNginx(t, w.servers[0], 80)
			startNginx(t, w.servers[1], 80)
			p := startCygnet(t, w.balancer, append([]string{"-O", "source 10.77.0.250"}, penWeb()...)...)
			w.waitWhole(t, 15*time.Second, "s1")
			w.waitWhole(t, 15*time.Second, "s2")

			get := w.startDownloads(t, 20, "1M")
			on := w.tallies(t)
			if err := c.die(w, nginx); err != nil {
				t.Fatal(err)
			}
			died := time.Now()
			eventually(t, noticed+time.Second, "that it is down", func() bool {
				return strings.Contains(p.Output(), "server down") || strings.Contains(p.Output(), saysLost)
			})
			t.Logf("noticed after %.1f s", time.Since(died).Seconds())
			time.Sleep(time.Until(died.Add(noticed))) // what is promised from then on
			if !strings.Contains(p.Output(), c.why) {
				t.Errorf("the log does not say %q", c.why)
			}
			ab(t, w.client, 5000, "http://"+vip+"/small")
			whole := strings.Count(waitEnd(t, get, 120*time.Second), fmt.Sprintf("200 %d\n", hugeBytes))
			if whole < 5 {
				t.Errorf("%d of 20 downloads are whole; each server had been given %v flows", whole, on)
			}
			if err := c.back(t, w); err != nil {
				t.Fatal(err)
			}
			w.waitWhole(t, 60*time.Second, "s1")
		})
	}
}

// startDownloads begins n downloads of /huge at that rate each, and waits until
// all are open.
func (w *world) startDownloads(t *testing.T, n int, rate string) *Process {
	t.Helper()
	get := start(t, w.client.Command("curl", curlMany(n, "http://"+vip+"/huge", rate)...))
	eventually(t, 20*time.Second, "all downloads open", func() bool {
		f := w.snapshot(t).Flows
		return f.Open-f.Opening-f.Closing >= uint64(n)
	})
	return get
}
