// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package bpf

import (
	"errors"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/mdlayher/packet"
	"golang.org/x/sys/unix"

	"cygnet/internal/link/nstest"
	"cygnet/internal/wire"
)

const vip = "10.77.0.10"

// lab is a balancer that holds the VIP itself, so that its kernel would answer
// for it, and a client beside it.
type lab struct {
	t          *testing.T
	lb, client *nstest.NS
}

func newLab(t *testing.T) *lab {
	t.Helper()
	nstest.Require(t)
	l := &lab{t: t, lb: nstest.New(t, "lb"), client: nstest.New(t, "client")}
	nstest.Veth(l.lb, "eth1", "02:00:00:00:00:01", l.client, "eth0", "02:00:00:00:00:02")
	l.lb.Addr("eth1", "10.77.0.5/24")
	l.lb.Addr("eth1", vip+"/32")
	l.lb.Addr("eth1", "fd00:77::10/64")
	l.client.Addr("eth0", "10.77.0.9/24")
	l.client.Addr("eth0", "fd00:77::9/64")
	l.client.Sysctl("ipv6/neigh/eth0/retrans_time_ms", "30")
	return l
}

// both runs a test with each way of installing a drop.
func both(t *testing.T, f func(t *testing.T, l *lab, install func(Drop) *Guard)) {
	nstest.Require(t)
	for _, kind := range []string{"tcx", "nft"} {
		t.Run(kind, func(t *testing.T) {
			l := newLab(t)
			index := l.lb.Index("eth1")
			f(t, l, func(d Drop) (g *Guard) {
				t.Helper()
				l.lb.Do(func() { g = installOnly(t, kind, index, d) })
				return g
			})
		})
	}
}

// installOnly installs a drop by one kind.
func installOnly(t *testing.T, kind string, index int, d Drop) *Guard {
	t.Helper()
	r, err := d.rules()
	if err != nil {
		t.Fatal(err)
	}
	var in installed
	if kind == "tcx" {
		in, err = installTCX(index, r)
	} else {
		in, err = installNFT("eth1", r)
	}
	if err != nil {
		t.Fatal(err)
	}
	g := &Guard{in: in}
	if g.Kind() != kind {
		t.Errorf("Kind() = %q, want %q", g.Kind(), kind)
	}
	return g
}

// update changes the drop in the balancer's namespace.
func (l *lab) update(g *Guard, d Drop) {
	l.t.Helper()
	l.lb.Do(func() {
		if err := g.Update(d); err != nil {
			l.t.Fatal(err)
		}
	})
}

// close takes the drop down.
func (l *lab) close(g *Guard) {
	l.t.Helper()
	l.lb.Do(func() {
		if err := g.Close(); err != nil {
			l.t.Fatal(err)
		}
	})
}

// answered tells whether the balancer's kernel answers a TCP connection, be it
// by a reset.
func (l *lab) answered(hostport string) (yes bool) {
	l.t.Helper()
	l.client.Do(func() {
		c, err := net.DialTimeout("tcp", hostport, 100*time.Millisecond)
		switch {
		case err == nil:
			_ = c.Close()
			yes = true
		case errors.Is(err, unix.ECONNREFUSED):
			yes = true
		case !errors.Is(err, unix.ETIMEDOUT) && !isTimeout(err):
			l.t.Fatalf("connect %s: %v", hostport, err)
		}
	})
	return yes
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// expect checks which of the balancer's ports are answered.
func (l *lab) expect(when string, want map[string]bool) {
	l.t.Helper()
	for hostport, yes := range want {
		if got := l.answered(hostport); got != yes {
			l.t.Errorf("%s: kernel answers for %s: %v, want %v", when, hostport, got, yes)
		}
	}
}

func whole(ss ...string) (d Drop) {
	for _, s := range ss {
		a := netip.MustParseAddr(s)
		d.Prefixes = append(d.Prefixes, netip.PrefixFrom(a, a.BitLen()))
	}
	return d
}

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

// TestNetnsVLANsAreLeftAlone sends tagged frames for a dropped address: those
// with a VID get past the drop, for which a counter stands behind it.
func TestNetnsVLANsAreLeftAlone(t *testing.T) {
	both(t, func(t *testing.T, l *lab, install func(Drop) *Guard) {
		g := install(whole(vip))
		defer l.close(g)
		passed := l.counter()
		client := l.sender()
		plain := ether(wire.MAC{2, 0, 0, 0, 0, 1}, wire.EtherTypeIPv4, v4(vip, 17, 0, 0, l4(9)))
		for _, tt := range []struct {
			name string
			tag  []byte
			want uint64
		}{
			{"untagged", nil, 0},
			{"priority alone", []byte{0x81, 0x00, 0xe0, 0x00}, 0},
			{"VID 5", []byte{0x81, 0x00, 0x00, 0x05}, 1},
			{"VID 256 with priority", []byte{0x81, 0x00, 0xe1, 0x00}, 2},
			{"provider's VID 5", []byte{0x88, 0xa8, 0x00, 0x05}, 3},
		} {
			frame := slices.Concat(plain[:12], tt.tag, plain[12:])
			if _, err := client.WriteTo(frame, &packet.Addr{HardwareAddr: net.HardwareAddr(plain[:6])}); err != nil {
				t.Fatal(err)
			}
			if got := passed(); got != tt.want {
				t.Errorf("%s: %d frames got past the drop, want %d", tt.name, got, tt.want)
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
		for start := time.Now(); time.Since(start) < 400*time.Millisecond; updates++ {
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

// tap opens a packet socket on the balancer.
func (l *lab) tap() *packet.Conn { return l.raw(l.lb, "eth1") }

// sender opens a packet socket on the client.
func (l *lab) sender() *packet.Conn { return l.raw(l.client, "eth0") }

func (l *lab) raw(n *nstest.NS, ifname string) (c *packet.Conn) {
	l.t.Helper()
	n.Do(func() {
		ifi, err := net.InterfaceByName(ifname)
		if err == nil {
			c, err = packet.Listen(ifi, packet.Raw, unix.ETH_P_ALL, nil)
		}
		if err != nil {
			l.t.Fatal(err)
		}
	})
	l.t.Cleanup(func() { _ = c.Close() })
	return c
}

// sees waits for a TCP segment to that address and port at the tap.
func sees(t *testing.T, tap *packet.Conn, dst string, port uint16) bool {
	t.Helper()
	want, b := netip.MustParseAddr(dst).AsSlice(), make([]byte, 2048)
	_ = tap.SetReadDeadline(time.Now().Add(2 * time.Second))
	for {
		n, _, err := tap.ReadFrom(b)
		if err != nil {
			return false
		}
		if n >= 54 && b[12] == 8 && b[23] == wire.ProtoTCP && slices.Equal(b[30:34], want) &&
			slices.Equal(b[36:38], []byte{byte(port >> 8), byte(port)}) {
			return true
		}
	}
}

func (l *lab) listenUDP(addr string) (c net.PacketConn) {
	l.t.Helper()
	l.lb.Do(func() {
		var err error
		if c, err = net.ListenPacket("udp", addr); err != nil {
			l.t.Fatal(err)
		}
	})
	l.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (l *lab) dialUDP(addr string) (c net.Conn) {
	l.t.Helper()
	l.client.Do(func() {
		var err error
		if c, err = net.Dial("udp", addr); err != nil {
			l.t.Fatal(err)
		}
	})
	l.t.Cleanup(func() { _ = c.Close() })
	return c
}

// counter counts the packets for the VIP that get past the drop: in a chain of
// nftables behind both kinds of it.
func (l *lab) counter() (passed func() uint64) {
	l.t.Helper()
	conn, table := &nftables.Conn{}, &nftables.Table{Family: nftables.TableFamilyNetdev, Name: "counter"}
	chain := &nftables.Chain{
		Table: table, Name: "ingress", Type: nftables.ChainTypeFilter, Device: "eth1",
		Hooknum: nftables.ChainHookIngress, Priority: nftables.ChainPriorityRef(priority + 1),
	}
	l.lb.Do(func() {
		conn.AddTable(table)
		conn.AddChain(chain)
		conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: []expr.Any{
			&expr.Payload{Base: expr.PayloadBaseNetworkHeader, Offset: 16, Len: 4, DestRegister: firstRegister},
			&expr.Cmp{Op: expr.CmpOpEq, Register: firstRegister, Data: netip.MustParseAddr(vip).AsSlice()},
			&expr.Counter{},
		}})
		if err := conn.Flush(); err != nil {
			l.t.Fatal(err)
		}
	})
	return func() (n uint64) {
		l.lb.Do(func() {
			rules, err := conn.GetRules(table, chain)
			if err != nil || len(rules) != 1 {
				l.t.Fatalf("read counter: %d rules, %v", len(rules), err)
			}
			n = rules[0].Exprs[2].(*expr.Counter).Packets
		})
		return n
	}
}

// withEffective runs f while only those capabilities are in effect.
func withEffective(t *testing.T, f func(), caps ...int) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var all [2]unix.CapUserData
	if err := unix.Capget(&hdr, &all[0]); err != nil {
		t.Fatal(err)
	}
	few := all
	few[0].Effective, few[1].Effective = 0, 0
	for _, c := range caps {
		few[c/32].Effective |= 1 << (c % 32)
	}
	if err := unix.Capset(&hdr, &few[0]); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := unix.Capset(&hdr, &all[0]); err != nil {
			t.Fatal(err)
		}
	}()
	f()
}
