// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"strings"
	"testing"
	"time"
)

// On an interface without an address, servers are asked for from a source that
// was claimed first; without one, from 0.0.0.0, and the log says so.
func TestNetnsSource(t *testing.T) {
	requireNetns(t, "nginx", "curl", "arping")
	w := newWorld(t, HostSpec{})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	p := startCygnet(t, w.balancer, append([]string{"-O", "source 10.77.0.5"}, penWeb()...)...)
	w.waitServed(t, 5*time.Second)
	mac, err := w.balancer.MAC()
	if err != nil {
		t.Fatal(err)
	}
	out := must(t, w.client, "arping", "-c", "1", "-w", "5", "-i", NIC, "10.77.0.5")
	if got := answerers(out); len(got) != 1 || got[0] != mac.String() {
		t.Errorf("%v answer for the source, want %v", got, mac)
	}
	if strings.Contains(p.Output(), saysFromZero) {
		t.Error("servers were asked for from 0.0.0.0")
	}
	p.Stop(5 * time.Second)

	t.Run("taken", func(t *testing.T) {
		p := startCygnet(t, w.balancer, append([]string{"-O", "source 10.77.0.100"}, penWeb()...)...)
		w.waitServed(t, 5*time.Second)
		waitSays(t, p, 5*time.Second, "answers for this source address: it is not used")
		waitSays(t, p, 5*time.Second, saysFromZero)
	})
}

// The balancer's own host cannot be its client; when it tries, it is told.
func TestNetnsHostIsNoClientOfItsOwn(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	p := startCygnet(t, w.balancer, penWeb()...)
	w.waitServed(t, 5*time.Second)
	if r := run(t, w.balancer, "curl", "-s", "-m", "4", "http://"+vip+"/"); r.Code == 0 {
		t.Error("it worked, against all documents")
	}
	waitSays(t, p, 15*time.Second, saysTried)
}

// A service forwards soon after the start, also when a source must be claimed
// first. The limit is 2 s; it is taken from the log's own times, so
// that a busy machine does not count.
func TestNetnsStartsWithinTwoSeconds(t *testing.T) {
	requireNetns(t)
	for _, source := range []string{"", "source 10.77.0.5"} {
		t.Run("with "+source, func(t *testing.T) {
			w := newWorld(t, HostSpec{})
			args := append([]string{"--log-format", "json", "-O", source}, penWeb()...)
			p := startCygnet(t, w.balancer, args...)
			waitSays(t, p, 10*time.Second, saysHeld)
			waitSays(t, p, 10*time.Second, "server resolved")
			lines := parseLog(t, p.Output())
			began := lines.first(t, "cygnet starts")
			for _, msg := range []string{saysHeld, "server resolved"} {
				if took := lines.first(t, msg).Sub(began); took > 2*time.Second {
					t.Errorf("%q after %v, want 2 s at most", msg, took)
				}
			}
		})
	}
}
