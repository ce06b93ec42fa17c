// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package bpf

import (
	"errors"
	"net/netip"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// TestNetnsKernelIsSilent is what the drop is for: no reset for a dropped
// address or port, everything else of the host as it was, and frames still seen
// by a packet socket.
func TestNetnsKernelIsSilent(t *testing.T) {
	both(t, func(t *testing.T, l *lab, install func(Drop) *Guard) {
		for deadline := time.Now().Add(3 * time.Second); !l.answered("[fd00:77::10]:80"); {
			if time.Now().After(deadline) { // IPv6 takes its time on a new link
				t.Fatal("no IPv6 between the two")
			}
		}
		l.expect("before", map[string]bool{vip + ":80": true, "[fd00:77::10]:80": true})

		g := install(whole(vip, "fd00:77::10"))
		tap := l.tap()
		l.expect("whole address", map[string]bool{
			vip + ":80": false, vip + ":22": false, "[fd00:77::10]:80": false, "10.77.0.5:80": true,
		})
		if !sees(t, tap, vip, 80) {
			t.Error("a socket bound to ETH_P_ALL does not see the dropped SYN")
		}

		a, a6 := netip.MustParseAddr(vip), netip.MustParseAddr("fd00:77::10")
		l.update(g, Drop{Ports: []Port{{a, wire.ProtoTCP, 80}, {a, wire.ProtoUDP, 443}, {a, 0, 53}, {a6, 0, 80}}})
		l.expect("ports", map[string]bool{
			vip + ":80": false, vip + ":53": false, vip + ":443": true, vip + ":22": true,
			"[fd00:77::10]:80": false, "[fd00:77::10]:22": true, "10.77.0.5:80": true,
		})

		l.update(g, Drop{})
		l.expect("nothing", map[string]bool{vip + ":80": true, "[fd00:77::10]:80": true})

		l.update(g, whole(vip))
		l.close(g)
		l.expect("closed", map[string]bool{vip + ":80": true})
	})
}

// TestNetnsHostServiceGoesOn serves a port of the host beside a dropped one of
// the same address, with datagrams in fragments.
func TestNetnsHostServiceGoesOn(t *testing.T) {
	both(t, func(t *testing.T, l *lab, install func(Drop) *Guard) {
		a := netip.MustParseAddr(vip)
		g := install(Drop{Ports: []Port{{a, 0, 80}}})
		defer l.close(g)
		server := l.listenUDP(vip + ":5353")
		client := l.dialUDP(vip + ":5353")
		if _, err := client.Write(make([]byte, 4000)); err != nil { // three fragments
			t.Fatal(err)
		}
		_ = server.SetReadDeadline(time.Now().Add(2 * time.Second))
		if n, _, err := server.ReadFrom(make([]byte, 8000)); n != 4000 {
			t.Errorf("the host got %d octets of 4000: %v", n, err)
		}
	})
}

// TestNetnsFramesOnTheWire sends the frames that the program is tested with, so
// that both kinds mean the same.
func TestNetnsFramesOnTheWire(t *testing.T) {
	both(t, func(t *testing.T, l *lab, install func(Drop) *Guard) {
		g := install(drop())
		defer l.close(g)
		passes := l.behind()
		for _, tt := range judgedFrames(lbMAC()) {
			if got := !passes(tt.frame); got != tt.want {
				t.Errorf("%s: dropped: %v, want %v", tt.name, got, tt.want)
			}
		}
	})
}

// What is dropped untagged passes on a VLAN, and the other way round.
func TestNetnsVLANs(t *testing.T) {
	both(t, func(t *testing.T, l *lab, install func(Drop) *Guard) {
		d := drop()
		d.Tagged = []Tagged{{7, netip.MustParseAddr(vip)}, {4094, netip.MustParseAddr("fd00::11")}}
		g := install(d)
		defer l.close(g)
		passes := l.behind()
		plain := ether(lbMAC(), wire.EtherTypeIPv4, v4(vip, wire.ProtoUDP, 0, 0, l4(9)))
		other := ether(lbMAC(), wire.EtherTypeIPv4, v4("10.77.0.11", wire.ProtoUDP, 0, 0, l4(9)))
		later := ether(lbMAC(), wire.EtherTypeIPv4, v4(vip, wire.ProtoUDP, 185, 0, l4(9)))
		six := ether(lbMAC(), wire.EtherTypeIPv6, v6("fd00::11", wire.ProtoTCP, l4(9)))
		nd := ether(lbMAC(), wire.EtherTypeIPv6, v6("fd00::11", wire.ProtoICMPv6, append([]byte{135}, make([]byte, 23)...)))
		arp := ether(lbMAC(), wire.EtherTypeARP, v4(vip, wire.ProtoUDP, 0, 0, l4(9)))
		for _, tt := range []struct {
			name  string
			plain []byte
			tag   []byte
			want  bool
		}{
			{"untagged", plain, nil, false},
			{"priority alone", plain, []byte{0x81, 0x00, 0xe0, 0x00}, false},
			{"VID 5", plain, []byte{0x81, 0x00, 0x00, 0x05}, true},
			{"VID 256 with priority", plain, []byte{0x81, 0x00, 0xe1, 0x00}, true},
			{"provider's VID 5", plain, []byte{0x88, 0xa8, 0x00, 0x05}, true},
			{"VID 7", plain, []byte{0x81, 0x00, 0x00, 0x07}, false},
			{"VID 7 with priority", plain, []byte{0x81, 0x00, 0xf0, 0x07}, false},
			{"VID 7, a later fragment", later, []byte{0x81, 0x00, 0x00, 0x07}, false},
			{"VID 7, another address", other, []byte{0x81, 0x00, 0x00, 0x07}, true},
			{"VID 7, ARP", arp, []byte{0x81, 0x00, 0x00, 0x07}, true},
			{"provider's VID 7", plain, []byte{0x88, 0xa8, 0x00, 0x07}, true},
			{"two tags", plain, []byte{0x81, 0x00, 0x00, 0x07, 0x81, 0x00, 0x00, 0x07}, true},
			{"IPv6, untagged", six, nil, true},
			{"IPv6, VID 4094", six, []byte{0x81, 0x00, 0x0f, 0xfe}, false},
			{"IPv6, VID 7", six, []byte{0x81, 0x00, 0x00, 0x07}, true},
			{"IPv6, VID 4094, neighbour discovery", nd, []byte{0x81, 0x00, 0x0f, 0xfe}, true},
		} {
			plain := tt.plain
			if got := passes(slices.Concat(plain[:12], tt.tag, plain[12:])); got != tt.want {
				t.Errorf("%s: passes: %v, want %v", tt.name, got, tt.want)
			}
		}
	})
}

// TestNetnsUpdateLeavesNoGap changes everything about a drop but that it covers
// the VIP, while datagrams for the VIP keep coming.
func TestNetnsUpdateLeavesNoGap(t *testing.T) {
	both(t, func(t *testing.T, l *lab, install func(Drop) *Guard) {
		a := netip.MustParseAddr(vip)
		drops := []Drop{
			whole(vip),
			{Ports: []Port{{a, 0, 9999}}},
			{Prefixes: []netip.Prefix{netip.MustParsePrefix("10.77.0.8/29")}},
			{Prefixes: []netip.Prefix{netip.MustParsePrefix("10.77.0.8/30"), netip.MustParsePrefix("10.77.0.16/28")}},
		}
		g := install(drops[0])
		server, client := l.listenUDP(vip+":9999"), l.dialUDP(vip+":9999")
		stopC, doneC := make(chan struct{}), make(chan int)
		go func() {
			sent := 0
			defer func() { doneC <- sent }()
			for {
				select {
				case <-stopC:
					return
				default:
					_, _ = client.Write([]byte("x"))
					sent++
				}
			}
		}()
		updates := 0
		for start := time.Now(); updates < 20 || time.Since(start) < 300*time.Millisecond; updates++ {
			l.update(g, drops[updates%len(drops)])
		}
		close(stopC)
		t.Logf("%d datagrams met %d updates", <-doneC, updates)
		_ = server.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, _, err := server.ReadFrom(make([]byte, 16)); err == nil {
			t.Errorf("the host got a datagram of %d octets", n)
		}

		l.close(g) // and the test can fail
		_ = server.SetReadDeadline(time.Now().Add(2 * time.Second))
		_, _ = client.Write([]byte("y"))
		if _, _, err := server.ReadFrom(make([]byte, 16)); err != nil {
			t.Errorf("the host gets nothing without a drop: %v", err)
		}
	})
}

func TestNetnsManyPrefixes(t *testing.T) {
	both(t, func(t *testing.T, l *lab, install func(Drop) *Guard) {
		d := whole(vip)
		for i := range 5000 { // every second address: nothing to merge
			d.Prefixes = append(d.Prefixes,
				netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 99, byte(i >> 7), byte(i << 1)}), 32),
				netip.PrefixFrom(netip.AddrFrom16([16]byte{0xfd, 14: byte(i >> 7), 15: byte(i << 1)}), 128))
		}
		d.Prefixes = append(d.Prefixes, netip.MustParsePrefix("255.255.255.255/32"))
		g := install(Drop{})
		start := time.Now()
		l.update(g, d)
		t.Logf("%d prefixes in %v", len(d.Prefixes), time.Since(start))
		l.expect("many", map[string]bool{vip + ":80": false, "10.77.0.5:80": true})
		l.close(g)
	})
}

// TestNetnsInstall finds the best way by itself, takes away what an earlier run
// left, and closes even when the interface is gone.
func TestNetnsInstall(t *testing.T) {
	l := newLab(t)
	index := l.lb.Index("eth1")
	install := func(kind string, d Drop, caps ...int) (g *Guard) {
		t.Helper()
		l.lb.Do(func() {
			withEffective(t, func() {
				var err error
				if g, err = Install(index, "eth1", d); err != nil {
					t.Fatal(err)
				}
			}, caps...)
		})
		if g.Kind() != kind {
			t.Errorf("with capabilities %v: %s, want %s", caps, g.Kind(), kind)
		}
		return g
	}

	_ = install("nft", whole("10.77.0.5"), unix.CAP_NET_ADMIN) // never closed: a crash
	l.expect("crashed", map[string]bool{"10.77.0.5:80": false})
	second := install("nft", whole(vip), unix.CAP_NET_ADMIN)
	l.expect("replaced", map[string]bool{"10.77.0.5:80": true, vip + ":80": false})
	third := install("tcx", Drop{}, unix.CAP_NET_ADMIN, unix.CAP_BPF)
	l.expect("taken away", map[string]bool{vip + ":80": true})
	l.close(second)

	l.lb.Do(func() {
		withEffective(t, func() {
			_, err := Install(index, "eth1", Drop{})
			if _, ok := errors.AsType[*UnavailableError](err); !ok {
				t.Errorf("without capabilities: %v", err)
			}
		})
	})
	fourth := install("nft", whole(vip), unix.CAP_NET_ADMIN)
	l.lb.Delete("eth1")
	l.close(third)
	l.close(fourth)
}
