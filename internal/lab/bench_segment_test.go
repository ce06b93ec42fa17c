// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// benchPath is one way from the client to the servers. Its two ends differ only
// for Pen, of which a process is TCP or UDP, not both.
type benchPath struct {
	name     string
	tcp, udp benchEnd
}

// benchEnd is where the client's packets of a protocol go.
type benchEnd struct {
	addr netip.Addr
	host *Host    // who receives them
	proc *Process // the balancer, while it runs; nil of the direct path
}

// The VIPs. Each balancer has its own, so that all can stay up while one of
// them is measured.
const (
	cygnetVIP = vip
	penVIP    = "10.77.0.20"
	penUDPVIP = "10.77.0.30"

	fewFlowsVIP  = "10.77.0.40" // of a cygnet with a thousand flows
	manyFlowsVIP = "10.77.0.50" // of one with a million
)

// Ports. All balancers serve every port of their VIP.
const (
	dnsPort     = 53
	discardPort = 9 // nothing listens there
	pagePort    = 80
	uploadPort  = 81
)

// buildSegment makes the client, two servers with all VIPs, and a host for each
// balancer, without an address on the segment, as Pen's manual has it.
func (b *bench) buildSegment(t *testing.T) {
	t.Helper()
	b.lab = newLab(t, Options{})
	for i, name := range []string{"s1", "s2"} {
		s := addHost(t, b.lab, HostSpec{Name: name, Addrs: onSegment(i + 1), VIPs: benchVIPs()})
		b.servers = append(b.servers, s)
		own := onSegment(i + 1)[0].Addr()
		dns := []string{"dns", name, joinPort(own, dnsPort)}
		for _, vip := range benchVIPs() {
			dns = append(dns, joinPort(vip, dnsPort))
		}
		startNginx(t, s, pagePort)
		startSelf(t, s, uploadPort, "web", name, fmt.Sprintf(":%d", uploadPort))
		startSelf(t, s, 0, dns...)
	}
	b.client = addHost(t, b.lab, HostSpec{Name: "client", Addrs: onSegment(100)})

	end := func(addr string, h *Host) benchEnd { return benchEnd{addr: netip.MustParseAddr(addr), host: h} }
	both := func(e benchEnd) (tcp, udp benchEnd) { return e, e }
	b.cygnet, b.pen, b.direct = &benchPath{name: "cygnet"}, &benchPath{name: "pen"}, &benchPath{name: "direct"}
	b.cygnet.tcp, b.cygnet.udp = both(end(cygnetVIP, addHost(t, b.lab, HostSpec{Name: "cygnet"})))
	b.pen.tcp, b.pen.udp = end(penVIP, b.addPenHost(t, "pen")), end(penUDPVIP, b.addPenHost(t, "penudp"))
	b.direct.tcp, b.direct.udp = both(end("10.77.0.1", b.servers[0]))
}

// benchVIPs are what the servers hold on lo.
func benchVIPs() []netip.Addr {
	var addrs []netip.Addr
	for _, a := range []string{cygnetVIP, penVIP, penUDPVIP, fewFlowsVIP, manyFlowsVIP} {
		addrs = append(addrs, netip.MustParseAddr(a))
	}
	return addrs
}

// addPenHost makes a host with the address besides the segment's without which
// Pen does not start.
func (b *bench) addPenHost(t *testing.T, name string) *Host {
	t.Helper()
	h := addHost(t, b.lab, HostSpec{Name: name})
	if err := h.AddAddr("lo", netip.MustParsePrefix("192.0.2.1/32")); err != nil {
		t.Fatal(err)
	}
	return h
}

// startBalancers starts cygnet and two Pens, pinned to a core, or on anyCore,
// and returns when they serve.
func (b *bench) startBalancers(t *testing.T, core int) {
	t.Helper()
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	servers := []string{"10.77.0.1", "10.77.0.2"}
	// By the client's address, which is how Pen chooses whatever it is told:
	// one client is served by one server.
	commands := []string{"dsr_if " + NIC, "secret " + b.lab.Dir() + "/secret", "socket none", "service datagrams listen " + cygnetVIP + " udp"}
	for i, s := range servers {
		commands = append(commands, fmt.Sprintf("service datagrams server %d address %s", i, s))
	}
	args := append([]string{"-df", "-h"}, options(commands...)...)
	b.cygnet.tcp.proc = b.startBalancer(t, b.cygnet.tcp.host, core, binary, append(append(args, cygnetVIP), servers...)...)
	b.cygnet.udp.proc = b.cygnet.tcp.proc

	args = []string{"-df", "-r", "-O", "poll", "-O", "dsr_if " + NIC, "-S", "2"}
	b.pen.tcp.proc = b.startBalancer(t, b.pen.tcp.host, core, "pen", append(append(args, penVIP), servers...)...)
	b.pen.udp.proc = b.startBalancer(t, b.pen.udp.host, core, "pen", append(append(args, "-U", penUDPVIP), servers...)...)

	b.setClientOffload(t, false) // Pen serves nobody else
	for _, p := range b.all() {
		eventually(t, 10*time.Second, p.name+" serves TCP", func() bool {
			out, err := b.try(b.client.Command("curl", "-sS", "-m", "1", p.url(pagePort, "who")), 2*time.Second)
			return err == nil && strings.HasPrefix(out, "s")
		})
		eventually(t, 10*time.Second, p.name+" serves UDP", func() bool {
			_, err := b.roundTrips(p, 1)
			return err == nil
		})
	}
}

// startBalancer starts one program.
func (b *bench) startBalancer(t *testing.T, h *Host, core int, name string, args ...string) *Process {
	t.Helper()
	p := h.Command(name, args...)
	if core != anyCore { // taskset becomes the program: the process is the balancer's
		p = h.Command("taskset", append([]string{"-c", fmt.Sprint(core), p.Cmd.Path}, args...)...)
	}
	return start(t, p)
}

// stopBalancers ends them.
func (b *bench) stopBalancers() {
	for _, p := range []*Process{b.cygnet.tcp.proc, b.pen.tcp.proc, b.pen.udp.proc} {
		p.Stop(2 * time.Second)
	}
}

// setClientOffload switches whether the client leaves checksums, and with them
// segmentation, to its card.
func (b *bench) setClientOffload(t *testing.T, on bool) {
	t.Helper()
	if err := b.client.SetOffload(TxChecksum, on); err != nil {
		t.Fatal(err)
	}
	b.offloads = on
}

// url is a page of the path's web servers.
func (p *benchPath) url(port uint16, page string) string {
	return "http://" + joinPort(p.tcp.addr, port) + "/" + page
}
