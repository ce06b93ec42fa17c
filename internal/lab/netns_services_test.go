// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// Pen's second command line: DNS.
func TestNetnsDNS(t *testing.T) {
	requireNetns(t, "dnsmasq", "dig")
	w := newWorld(t, HostSpec{})
	for _, s := range w.servers {
		startDNS(t, s, vip)
	}
	startCygnet(t, w.balancer, "-df", "-U", "-O", "poll", "-O", "dsr_if eth1", "-S", "2", "-r", "10.77.0.10:53", "10.77.0.1", "10.77.0.2")
	eventually(t, 5*time.Second, "an answer of "+vip, func() bool { return dig(t, w.client, vip) != "" })
	got := map[string]int{}
	for range 40 {
		got[dig(t, w.client, vip)]++
	}
	if got["s1"] < 5 || got["s2"] < 5 || got["s1"]+got["s2"] != 40 {
		t.Errorf("of 40 queries: %v", got)
	}
}

// Several services in one process: TCP and UDP on one port, IPv4 and IPv6.
func TestNetnsServicesTogether(t *testing.T) {
	requireNetns(t, "nginx", "dnsmasq", "dig", "curl", "ab", "ping", "arping")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
		startDNS(t, s, vip, vip6)
		startSelf(t, s, 0, "echo", vip+":7", "["+vip6+"]:7")
	}
	startCygnet(t, w.balancer, togetherArgs()...)
	w.waitServed(t, 5*time.Second)

	both := func(t *testing.T, ask func() string) {
		t.Helper()
		got := map[string]bool{}
		eventually(t, 20*time.Second, "answers of both servers", func() bool {
			got[ask()] = true
			return got["s1"] && got["s2"]
		})
	}
	ask := func(url string) func() string {
		return func() string { name, _, _ := strings.Cut(w.page(t, url), " "); return name }
	}
	t.Run("TCP over IPv4", func(t *testing.T) { both(t, ask("http://"+vip+"/who")) })
	t.Run("TCP over IPv6", func(t *testing.T) { both(t, ask("http://["+vip6+"]/who")) })
	t.Run("UDP over IPv4", func(t *testing.T) { both(t, func() string { return dig(t, w.client, vip) }) })
	t.Run("UDP over IPv6", func(t *testing.T) { both(t, func() string { return dig(t, w.client, vip6) }) })
	t.Run("DNS over TCP", func(t *testing.T) { both(t, func() string { return dig(t, w.client, vip, "+tcp") }) })
	t.Run("2000 pages over IPv6", func(t *testing.T) { ab(t, w.client, 2000, "http://["+vip6+"]/small") })
	t.Run("IPv6 server sees the client's own address", func(t *testing.T) {
		if got := curl(t, w.client, "http://["+vip6+"]/who"); !strings.HasSuffix(got, " fd77::100\n") {
			t.Errorf("got %q", got)
		}
	})
	t.Run("fragmented datagrams", func(t *testing.T) { w.sendFragmented(t) })
	t.Run("one MAC answers for the VIPs", func(t *testing.T) { w.oneMAC(t) })
	t.Run("ping", func(t *testing.T) {
		must(t, w.client, "ping", "-c", "3", "-i", "0.2", "-W", "2", vip)
		must(t, w.client, "ping", "-c", "3", "-i", "0.2", "-W", "2", vip6)
	})
}

// togetherArgs is the command line with five services on two addresses.
func togetherArgs() []string {
	args := []string{"-df", "-r", "-O", "dsr_if eth1"}
	for _, commands := range [][]string{
		service("web6", "["+vip6+"]:80", "fd77::1", "fd77::2"),
		service("dns", vip+":53 any", "10.77.0.1", "10.77.0.2"),
		service("dns6", "["+vip6+"]:53 udp", "fd77::1", "fd77::2"),
		service("echo", vip+":7 udp", "10.77.0.1", "10.77.0.2"),
		service("echo6", "["+vip6+"]:7 udp", "fd77::1", "fd77::2"),
	} {
		args = append(args, options(commands...)...)
	}
	return append(args, "10.77.0.10:80", "10.77.0.1", "10.77.0.2")
}

// sendFragmented sends datagrams of 8 KB, six frames each, and wants them back.
func (w *world) sendFragmented(t *testing.T) {
	t.Helper()
	for range 20 {
		for _, to := range []string{vip + ":7", "[" + vip6 + "]:7"} {
			r := finish(t, w.client.Self("send", to, "8192"), 10*time.Second)
			if r.Code != 0 {
				t.Errorf("8192 bytes to %s: %s", to, r.Stderr)
			}
		}
	}
}

// oneMAC checks that every answer for the VIPs names the balancer's MAC. Not
// only arping may see two answerers: the client's kernel must have learned the
// same for the IPv6 VIP.
func (w *world) oneMAC(t *testing.T) {
	t.Helper()
	want, err := w.balancer.MAC()
	if err != nil {
		t.Fatal(err)
	}
	out := must(t, w.client, "arping", "-c", "3", "-w", "10", "-i", NIC, vip)
	if got := answerers(out); len(got) != 1 || got[0] != want.String() {
		t.Errorf("arping: %v answer, want only %v:\n%s", got, want, out)
	}
	mac, err := w.client.Neighbour(netip.MustParseAddr(vip6))
	if err != nil || mac.String() != want.String() {
		t.Errorf("neighbour discovery: got %v, %v; want %v", mac, err, want)
	}
}

// answererPattern finds who answered in the output of Thomas Habets' arping.
var answererPattern = regexp.MustCompile(`bytes from ([0-9a-f:]{17}) `)

// answerers lists the different MACs that answered an arping.
func answerers(out string) []string {
	var macs []string
	for _, m := range answererPattern.FindAllStringSubmatch(out, -1) {
		macs = append(macs, m[1])
	}
	slices.Sort(macs)
	return slices.Compact(macs)
}

// A managed switch sends multicast only to who asked for it by MLD; without
// that no neighbour solicitation for the VIP would arrive.
func TestNetnsMulticastSnooping(t *testing.T) {
	requireNetns(t, "curl")
	l := newLab(t, Options{MulticastSnooping: true})
	w := &world{lab: l}
	w.servers = []*Host{addHost(t, l, HostSpec{Name: "s1", Addrs: onSegment(1), VIPs: []netip.Addr{netip.MustParseAddr(vip6)}})}
	w.balancer = addHost(t, l, HostSpec{Name: "balancer"})
	w.client = addHost(t, l, HostSpec{Name: "client", Addrs: onSegment(100)})
	startSelf(t, w.servers[0], 80, "web", "s1", ":80")
	// The switch must have become the querier, or it floods: a group that
	// nobody joined does not reach the balancer.
	eventually(t, 20*time.Second, "the switch holds back multicast", func() bool { return !w.floods(t) })
	startCygnet(t, w.balancer, "-df", "-O", "dsr_if eth1", "["+vip6+"]:80", "fd77::1")
	eventually(t, 10*time.Second, "a page over IPv6", func() bool { return w.page(t, "http://["+vip6+"]/") != "" })
}

// floods tells whether a solicitation for an address that nobody has reaches
// the balancer's port.
func (w *world) floods(t *testing.T) bool {
	t.Helper()
	before, err := w.balancer.Counters()
	if err != nil {
		t.Fatal(err)
	}
	run(t, w.client, "ping", "-c", "1", "-W", "1", "fd77::dead:beef")
	after, err := w.balancer.Counters()
	if err != nil {
		t.Fatal(err)
	}
	return after.RxFrames != before.RxFrames
}
