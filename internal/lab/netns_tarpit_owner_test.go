// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNetnsTarpitYields has a host take addresses that the tarpit answers for: it gets
// each within one packet, nothing keeps it from it, and whoever had been told the
// tarpit's MAC is told the host's.
func TestNetnsTarpitYields(t *testing.T) {
	requireNetns(t, "nginx", "curl", "arping", "ping", "ip")
	events := filepath.Join(t.TempDir(), "events")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	late := addHost(t, w.lab, HostSpec{Name: "late", Addrs: onSegment(60)})
	startNginx(t, late, 80)
	startCygnet(t, w.balancer, append([]string{"--events", events}, pitArgs()...)...)
	w.waitServed(t, 10*time.Second)
	for _, a := range []string{"10.77.0.70", "10.77.0.71", "10.77.0.72", "10.77.0.73", "fd77::6a", "fd77::6b"} {
		w.captured(t, w.client, a)
		w.knows(t, a, w.balancer)
	}
	// belongs checks that the address is the late host's from now on.
	belongs := func(t *testing.T, addr string) {
		t.Helper()
		w.knows(t, addr, late)
		if got := w.page(t, "http://"+net.JoinHostPort(addr, "80")+"/who"); !strings.HasPrefix(got, "late ") {
			t.Errorf("the page of %s is of %q", addr, got)
		}
		wantEvent(t, events, addr+" is released", func(e eventLine) bool { return e.Event == "tarpit_released" && e.Addr == addr })
	}

	t.Run("by an announcement", func(t *testing.T) {
		late.take(t, "10.77.0.70/24")
		// It waits for an answer, which nobody gives.
		run(t, late, "arping", "-q", "-U", "-c", "1", "-i", NIC, "-S", "10.77.0.70", "10.77.0.70")
		belongs(t, "10.77.0.70")
	})
	t.Run("by ordinary traffic", func(t *testing.T) {
		late.take(t, "10.77.0.71/24")
		must(t, late, "ping", "-q", "-c", "1", "-W", "2", "-I", "10.77.0.71", "10.77.0.2")
		belongs(t, "10.77.0.71")
	})
	// Here the client hears of it from nobody but the tarpit: the host speaks to the
	// tarpit only, and not by ARP.
	t.Run("by a datagram to the tarpit", func(t *testing.T) {
		late.take(t, "10.77.0.72/24")
		must(t, late, "ip", "neigh", "replace", "10.77.0.73", "lladdr", mac(t, w.balancer).String(), "nud", "permanent", "dev", NIC)
		run(t, late, "ping", "-q", "-c", "1", "-W", "1", "-I", "10.77.0.72", "10.77.0.73")
		belongs(t, "10.77.0.72")
	})
	t.Run("an address conflict probe is not answered", func(t *testing.T) {
		if r := run(t, late, "arping", "-0", "-c", "3", "-w", "3", "-i", NIC, "10.77.0.74"); r.Code == 0 {
			t.Errorf("somebody answers a probe for 10.77.0.74:\n%s", r.Stdout)
		}
	})
	for _, a := range []string{"fd77::6a", "fd77::6c"} { // of which the second was not asked for before
		t.Run("duplicate address detection of "+a, func(t *testing.T) {
			for _, s := range []string{"accept_dad", "dad_transmits"} {
				if err := late.Sysctl("net/ipv6/conf/"+NIC+"/"+s, "1"); err != nil {
					t.Fatal(err)
				}
			}
			must(t, late, "ip", "addr", "add", a+"/64", "dev", NIC) // RFC 4862 section 5.4
			var shown string
			eventually(t, 10*time.Second, "the end of the detection", func() bool {
				shown = must(t, late, "ip", "-6", "addr", "show", "dev", NIC, "to", a)
				return strings.Contains(shown, "dadfailed") || strings.Contains(shown, a) && !strings.Contains(shown, "tentative")
			})
			if strings.Contains(shown, "dadfailed") {
				t.Fatalf("it failed: %s", shown)
			}
			// The host says nothing more: the tarpit asks for it, and tells the client.
			w.knows(t, a, late)
			if got := w.page(t, "http://["+a+"]/who"); !strings.HasPrefix(got, "late ") {
				t.Errorf("the page is of %q", got)
			}
		})
	}
	if n := tarpitAt(t, w.balancer).Capture.Conflicts; n != 4 {
		t.Errorf("%d conflicts are counted, want 4", n)
	}
}

// take gives the host an address, of which it tells nobody.
func (h *Host) take(t *testing.T, prefix string) {
	t.Helper()
	if err := h.AddAddr(NIC, netip.MustParsePrefix(prefix)); err != nil {
		t.Fatal(err)
	}
}

// knows waits until the client's kernel has an address's MAC as that host's.
func (w *world) knows(t *testing.T, addr string, owner *Host) {
	t.Helper()
	want := mac(t, owner).String()
	eventually(t, 5*time.Second, "the client finds "+addr+" at "+owner.Name, func() bool {
		got, err := w.client.Neighbour(netip.MustParseAddr(addr))
		if err != nil {
			t.Fatal(err)
		}
		if got == nil { // of IPv6 it may have forgotten
			w.page(t, "http://"+net.JoinHostPort(addr, "80")+"/who")
		}
		return got.String() == want
	})
}
