// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cygnet/engine"
)

// A change never breaks an open connection.

// abFor is how many requests one change is measured with, 50 at a time.
const abFor = 50000

// newThree is a world with a third server, s3 at .3.
func newThree(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	vips := []netip.Addr{netip.MustParseAddr(vip), netip.MustParseAddr(vip6)}
	w.servers = append(w.servers, addHost(t, w.lab, HostSpec{Name: "s3", Addrs: onSegment(3), VIPs: vips}))
	w.startNginxes(t)
	return w
}

// TestNetnsChangesBreakNothing runs ab while servers are drained and enabled,
// weights change, the configuration is read again, and servers come and go: no
// request fails.
func TestNetnsChangesBreakNothing(t *testing.T) {
	requireNetns(t, "nginx", "ab", "curl")
	w := newThree(t)
	b := w.balancer
	file := filepath.Join(w.lab.Dir(), "cygnet.conf")
	conf := func(more ...string) {
		writeFile(t, file, append([]string{"roundrobin", "server 0 address 10.77.0.1", "server 1 address 10.77.0.2"}, more...)...)
	}
	conf()
	startCygnet(t, b, "-df", "-O", "dsr_if eth1", "-F", file, "10.77.0.10:80", "10.77.0.1", "10.77.0.2")
	w.waitWhole(t, 15*time.Second, "s1")
	w.waitWhole(t, 15*time.Second, "s2")

	for _, c := range []struct {
		name  string
		steps []func() // one after the other, over and over
	}{
		{"drain", []func(){
			func() { b.tell(t, "server 0 drain") }, func() { b.tell(t, "server 0 enable") },
			func() { b.tell(t, "server 1 drain") }, func() { b.tell(t, "server 1 enable") },
		}},
		{"weights", []func(){
			func() { b.tell(t, "server 0 weight 10") }, func() { b.tell(t, "server 1 weight 50") },
			func() { b.tell(t, "server 0 weight 1") }, func() { b.tell(t, "server 1 weight 1") },
		}},
		{"reload", []func(){
			func() { conf("server 0 weight 3", "idle udp 60"); b.tell(t, "reload") },
			func() { conf("server 1 weight 7"); b.tell(t, "reload") },
		}},
		{"a server is added and removed", []func(){
			func() { b.tell(t, "server 2 address 10.77.0.3 weight 20") }, func() { b.tell(t, "no server 2") },
		}},
		{"numbers change", []func(){
			func() { conf("server 0 address 10.77.0.2", "server 1 address 10.77.0.1"); b.tell(t, "reload") },
			func() { conf(); b.tell(t, "reload") },
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := w.tallies(t)
			done := w.abWhile(t)
			changes := 0
			for running := true; running; {
				select {
				case err := <-done:
					if err != nil {
						t.Fatalf("after %d changes: %v", changes, err)
					}
					running = false
				case <-time.After(300 * time.Millisecond):
					c.steps[changes%len(c.steps)]()
					changes++
				}
			}
			for ; changes%len(c.steps) != 0; changes++ {
				c.steps[changes%len(c.steps)]()
			}
			if changes < 2*len(c.steps) {
				t.Errorf("ab ended after %d changes: the test tells little", changes)
			}
			t.Logf("%d changes; flows that each server was given: %v", changes, since(before, w.tallies(t)))
		})
	}
}

// abWhile runs ab in the background and tells how it ended.
func (w *world) abWhile(t *testing.T) <-chan error {
	t.Helper()
	p := startAb(t, w.client, vip)
	done := make(chan error, 1)
	go func() {
		<-p.Done()
		out := p.Output()
		for _, want := range []string{fmt.Sprintf("Complete requests:      %d\n", abFor), "Failed requests:        0\n"} {
			if !strings.Contains(out, want) {
				done <- fmt.Errorf("no %q in\n%s", want, out)
				return
			}
		}
		done <- nil
	}()
	return done
}

// startAb starts it against an address.
func startAb(t *testing.T, client *Host, addr string) *Process {
	t.Helper()
	return start(t, client.Command("ab", "-q", "-n", fmt.Sprint(abFor), "-c", "50", "-s", "20", "http://"+addr+"/small"))
}

// tallies gives, by server, how many flows it was given so far.
func (w *world) tallies(t *testing.T) map[string]int {
	t.Helper()
	got := map[string]int{}
	for _, s := range w.snapshot(t).Services {
		for _, srv := range s.Servers {
			got[srv.Addr.String()] = int(srv.Opened)
		}
	}
	return got
}

func since(before, after map[string]int) map[string]int {
	d := map[string]int{}
	for k, n := range after {
		d[k] = n - before[k]
	}
	return d
}

// snapshot is the balancer's.
func (w *world) snapshot(t *testing.T) (s engine.Snapshot) {
	t.Helper()
	if err := json.Unmarshal([]byte(w.balancer.tell(t, "snapshot")), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestNetnsDrainFromTheKeyboard drains and enables servers on the dashboard while
// ab runs.
func TestNetnsDrainFromTheKeyboard(t *testing.T) {
	requireNetns(t, "nginx", "ab", "curl", "tmux")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	own := options("secret "+filepath.Join(w.lab.Dir(), "secret"), "socket "+w.balancer.socket())
	tm := inTmux(t, w.balancer, binary, append(own, penWeb()...)...)
	tm.shows(t, "[1]Overview", "> 10.77.0.1", "UP")
	w.waitWhole(t, 15*time.Second, "s1")
	w.waitWhole(t, 15*time.Second, "s2")
	done := w.abWhile(t)
	rounds := 0
	for ; ; rounds++ {
		tm.press(t, "Space")
		tm.shows(t, "drain 10.77.0.1?")
		tm.press(t, "y")
		tm.shows(t, "DRAIN")
		tm.press(t, "Space")
		tm.shows(t, "enable 10.77.0.1?")
		tm.press(t, "y")
		tm.shows(t, "10.77.0.1 is enabled")
		eventually(t, 10*time.Second, "that it is up", func() bool { return !strings.Contains(tm.screen(t), "DRAIN") })
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			t.Logf("drained %d times", rounds+1)
			return
		default:
		}
	}
}

// TestNetnsRemovedServiceDrains removes a service with open downloads: they are
// whole in the end, and nobody gets a new one.
func TestNetnsRemovedServiceDrains(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	p := startCygnet(t, w.balancer, append(options(service("other", "10.77.0.11:80", "10.77.0.1")...), penWeb()...)...)
	w.waitWhole(t, 15*time.Second, "s1")
	w.balancer.tell(t, "idle closing 2")
	get := w.startDownloads(t, 6, "4M")
	w.balancer.tell(t, "no service default")
	if got := w.served(t); got != "" {
		t.Errorf("%s serves a new flow of the service that was removed", got)
	}
	if got := w.balancer.tell(t, "services"); !strings.Contains(got, "state leaving") {
		t.Errorf("nothing is leaving:\n%s", got)
	}
	whole := fmt.Sprintf("200 %d\n", hugeBytes)
	if got := strings.Count(waitEnd(t, get, 60*time.Second), whole); got != 6 {
		t.Errorf("%d of 6 downloads are whole", got)
	}
	waitSays(t, p, 20*time.Second, "the service is removed")
}
