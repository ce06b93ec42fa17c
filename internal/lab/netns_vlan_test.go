// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// trunk is a balancer on a trunk of two networks, the untagged one and VLAN 10. Both
// have the same addresses: a client (.100), a server (.1) and the VIPs.
type trunk struct {
	plain, tagged *world // of the two networks; they share lab and balancer
	cygnet        *Process
}

func newTrunk(t *testing.T) *trunk {
	t.Helper()
	l := newLab(t, Options{})
	vips := []netip.Addr{netip.MustParseAddr(vip), netip.MustParseAddr(vip6)}
	balancer := addHost(t, l, HostSpec{Name: "balancer"})
	network := func(mark string) *world {
		return &world{
			lab: l, balancer: balancer,
			servers: []*Host{addHost(t, l, HostSpec{Name: mark + "server", Addrs: onSegment(1), VIPs: vips})},
			client:  addHost(t, l, HostSpec{Name: mark + "client", Addrs: onSegment(100)}),
		}
	}
	tr := &trunk{plain: network("u"), tagged: network("v")}
	for _, h := range []*Host{tr.tagged.client, tr.tagged.servers[0]} {
		h.accessPort(t, 10)
	}
	for _, w := range []*world{tr.plain, tr.tagged} {
		startSelf(t, w.servers[0], 80, "web", w.servers[0].Name, ":80")
		startSelf(t, w.servers[0], 0, "echo", vip+":7", "["+vip6+"]:7")
	}
	return tr
}

// start starts Cygnet with the same services on both networks, and waits until
// each serves.
func (tr *trunk) start(t *testing.T) {
	t.Helper()
	args := []string{"-df", "-O", "dsr_if eth1"}
	for _, name := range []string{"u", "v"} {
		tag := map[string]string{"u": "", "v": " vlan 10"}[name]
		for _, commands := range [][]string{
			{"source 10.77.0.9" + tag, "source fd77::9" + tag},
			service(name+"4", vip+":80"+tag, "10.77.0.1"), service(name+"6", "["+vip6+"]:80"+tag, "fd77::1"),
			service(name+"echo4", vip+":7 udp"+tag, "10.77.0.1"), service(name+"echo6", "["+vip6+"]:7 udp"+tag, "fd77::1"),
		} {
			args = append(args, options(commands...)...)
		}
	}
	tr.cygnet = startCygnet(t, tr.plain.balancer, args...)
	for _, w := range []*world{tr.plain, tr.tagged} {
		for _, host := range []string{vip, "[" + vip6 + "]"} {
			eventually(t, 10*time.Second, "a page for "+w.client.Name+" from "+host, func() bool { return w.page(t, "http://"+host+"/") != "" })
		}
	}
}

// The same addresses, ports and protocols on two networks are different services,
// each of the servers of its network.
func TestNetnsVLAN(t *testing.T) {
	requireNetns(t, "curl", "ping", "arping")
	tr := newTrunk(t)
	tr.start(t)
	for _, w := range []*world{tr.plain, tr.tagged} {
		t.Run(w.client.Name, func(t *testing.T) {
			for host, client := range map[string]string{vip: "10.77.0.100", "[" + vip6 + "]": "fd77::100"} {
				want := fmt.Sprintf("%s served %s at %s\n", w.servers[0].Name, client, host)
				if got := curl(t, w.client, "http://"+host+"/"); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
				must(t, w.client, "ping", "-c", "3", "-i", "0.2", "-W", "2", strings.Trim(host, "[]"))
			}
			w.oneMAC(t)
			w.sendFragmented(t)
		})
	}
	t.Run("checks", func(t *testing.T) {
		servers := ctl(t, tr.plain.balancer, tr.plain.balancer.socket(), "services")
		if n := strings.Count(servers, " check tcp"); n != 4 {
			t.Errorf("%d services are checked by TCP, want 4:\n%s", n, servers)
		}
		waitSays(t, tr.cygnet, 10*time.Second, "connected to VIP")
	})
	t.Run("errors", func(t *testing.T) { tr.pathMTU(t) })
	t.Run("another VLAN", func(t *testing.T) {
		before := count(t, tr.cygnet, "vlan")
		mac := mac(t, tr.plain.balancer)
		newTap(t, tr.plain.client).send(t, mac, "tcp 10.77.0.100:1234 > 10.77.0.10:80 S vlan=11")
		eventually(t, 5*time.Second, "a frame on VLAN 11 counted", func() bool { return count(t, tr.cygnet, "vlan") == before+1 })
	})
	t.Run("a server that falls", func(t *testing.T) { tr.falls(t) })
}

// pathMTU sends ICMP errors on one network after the other: each reaches the server
// of its own, and it alone.
func (tr *trunk) pathMTU(t *testing.T) {
	servers := map[*world]*tap{tr.plain: newTap(t, tr.plain.servers[0]), tr.tagged: newTap(t, tr.tagged.servers[0])}
	to := mac(t, tr.plain.balancer)
	for _, w := range []*world{tr.plain, tr.tagged} {
		for _, p := range servers {
			p.forget()
		}
		from := newTap(t, w.client)
		from.send(t, to, "icmp 10.77.0.254 > 10.77.0.10 unreachable code=4 inner=(tcp 10.77.0.10:80 > 10.77.0.100:4321)")
		from.send(t, to, "icmp6 fd77::fe > fd77::10 too-big mtu=1280 inner=(tcp [fd77::10]:80 > [fd77::100]:4321)")
		heard := func(p *tap) int { return len(p.frames(func(f *wire.Frame) bool { return f.ICMPError() })) }
		eventually(t, 5*time.Second, "both errors at the server of "+w.client.Name, func() bool { return heard(servers[w]) == 2 })
		for other, p := range servers {
			if n := heard(p); other != w && n != 0 {
				t.Errorf("%d errors of %s reached the other network's server", n, w.client.Name)
			}
		}
	}
}

// falls kills the web server of the VLAN: its services fall, by their checks, and
// those of the same addresses untagged do not.
func (tr *trunk) falls(t *testing.T) {
	must(t, tr.tagged.servers[0], "ip", "addr", "del", vip+"/32", "dev", "lo")
	waitSays(t, tr.cygnet, 20*time.Second, "server 0 down: no answer from VIP")
	out := ctl(t, tr.plain.balancer, tr.plain.balancer.socket(), "services")
	for line := range strings.Lines(out) {
		if name, _, _ := strings.Cut(line, " "); (name == "u4" || name == "u6" || name == "v6") && !strings.Contains(line, "serving normal") {
			t.Errorf("not served as before: %s", line)
		}
	}
	if got := tr.plain.page(t, "http://"+vip+"/"); !strings.HasPrefix(got, "userver ") {
		t.Errorf("the untagged network got %q", got)
	}
}

// Uploads through a tagged service, whatever the cards do for their kernels: the
// offsets in a frame's virtio header move with its tag.
func TestNetnsVLANUpload(t *testing.T) {
	requireNetns(t, "curl", "tcpdump")
	tr := newTrunk(t)
	tr.start(t)
	w := tr.tagged
	file, sum := randomFile(t)
	for _, step := range []struct {
		name    string
		prepare func() error
		merged  bool
	}{
		{"client's offloads on", func() error { return nil }, true},
		{"client's offloads off", func() error { return w.client.SetOffload(TxChecksum, false) }, false},
		{"GRO on the balancer's interface", func() error {
			return errors.Join(w.client.SetOffload(TxChecksum, true), w.balancer.mergeOnArrival())
		}, true},
	} {
		if err := step.prepare(); err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{vip, "[" + vip6 + "]"} {
			t.Run(step.name+", to "+host, func(t *testing.T) {
				if merged := w.upload(t, host, file, sum); merged != step.merged {
					t.Errorf("super-frames seen: %v, want %v: the upload was not what the test is about", merged, step.merged)
				}
			})
		}
	}
}

// On the VLAN's own interface, frames come and go without a tag.
func TestNetnsVLANInterface(t *testing.T) {
	requireNetns(t, "curl", "ping", "tcpdump")
	tr := newTrunk(t)
	sub := tr.plain.balancer.addVLAN(t, 10)
	p := startCygnet(t, tr.plain.balancer, append([]string{"-df", "-O", "dsr_if " + sub},
		append(options(service("six", "["+vip6+"]:80", "fd77::1")...), vip+":80", "10.77.0.1")...)...)
	w := tr.tagged
	for _, host := range []string{vip, "[" + vip6 + "]"} {
		eventually(t, 10*time.Second, "a page from "+host, func() bool { return w.page(t, "http://"+host+"/") != "" })
		must(t, w.client, "ping", "-c", "1", "-W", "2", strings.Trim(host, "[]"))
		if tr.plain.page(t, "http://"+host+"/") != "" {
			t.Errorf("%s is served on the untagged network, too", host)
		}
	}
	file, sum := randomFile(t)
	w.upload(t, vip, file, sum)
	if n := count(t, p, "vlan"); n != 0 {
		t.Errorf("%d tagged frames on %s, want none", n, sub)
	}
}

// addVLAN gives the host an interface on a VLAN of eth1, and returns its name.
func (h *Host) addVLAN(t *testing.T, vlan int) (name string) {
	t.Helper()
	parent, err := h.link(NIC)
	if err != nil {
		t.Fatal(err)
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.ParentIndex = fmt.Sprintf("%s.%d", NIC, vlan), parent.Attrs().Index
	err = h.nl.LinkAdd(&netlink.Vlan{LinkAttrs: attrs, VlanId: vlan, VlanProtocol: netlink.VLAN_PROTOCOL_8021Q})
	if errors.Is(err, unix.EOPNOTSUPP) {
		t.Skipf("add %s: %v: this kernel is built without CONFIG_VLAN_8021Q", attrs.Name, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := h.LinkUp(attrs.Name); err != nil {
		t.Fatal(err)
	}
	return attrs.Name
}
