// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"testing"
	"time"

	"cygnet/internal/wire"
)

// TestNetnsTarpitsDoNotTalk has two balancers on one segment, whose tarpits may
// capture the same addresses and each other's, and sends each what would make Pens
// answer one another for ever: in each other's name, and from captured addresses.
func TestNetnsTarpitsDoNotTalk(t *testing.T) {
	requireNetns(t, "nginx", "curl", "hping3")
	for _, policy := range []string{"verify", "immediate"} {
		t.Run(policy, func(t *testing.T) {
			w := newWorld(t, HostSpec{Addrs: onSegment(9)})
			w.startNginxes(t)
			other := addHost(t, w.lab, HostSpec{Name: "other", Addrs: onSegment(8)})
			// What captures at once would capture the other's VIP, too, as Pen does.
			args := options("acl 1 deny 10.77.0.10/31", "acl 1 permit 10.77.0.0/24", "acl 1 permit fd77::/112", "tarpit_acl 1", "tarpit_policy "+policy, "dsr_if eth1")
			startCygnet(t, w.balancer, append(args, "-df", "10.77.0.10:80", "10.77.0.1", "10.77.0.2")...)
			startCygnet(t, other, append(args, "-df", "10.77.0.11:80", "10.77.0.1", "10.77.0.2")...)
			w.waitServed(t, 10*time.Second)
			for _, a := range []string{"10.77.0.70", "10.77.0.71", "fd77::70", "fd77::71"} {
				w.captured(t, w.client, a)
			}
			w.incite(t, w.balancer, other)
		})
	}
}

// incite sends the frames, each from either balancer to the other, and waits until
// neither has heard anything of the other for a second.
func (w *world) incite(t *testing.T, one, two *Host) {
	t.Helper()
	taps := []*tap{newTap(t, one), newTap(t, two)}
	sent := 0
	for i, p := range taps {
		to := taps[1-i].mac
		for _, from := range []string{"10.77.0.70", "10.77.0.9", "10.77.0.8", "10.77.0.10", "10.77.0.11", "10.77.0.100", "10.77.0.71"} {
			for _, flags := range []string{"S", "SA", "A", "R", "RA", "F", "FA"} {
				p.send(t, to, fmt.Sprintf("tcp %s:80 > 10.77.0.71:80 %s seq=7 ack=8", from, flags))
				sent++
			}
			p.send(t, to, fmt.Sprintf("arp who-has 10.77.0.71 tell %s", from))
			p.send(t, to, fmt.Sprintf("arp 10.77.0.72 is-at %v to %s", p.mac, from))
			sent += 2
		}
		for _, from := range []string{"fd77::70", "fd77::9", "fd77::8", "fd77::71"} {
			p.send(t, to, fmt.Sprintf("tcp [%s]:80 > [fd77::71]:80 S seq=7", from))
			p.send(t, to, fmt.Sprintf("tcp [%s]:80 > [fd77::71]:80 SA seq=7 ack=8", from))
			sent += 2
		}
	}
	run(t, w.client, "hping3", "-q", "-c", "3", "-i", "u10000", "-S", "-A", "-a", "10.77.0.70", "-p", "80", "10.77.0.71")

	heard := func() (all []*wire.Frame) {
		for i, p := range taps {
			all = append(all, p.frames(func(f *wire.Frame) bool { return f.Ethernet().Src() == wire.MAC(taps[1-i].mac) })...)
		}
		return all
	}
	var last []*wire.Frame
	quiet := time.Now()
	eventually(t, 10*time.Second, "a second without a frame between the two", func() bool {
		if now := heard(); len(now) != len(last) {
			last, quiet = now, time.Now()
		}
		return time.Since(quiet) > time.Second
	})
	// Each frame is heard once, and answered once at most, if by anybody; besides
	// come questions who has the addresses, three each.
	if len(last) > 2*sent+50 {
		t.Errorf("%d frames between the two after %d were sent; the last: %v", len(last), sent, last[len(last)-1])
	}
	t.Logf("%d frames between the two, of which the test sent %d", len(last), sent)
}
