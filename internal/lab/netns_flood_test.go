// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const (
	downloads   = 100
	spoofedSYNs = 2_000_000
)

// TestNetnsFloodBreaksNoFlow sends two million SYNs from addresses that are made
// up while a hundred downloads are open, and moves nearly all weight to the other
// server meanwhile: what the flow table holds goes on, what it had no room for would
// have gone astray.
func TestNetnsFloodBreaksNoFlow(t *testing.T) {
	requireNetns(t, "nginx", "curl", "hping3")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	flooder := addHost(t, w.lab, HostSpec{Name: "flooder", Addrs: onSegment(101)})
	startCygnet(t, w.balancer, penWeb()...)
	w.waitWhole(t, 15*time.Second, "s1")
	w.waitWhole(t, 15*time.Second, "s2")

	get := w.startDownloads(t, downloads, "250k")

	flood := start(t, flooder.Command("hping3", "-q", "-S", "-p", "80", "--rand-source", "--flood", vip))
	defer flood.Kill()
	before := w.snapshot(t).In.Frames
	eventually(t, 60*time.Second, "a full flow table", func() bool { return w.snapshot(t).Flows.Unstored > 10000 })
	w.balancer.tell(t, "server 0 weight 1000")
	eventually(t, 200*time.Second, "two million SYNs", func() bool { return w.snapshot(t).In.Frames-before >= spoofedSYNs })
	flood.Kill()
	w.balancer.tell(t, "server 0 weight 1", "server 1 weight 1000")
	f := w.snapshot(t).Flows
	if ended(get) {
		t.Error("the downloads ended before the flood did: the test tells nothing")
	}
	whole := fmt.Sprintf("200 %d\n", hugeBytes)
	if got := strings.Count(waitEnd(t, get, 200*time.Second), whole); got != downloads {
		t.Errorf("%d of %d downloads are whole", got, downloads)
	}
	t.Logf("flows: %+v; in %d frames, kernel drops not included", f, w.snapshot(t).In.Frames)
}

// curlMany are curl's arguments for n downloads of a page at once, each at most at
// that rate.
func curlMany(n int, url, rate string) []string {
	args := []string{"-s", "-Z", "--parallel-immediate", "--parallel-max", fmt.Sprint(n), "-m", "250", "--limit-rate", rate, "-w", "%{http_code} %{size_download}\\n"}
	for range n {
		args = append(args, "-o", "/dev/null", url)
	}
	return args
}

// waitEnd waits until a program that was started ends, and returns what it said.
func waitEnd(t *testing.T, p *Process, limit time.Duration) string {
	t.Helper()
	select {
	case <-p.Done():
	case <-time.After(limit):
		t.Fatalf("%s has not ended after %v:\n%s", p.Cmd.Args[0], limit, p.Output())
	}
	return p.Output()
}
