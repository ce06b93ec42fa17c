// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// The segment changes under the balancer's feet.

// A server goes, and comes back with another card. Nobody tells the balancer.
func TestNetnsServerReturnsWithAnotherMAC(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	p := startCygnet(t, w.balancer, penWeb()...)
	served := func(name string) func() bool { return func() bool { return w.served(t) == name } }
	eventually(t, 20*time.Second, "a page of s1", served("s1"))

	if err := w.servers[0].DeleteNIC(); err != nil {
		t.Fatal(err)
	}
	waitSays(t, p, 90*time.Second, saysLost)
	if got := w.tallyServed(t, 20); got["s2"] != 20 {
		t.Errorf("without s1, of 20 pages: %v", got)
	}
	if err := w.servers[0].AddNIC(net.HardwareAddr{2, 0, 0, 0, 0x5e, 1}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 90*time.Second, "a page of s1 again", served("s1"))

	// The next change is noticed while it serves.
	if err := w.servers[0].SetMAC(net.HardwareAddr{2, 0, 0, 0, 0x5e, 2}); err != nil {
		t.Fatal(err)
	}
	w.waitWhole(t, 90*time.Second, "s1")
}

// waitWhole waits until twenty pages in a row come, some of them from the
// server named.
func (w *world) waitWhole(t *testing.T, limit time.Duration, from string) {
	t.Helper()
	eventually(t, limit, "twenty pages in a row, and some of "+from, func() bool {
		got := w.tallyServed(t, 20)
		return got[""] == 0 && got[from] > 0
	})
}

// Another host answers for the VIP: the balancer keeps silent, says who it
// is, and takes over when the other is gone.
func TestNetnsVIPAlreadyTaken(t *testing.T) {
	requireNetns(t, "nginx", "curl", "arping")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	other := addHost(t, w.lab, HostSpec{Name: "other", Addrs: append(onSegment(77), netip.MustParsePrefix(vip+"/24"))})
	startNginx(t, other, 80)
	mac, err := other.MAC()
	if err != nil {
		t.Fatal(err)
	}
	p := startCygnet(t, w.balancer, penWeb()...)
	waitSays(t, p, 10*time.Second, saysConflict)
	if !strings.Contains(p.Output(), mac.String()) {
		t.Errorf("the log does not name %v, which answers", mac)
	}
	out := must(t, w.client, "arping", "-c", "3", "-w", "10", "-i", NIC, vip)
	if got := answerers(out); len(got) != 1 || got[0] != mac.String() {
		t.Errorf("%v answer for %s, want only %v", got, vip, mac)
	}
	if got := w.tallyServed(t, 10); got["other"] != 10 {
		t.Errorf("of 10 pages: %v; want all of the host that was there first", got)
	}
	if err := other.RemoveAddr(NIC, netip.MustParsePrefix(vip+"/24")); err != nil {
		t.Fatal(err)
	}
	eventually(t, 90*time.Second, "a page of s1 or s2", func() bool {
		got := w.served(t)
		return got == "s1" || got == "s2"
	})
}

// The classic mistake: a server without the VIP on lo, which routes what it
// gets. Each frame comes straight back.
func TestNetnsServerWithoutTheVIP(t *testing.T) {
	requireNetns(t, "curl")
	l := newLab(t, Options{})
	w := &world{lab: l}
	w.balancer = addHost(t, l, HostSpec{Name: "balancer", Addrs: onSegment(9)})
	w.client = addHost(t, l, HostSpec{Name: "client", Addrs: onSegment(100)})
	addHost(t, l, HostSpec{Name: "router", Addrs: onSegment(1), Forward: true})
	p := startCygnet(t, w.balancer, "-df", "-O", "dsr_if eth1", "10.77.0.10:80", "10.77.0.1")
	eventually(t, 15*time.Second, "the loop is counted", func() bool {
		run(t, w.client, "curl", "-s", "-m", "1", "http://"+vip+"/")
		return count(t, p, reasonLoop) > 0
	})
	before, err := w.balancer.Counters()
	if err != nil {
		t.Fatal(err)
	}
	run(t, w.client, "curl", "-s", "-m", "2", "http://"+vip+"/")
	after, err := w.balancer.Counters()
	if err != nil {
		t.Fatal(err)
	}
	// Two SYNs, each in and out and once back, and some ARP. A loop would be
	// ended by TTL alone, after some 60 rounds each.
	if n := after.RxFrames - before.RxFrames; n > 40 {
		t.Errorf("%d frames came for two SYNs", n)
	}
	waitSays(t, p, 5*time.Second, saysLoop)
	if !strings.Contains(p.Output(), "is 10.77.0.10 missing on its lo?") {
		t.Errorf("the log does not say what is missing:\n%s", p.Output())
	}
}

// The balancer's own interface goes and returns.
func TestNetnsInterfaceGoesAndReturns(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	p := startCygnet(t, w.balancer, penWeb()...)
	w.waitServed(t, 5*time.Second)
	lb := w.balancer
	for _, step := range []struct {
		name        string
		leave, back func() error
	}{
		{"down and up", func() error { return lb.LinkDown(NIC) }, func() error { return lb.LinkUp(NIC) }},
		{"cable out and in", lb.Unplug, lb.Plug},
		{"deleted and recreated with another MAC", lb.DeleteNIC, func() error { return lb.AddNIC(net.HardwareAddr{2, 0, 0, 0, 0x5e, 3}) }},
	} {
		t.Run(step.name, func(t *testing.T) {
			said := strings.Count(p.Output(), "\n")
			if err := step.leave(); err != nil {
				t.Fatal(err)
			}
			eventually(t, 10*time.Second, "a line in the log", func() bool { return strings.Count(p.Output(), "\n") > said })
			if got := w.served(t); got != "" {
				t.Errorf("%s still serves", got)
			}
			if err := step.back(); err != nil {
				t.Fatal(err)
			}
			w.waitServed(t, 15*time.Second)
		})
	}
	if !strings.Contains(p.Output(), saysLinkDown) {
		t.Errorf("the log never says %q", saysLinkDown)
	}
}
