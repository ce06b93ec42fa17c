// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestNetnsControlStates takes servers out and in again: roundrobin chooses by
// the client's port, so each page is a new choice.
func TestNetnsControlStates(t *testing.T) {
	requireNetns(t, "nginx", "curl", "arping")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	startCygnet(t, w.balancer, penWeb()...)
	w.waitWhole(t, 15*time.Second, "s1")
	b := w.balancer

	for _, state := range []string{"drain", "disable"} {
		t.Run(state, func(t *testing.T) {
			b.tell(t, "server 0 "+state)
			if got := w.tallyServed(t, 40); got["s2"] != 40 {
				t.Errorf("of 40 pages: %v; want all of s2", got)
			}
			b.tell(t, "server 0 enable")
			if got := w.tallyServed(t, 40); got["s1"] < 5 || got["s1"]+got["s2"] != 40 {
				t.Errorf("enabled again, of 40 pages: %v", got)
			}
		})
	}
	t.Run("blacklist ends by itself", func(t *testing.T) {
		began := time.Now()
		b.tell(t, "server 0 blacklist 1")
		for time.Since(began) < 700*time.Millisecond {
			if got := w.served(t); got != "s2" {
				t.Fatalf("%q serves, blacklisted", got)
			}
		}
		eventually(t, 10*time.Second, "a page of s1", func() bool { return w.served(t) == "s1" })
		if took := time.Since(began); took < time.Second {
			t.Errorf("s1 was back after %v", took)
		}
		if got := b.tell(t, "servers"); !strings.Contains(got, "0 addr 10.77.0.1 ") || strings.Contains(got, "blacklisted") {
			t.Errorf("servers:\n%s", got)
		}
	})
	t.Run("blacklist 0 ends it", func(t *testing.T) {
		b.tell(t, "server 0 blacklist 300")
		if got := w.tallyServed(t, 20); got["s2"] != 20 {
			t.Errorf("of 20 pages: %v; want all of s2", got)
		}
		b.tell(t, "server 0 blacklist 0")
		if got := w.tallyServed(t, 40); got["s1"] < 5 {
			t.Errorf("put back, of 40 pages: %v", got)
		}
	})
	t.Run("the whole service", func(t *testing.T) {
		b.tell(t, "disable")
		if r := run(t, w.client, "arping", "-c", "2", "-w", "2", "-i", NIC, vip); r.Code == 0 {
			t.Errorf("somebody answers for %s, disabled:\n%s", vip, r.Stdout)
		}
		if got := w.served(t); got != "" {
			t.Errorf("%s serves, disabled", got)
		}
		b.tell(t, "enable")
		w.waitServed(t, 2*time.Second)
	})
}

// TestNetnsControlHandOver has two balancers with one configuration and one
// secret, of which one is on standby.
func TestNetnsControlHandOver(t *testing.T) {
	requireNetns(t, "nginx", "curl", "arping")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	second := addHost(t, w.lab, HostSpec{Name: "second", Addrs: onSegment(8)})
	startCygnet(t, w.balancer, penWeb()...)
	p := startCygnet(t, second, append([]string{"-O", "standby"}, penWeb()...)...)
	waitSays(t, p, 10*time.Second, "control socket")
	w.waitServed(t, 10*time.Second)
	w.onlyAnswers(t, w.balancer)
	for _, turn := range []struct{ from, to *Host }{{w.balancer, second}, {second, w.balancer}} {
		before := turn.to.stat(t, "frames_forwarded")
		turn.from.tell(t, "standby")
		turn.to.tell(t, "active")
		eventually(t, 3*time.Second, "a page by way of "+turn.to.Name, func() bool {
			return w.served(t) != "" && turn.to.stat(t, "frames_forwarded") > before
		})
		w.onlyAnswers(t, turn.to)
		if got := w.tallyServed(t, 10); got[""] != 0 {
			t.Errorf("by way of %s, of 10 pages: %v", turn.to.Name, got)
		}
	}
}

// stat is one of the balancer's counters.
func (h *Host) stat(t *testing.T, name string) int {
	t.Helper()
	for line := range strings.Lines(h.tell(t, "stats")) {
		if f := strings.Fields(line); f[0] == name {
			n, err := strconv.Atoi(f[1])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("stats has no %s", name)
	return 0
}

// onlyAnswers checks that the VIP is answered for by one balancer alone.
func (w *world) onlyAnswers(t *testing.T, h *Host) {
	t.Helper()
	want, err := h.MAC()
	if err != nil {
		t.Fatal(err)
	}
	out := must(t, w.client, "arping", "-c", "2", "-w", "10", "-i", NIC, vip)
	if got := answerers(out); len(got) != 1 || got[0] != want.String() {
		t.Errorf("%v answer for %s, want only %v", got, vip, want)
	}
}
