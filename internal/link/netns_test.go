// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"cygnet/internal/link/nstest"
	"cygnet/internal/wire"
)

const (
	macA = "02:00:00:00:00:0a"
	macB = "02:00:00:00:00:0b"
)

// pair makes two hosts: a with eth1, b with eth0, linked.
func pair(t *testing.T) (a, b *nstest.NS) {
	t.Helper()
	nstest.Require(t)
	a, b = nstest.New(t, "a"), nstest.New(t, "b")
	nstest.Veth(a, "eth1", macA, b, "eth0", macB)
	return a, b
}

func TestNetnsInspect(t *testing.T) {
	a, b := pair(t)
	a.Addr("eth1", "10.77.0.5/24")
	a.Addr("eth1", "fd00:77::5/64")
	a.Addr("lo", "10.77.0.10/32")
	addRoute(t, a, "0.0.0.0/0", "10.77.0.1", unix.RT_TABLE_MAIN)
	addRoute(t, a, "10.99.0.0/16", "10.77.0.2", 100)
	addRoute(t, a, "::/0", "fd00:77::1", unix.RT_TABLE_MAIN)
	nstest.Veth(a, "eth2", "02:00:00:00:02:0a", b, "eth2", "02:00:00:00:02:0b")
	a.Up("eth2")
	b.Up("eth2")
	a.Addr("eth2", "10.88.0.5/24")
	addRoute(t, a, "10.98.0.0/16", "10.88.0.1", unix.RT_TABLE_MAIN)

	a.Do(func() {
		got, err := Inspect("eth1")
		if err != nil {
			t.Fatal(err)
		}
		want := &Interface{
			Name: "eth1", Index: got.Index, MAC: wire.MAC{2, 0, 0, 0, 0, 0xa}, MTU: 1500, Up: true, Carrier: true,
			Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.5/24"), netip.MustParsePrefix("fd00:77::5/64")},
			Gateways: []netip.Addr{
				netip.MustParseAddr("10.77.0.1"), netip.MustParseAddr("10.77.0.2"), netip.MustParseAddr("fd00:77::1"),
			},
		}
		want.Routers = slices.Insert(slices.Clone(want.Gateways), 2, netip.MustParseAddr("10.88.0.1"))
		for _, a := range []string{"10.77.0.5", "10.77.0.10", "10.88.0.5", "127.0.0.1", "::1", "fd00:77::5"} {
			want.Host = append(want.Host, netip.MustParseAddr(a)) // lo's, too
		}
		slices.SortFunc(want.Host, netip.Addr.Compare)
		got.Host = slices.DeleteFunc(got.Host, netip.Addr.IsLinkLocalUnicast)
		if diff := cmp.Diff(want, got, compareNetip(), withoutLinkLocal()); diff != "" {
			t.Error(diff)
		}
	})
	a.Down("eth1")
	a.Do(func() {
		_, err := Inspect("eth1")
		if diff := cmp.Diff(error(&DownError{Name: "eth1"}), err); diff != "" {
			t.Error(diff)
		}
	})
}

// TestNetnsNeighbours sorts the kernel's neighbours by whether somebody answered.
func TestNetnsNeighbours(t *testing.T) {
	a, _ := pair(t)
	a.Up("eth1")
	a.Do(func() {
		eth1, err := netlink.LinkByName("eth1")
		if err != nil {
			t.Fatal(err)
		}
		index := eth1.Attrs().Index
		for ip, state := range map[string]int{
			"10.77.0.1": netlink.NUD_REACHABLE, "10.77.0.2": netlink.NUD_STALE, "10.77.0.3": netlink.NUD_PERMANENT, "fd77::1": netlink.NUD_STALE,
			"10.77.0.8": netlink.NUD_NOARP, "10.77.0.9": netlink.NUD_FAILED,
		} {
			n := &netlink.Neigh{LinkIndex: index, State: state, IP: net.ParseIP(ip), HardwareAddr: net.HardwareAddr{2, 0, 0, 0, 0, 9}}
			if err := netlink.NeighAdd(n); err != nil {
				t.Fatal(ip, err)
			}
		}
		got, err := ReadNeighbours(index)
		if err != nil {
			t.Fatal(err)
		}
		ours := func(a netip.Addr) bool { return !a.IsLinkLocalUnicast() && !a.IsMulticast() }
		sortedOurs := func(all []netip.Addr) []netip.Addr {
			return sorted(slices.DeleteFunc(all, func(a netip.Addr) bool { return !ours(a) }))
		}
		addrs := func(words ...string) (all []netip.Addr) {
			for _, w := range words {
				all = append(all, netip.MustParseAddr(w))
			}
			return all
		}
		if got, want := sortedOurs(got.Answered), addrs("10.77.0.1", "10.77.0.3"); !slices.Equal(got, want) {
			t.Errorf("answered %v, want %v", got, want)
		}
		if got, want := sortedOurs(got.Stale), addrs("10.77.0.2", "fd77::1"); !slices.Equal(got, want) {
			t.Errorf("stale %v, want %v", got, want)
		}
		if got, want := sortedOurs(got.Unanswered), addrs("10.77.0.9"); !slices.Equal(got, want) {
			t.Errorf("unanswered %v, want %v", got, want)
		}
	})
}

func TestNetnsForwarding(t *testing.T) {
	a, _ := pair(t)
	expect := func(v4, v6 bool) {
		t.Helper()
		a.Do(func() {
			if got4, got6 := Forwarding("eth1"); got4 != v4 || got6 != v6 {
				t.Errorf("Forwarding = %v, %v, want %v, %v", got4, got6, v4, v6)
			}
		})
	}
	a.Sysctl("ipv4/ip_forward", "0")
	a.Sysctl("ipv6/conf/all/forwarding", "0")
	expect(false, false)
	a.Sysctl("ipv4/ip_forward", "1")
	expect(true, false)
	a.Sysctl("ipv6/conf/all/forwarding", "1")
	expect(true, true)
}

func TestNetnsMayAdminister(t *testing.T) {
	nstest.Require(t)
	if !MayAdminister() {
		t.Error("root may not")
	}
	doneC := make(chan struct{})
	go func() { // its thread gives up what it has and ends with it
		defer close(doneC)
		runtime.LockOSThread()
		hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		only := uint32(1 << unix.CAP_NET_RAW)
		data := [2]unix.CapUserData{{Effective: only, Permitted: only}}
		if err := unix.Capset(&hdr, &data[0]); err != nil {
			t.Error(err)
		}
		if MayAdminister() {
			t.Error("CAP_NET_RAW alone may")
		}
	}()
	<-doneC
}

// TestNetnsWatch changes an interface in every way there is and expects a
// report of each, and none without a change.
func TestNetnsWatch(t *testing.T) {
	a, b := pair(t)
	a.Sysctl("ipv6/conf/all/disable_ipv6", "1") // it makes changes of its own
	reportC := make(chan *Interface, 16)
	ctx, cancel := context.WithCancel(t.Context())
	endC := make(chan error, 1)
	go func() {
		a.Do(func() {
			endC <- Watch(ctx, "eth1", func(ifi *Interface) { reportC <- ifi })
		})
	}()
	until := func(what string, ok func(*Interface) bool) (ifi *Interface) {
		t.Helper()
		deadline := time.After(3 * time.Second) // less than pollEvery: the messages did it
		for {
			select {
			case ifi = <-reportC:
				if ok(ifi) {
					return ifi
				}
			case <-deadline:
				t.Fatalf("no report of: %s", what)
			}
		}
	}

	// quiet waits until all changes so far were looked at, and expects no report.
	quiet := func(what string) {
		t.Helper()
		select {
		case <-reportC:
			t.Errorf("a report, though %s", what)
		case <-time.After(4 * settle):
		}
	}

	first := until("the start", func(i *Interface) bool { return i != nil && i.Up && i.Carrier })
	a.Addr("lo", "10.77.0.10/32")
	until("an address of the host's, elsewhere", func(i *Interface) bool {
		return i != nil && slices.Contains(i.Host, netip.MustParseAddr("10.77.0.10"))
	})
	a.Addr("eth1", "10.77.0.5/24")
	until("an address", func(i *Interface) bool {
		return i != nil && cmp.Equal(i.Addrs, []netip.Prefix{netip.MustParsePrefix("10.77.0.5/24")}, compareNetip(), withoutLinkLocal())
	})
	quiet("the address was reported")
	addRoute(t, a, "0.0.0.0/0", "10.77.0.1", unix.RT_TABLE_MAIN)
	until("a gateway", func(i *Interface) bool { return i != nil && len(i.Gateways) == 1 })
	b.Down("eth0")
	until("no carrier", func(i *Interface) bool { return i != nil && i.Up && !i.Carrier })
	b.Up("eth0")
	until("carrier", func(i *Interface) bool { return i != nil && i.Carrier })
	a.Down("eth1")
	until("down", func(i *Interface) bool { return i != nil && !i.Up })
	a.Delete("eth1")
	until("vanished", func(i *Interface) bool { return i == nil })
	nstest.Veth(a, "eth1", macA, b, "eth0", macB)
	until("returned", func(i *Interface) bool { return i != nil && i.Up && i.Carrier && i.Index != first.Index })

	cancel()
	if err := <-endC; err != nil {
		t.Error(err)
	}
}

// addRoute routes dst through the gateway, in that table.
func addRoute(t *testing.T, n *nstest.NS, dst, via string, table int) {
	t.Helper()
	n.Do(func() {
		_, to, err := net.ParseCIDR(dst)
		if err != nil {
			t.Fatal(err)
		}
		r := &netlink.Route{Dst: to, Gw: net.ParseIP(via), Table: table}
		if err := netlink.RouteAdd(r); err != nil {
			t.Fatalf("route %s via %s: %v", dst, via, err)
		}
	})
}

func compareNetip() cmp.Option {
	return cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})
}

// withoutLinkLocal leaves out the addresses that come by themselves, at a time
// of their own.
func withoutLinkLocal() cmp.Option {
	return cmpopts.IgnoreSliceElements(func(p netip.Prefix) bool { return p.Addr().IsLinkLocalUnicast() })
}
