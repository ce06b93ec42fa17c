// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

const metricsAt = "127.0.0.1:9187"

// The metrics of a balancer at work, asked as Prometheus asks: they pass
// Prometheus' own check, and agree with what happened.
func TestNetnsCitizenMetrics(t *testing.T) {
	requireNetns(t, "nginx", "curl", "ab", "nmap", "promtool")
	w := newWorld(t, HostSpec{})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	commands := options("acl 1 permit 10.77.0.66", "tarpit_acl 1", "acl 2 permit 10.77.0.0/24", "client_acl 2")
	startCygnet(t, w.balancer, append(append(commands, "--metrics", metricsAt), penWeb()...)...)
	w.waitServed(t, 10*time.Second)

	t.Run("promtool finds nothing", func(t *testing.T) {
		p := w.client.Command("promtool", "check", "metrics")
		p.Cmd.Stdin = strings.NewReader(string(w.scrape(t)))
		if r := finish(t, p, time.Minute); r.Code != 0 || r.Stdout+r.Stderr != "" {
			t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
	})
	t.Run("frames of the service are what the client sent", func(t *testing.T) { w.countsFrames(t) })
	t.Run("hits of the tarpit", func(t *testing.T) { w.countsHits(t) })
	t.Run("hits of a list", func(t *testing.T) { w.countsRefusals(t) })
	t.Run("the port moves and closes", func(t *testing.T) { w.movesMetrics(t) })
}

// exposition is what a scrape gives.
type exposition string

// scrape asks for the metrics, from the balancer's host.
func (w *world) scrape(t *testing.T) exposition {
	t.Helper()
	return exposition(must(t, w.balancer, "curl", "-sS", "-f", "-m", "10", "http://"+metricsAt+"/metrics"))
}

// sum adds up the series of a name that have these labels, each written
// name="value". No such series fails the test.
func (e exposition) sum(t *testing.T, name string, labels ...string) (total int) {
	t.Helper()
	found := false
	for line := range strings.Lines(string(e)) {
		series, value, _ := strings.Cut(line, "} ")
		if !strings.HasPrefix(series, name+"{") {
			continue
		}
		has := true
		for _, l := range labels {
			has = has && strings.Contains(series, l)
		}
		if !has {
			continue
		}
		v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			t.Fatal(err)
		}
		found, total = true, total+int(v)
	}
	if !found {
		t.Fatalf("no %s with %v in\n%s", name, labels, e)
	}
	return total
}

// countsFrames compares counters with the client's kernel: each segment that it
// sent to the service is one frame, and a hit of the list that permits it.
func (w *world) countsFrames(t *testing.T) {
	t.Helper()
	sent := func() int { c := tcpCounters(t, w.client); return c["OutSegs"] + c["RetransSegs"] }
	before, sentBefore := w.scrape(t), sent()
	const requests = 500
	ab(t, w.client, requests, "http://"+vip+"/small")
	series := [][]string{
		{"cygnet_service_frames_total", `service="default"`, `vip="10.77.0.10"`, `port="80"`, `proto="tcp"`},
		{"cygnet_server_frames_total", `service="default"`},
		{"cygnet_frames_total", `reason="forwarded"`, `verdict="sent"`},
		{"cygnet_list_hits_total", `list="2"`, `rule="permit 10.77.0.0/24"`},
	}
	var got []int
	agree := func() bool {
		after, want := w.scrape(t), sent()-sentBefore
		got = []int{want}
		for _, s := range series {
			got = append(got, after.sum(t, s[0], s[1:]...)-before.sum(t, s[0], s[1:]...))
		}
		for _, n := range got {
			if n != want || n < 4*requests { // SYN, ACK, request, FIN
				return false
			}
		}
		return true
	}
	for began := time.Now(); !agree(); time.Sleep(50 * time.Millisecond) { // a snapshot may be old
		if time.Since(began) > 5*time.Second {
			t.Fatalf("segments sent, and frames by %v: %v", series, got)
		}
	}
	for _, server := range []string{"0", "1"} {
		if n := w.scrape(t).sum(t, "cygnet_server_frames_total", fmt.Sprintf("server=%q", server)); n < requests {
			t.Errorf("server %s got %d frames", server, n)
		}
	}
}

// countsHits compares counters with what a scan asked for.
func (w *world) countsHits(t *testing.T) {
	t.Helper()
	hits := func() int { return w.scrape(t).sum(t, "cygnet_tarpit_hits_total") }
	before := hits()
	// Each port is tried once, as each answers.
	if got := w.openPorts(t, "-sS", "10.77.0.66"); got != 100 {
		t.Fatalf("%d of 100 ports open", got)
	}
	eventually(t, 5*time.Second, "100 hits", func() bool { return hits()-before >= 100 })
	if n := hits() - before; n > 110 {
		t.Errorf("%d hits of 100 ports", n)
	}
	after := w.scrape(t)
	if n, m := after.sum(t, "cygnet_tarpit_hits_total"), after.sum(t, "cygnet_frames_total", `reason="captured_syn"`); n != m {
		t.Errorf("%d hits, and %d SYNs answered", n, m)
	}
	if n := after.sum(t, "cygnet_tarpit_captured_addresses"); n != 1 {
		t.Errorf("%d captured addresses", n)
	}
}

// countsRefusals has the client refused.
func (w *world) countsRefusals(t *testing.T) {
	t.Helper()
	at := w.balancer.socket()
	ctl(t, w.balancer, at, "acl", "3", "deny", "10.77.0.100")
	ctl(t, w.balancer, at, "client_acl", "3")
	if got := w.served(t); got != "" {
		t.Errorf("refused, it gets a page of %s", got)
	}
	eventually(t, 5*time.Second, "refusals and hits of the list", func() bool {
		now := w.scrape(t)
		refused := now.sum(t, "cygnet_frames_total", `reason="refused"`, `verdict="dropped"`)
		return refused > 0 && refused == now.sum(t, "cygnet_list_hits_total", `list="3"`, `rule="deny 10.77.0.100/32"`)
	})
	ctl(t, w.balancer, at, "client_acl", "2")
	w.waitServed(t, 5*time.Second)
}

// movesMetrics moves the port, and closes it, while it runs.
func (w *world) movesMetrics(t *testing.T) {
	t.Helper()
	const elsewhere = "127.0.0.1:9188"
	const refused = 7 // curl's exit status
	ask := func(at string) int {
		return run(t, w.balancer, "curl", "-s", "-f", "-m", "5", "-o", "/dev/null", "http://"+at+"/metrics").Code
	}
	ctl(t, w.balancer, w.balancer.socket(), "metrics", elsewhere)
	if was, is := ask(metricsAt), ask(elsewhere); was != refused || is != 0 {
		t.Errorf("moved: curl's exit status is %d where it was, and %d where it is", was, is)
	}
	if got := ctl(t, w.balancer, w.balancer.socket(), "metrics"); got != elsewhere+"\n" {
		t.Errorf("the command metrics prints %q", got)
	}
	ctl(t, w.balancer, w.balancer.socket(), "no", "metrics")
	if is := ask(elsewhere); is != refused {
		t.Errorf("closed: curl's exit status is %d", is)
	}
	startSelf(t, w.balancer, 0, "web", "other", elsewhere) // the port is free again
	waitListen(t, w.balancer, "127.0.0.1", 9188)
	r := tryCtl(t, w.balancer, w.balancer.socket(), "metrics", elsewhere)
	if r.Code != 1 || !strings.HasPrefix(r.Stderr, "error: ") || !strings.Contains(r.Stderr, "address already in use") {
		t.Errorf("at another's port: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// Health is asked by machines: the status is enough, and the words say why.
func TestNetnsCitizenHealth(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	startCygnet(t, w.balancer, append([]string{"--metrics", metricsAt}, penWeb()...)...)
	w.waitServed(t, 10*time.Second)
	w.isHealth(t, "200", "ok\n")
	lb := w.balancer
	tell := func(words ...string) func() error {
		return func() error { ctl(t, lb, lb.socket(), words...); return nil }
	}
	// Nobody has these addresses, so their MACs stay unknown.
	nobodys := func() error {
		return firstError(tell("server", "0", "address", "10.77.0.201"), tell("server", "1", "address", "10.77.0.202"))
	}
	back := func() error {
		return firstError(tell("server", "0", "address", "10.77.0.1"), tell("server", "1", "address", "10.77.0.2"))
	}
	for _, c := range []struct {
		name      string
		ill, well func() error
		says      string
	}{
		{"the interface is down", func() error { return lb.LinkDown(NIC) }, func() error { return lb.LinkUp(NIC) }, "link down\n"},
		{"on standby", tell("standby"), tell("active"), "standby\n"},
		{"the service is off", tell("service", "default", "disable"), tell("service", "default", "enable"), "no service is on\n"},
		{"no server has a MAC", nobodys, back, "service default: no server can serve\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := c.ill(); err != nil {
				t.Fatal(err)
			}
			w.isHealth(t, "503", c.says)
			if got := w.served(t); got != "" {
				t.Errorf("it serves a page of %s nevertheless", got)
			}
			if err := c.well(); err != nil {
				t.Fatal(err)
			}
			w.isHealth(t, "200", "ok\n")
			w.waitServed(t, 10*time.Second)
		})
	}
}

// firstError calls functions until one fails.
func firstError(all ...func() error) error {
	for _, f := range all {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

// isHealth waits for that answer of /healthz.
func (w *world) isHealth(t *testing.T, status, says string) {
	t.Helper()
	got := ""
	for began := time.Now(); got != says+status; time.Sleep(50 * time.Millisecond) {
		if time.Since(began) > 15*time.Second {
			t.Fatalf("/healthz says %q, want %q", got, says+status)
		}
		got = must(t, w.balancer, "curl", "-sS", "-m", "5", "-w", "%{http_code}", "http://"+metricsAt+"/healthz")
	}
}
