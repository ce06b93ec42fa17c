// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"cygnet/internal/wire"
)

// TestNetnsTarpitARP asks four times for addresses that the list permits, as a host
// may and as none does: only an honest question for a free address is answered.
func TestNetnsTarpitARP(t *testing.T) {
	requireNetns(t, "nginx", "curl", "arping")
	w := newWorld(t, HostSpec{Addrs: onSegment(9), Gateways: []netip.Addr{netip.MustParseAddr("10.77.0.254")}})
	w.startNginxes(t)
	startCygnet(t, w.balancer, pitArgs("acl 1 permit 10.77.0.0/29", "acl 1 permit 10.77.0.9", "acl 1 permit "+vip, "acl 1 permit 10.77.0.248/29")...)
	w.waitServed(t, 10*time.Second)
	p := newTap(t, w.client)
	us := mac(t, w.balancer).String()

	questions := []struct {
		addr, text string
		want       []string // the MAC of each answer; those of Cygnet come when it has verified
	}{
		{"10.77.0.64", "arp who-has 10.77.0.64 tell 10.77.0.100", []string{us, us, us}},
		{"10.77.0.65", "arp who-has 10.77.0.65 tell 0.0.0.0", nil},                            // a probe, RFC 5227 section 2.1.1
		{"10.77.0.66", "arp who-has 10.77.0.66 tell 10.77.0.66", nil},                         // an announcement
		{"10.77.0.67", "arp 10.77.0.67 is-at 02:77:00:00:00:99 to 10.77.0.67", nil},           // the same as an answer
		{"10.77.0.68", "arp who-has 10.77.0.68 tell 10.77.0.100 sha=02:77:00:00:00:99", nil},  // in another's name
		{"10.77.0.69", "arp who-has 10.77.0.69 tell 10.77.0.100 sha=ff:ff:ff:ff:ff:ff", nil},  // for all to hear
		{"10.77.0.70", "arp who-has 10.77.0.70 tell 192.0.2.1", nil},                          // from elsewhere
		{"10.77.0.71", "arp who-has 10.77.0.71 tell 10.77.0.9", nil},                          // in our name
		{"10.77.0.72", "arp who-has 10.77.0.72 tell 10.77.0.100 vlan=7", nil},                 // on a VLAN
		{"10.77.0.73", "arp who-has 10.77.0.73 tell 224.0.0.1", nil},                          // from a group
		{"10.77.0.254", "arp who-has 10.77.0.254 tell 10.77.0.100", nil},                      // the gateway, which is off
		{"10.77.0.255", "arp who-has 10.77.0.255 tell 10.77.0.100", nil},                      // the broadcast address
		{"10.77.0.0", "arp who-has 10.77.0.0 tell 10.77.0.100", nil},                          // the network's
		{"10.77.0.9", "arp who-has 10.77.0.9 tell 10.77.0.100", []string{us, us, us, us}},     // our kernel's
		{vip, "arp who-has " + vip + " tell 10.77.0.100", []string{us, us, us, us}},           // ours
		{"10.77.0.80", "arp who-has 10.77.0.80 tell 10.77.0.100", nil},                        // not permitted
		{"10.77.0.1", "arp who-has 10.77.0.1 tell 10.77.0.100", fourOf(mac(t, w.servers[0]))}, // a server
		{"10.77.0.2", "arp who-has 10.77.0.2 tell 10.77.0.100", fourOf(mac(t, w.servers[1]))},
	}
	// As the kernel repeats its questions, and a little later.
	for i := range 4 {
		for _, q := range questions {
			p.send(t, net.HardwareAddr{255, 255, 255, 255, 255, 255}, q.text)
		}
		if i < 3 {
			time.Sleep(1100 * time.Millisecond)
		}
	}
	count := func(addr string) []*wire.Frame { return p.isAt(netip.MustParseAddr(addr)) }
	for _, q := range questions {
		if len(q.want) > 0 {
			eventually(t, 3*time.Second, fmt.Sprintf("%d answers for %s", len(q.want), q.addr), func() bool { return len(count(q.addr)) >= len(q.want) })
		}
	}
	for _, q := range questions {
		var got []string
		for _, f := range count(q.addr) {
			got = append(got, f.ARP().SenderMAC().String())
			if f.Ethernet().Dst() != wire.MAC(p.mac) {
				t.Errorf("%s: not to who asked: %v", q.text, f)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(q.want) {
			t.Errorf("%s: answers of %v, want %v", q.text, got, q.want)
		}
	}
}

func fourOf(mac net.HardwareAddr) []string {
	return []string{mac.String(), mac.String(), mac.String(), mac.String()}
}
