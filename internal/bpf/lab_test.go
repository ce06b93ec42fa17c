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

// lbMAC is the balancer's.
func lbMAC() wire.MAC { return wire.MAC{2, 0, 0, 0, 0, 1} }

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
	nstest.Veth(l.lb, "eth1", lbMAC().String(), l.client, "eth0", "02:00:00:00:00:02")
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

// tap opens a packet socket on the balancer.
func (l *lab) tap() *packet.Conn { return l.raw(l.lb, "eth1") }

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

// behind returns a function that sends a frame from the client and tells whether
// it gets past the drop: whether a counter in a chain of nftables behind it saw
// it. The frame must have the source that ether gives it.
func (l *lab) behind() (passes func(frame []byte) bool) {
	l.t.Helper()
	conn, table := &nftables.Conn{}, &nftables.Table{Family: nftables.TableFamilyNetdev, Name: "behind"}
	chain := &nftables.Chain{
		Table: table, Name: "ingress", Type: nftables.ChainTypeFilter, Device: "eth1",
		Hooknum: nftables.ChainHookIngress, Priority: nftables.ChainPriorityRef(priority + 1),
	}
	frame := ether(lbMAC(), wire.EtherTypeARP, nil)
	marker := slices.Concat(frame[:11], []byte{0xaa}, frame[12:]) // another source; ARP always passes
	l.lb.Do(func() {
		conn.AddTable(table)
		conn.AddChain(chain)
		for _, src := range [][]byte{frame[6:12], marker[6:12]} {
			conn.AddRule(&nftables.Rule{Table: table, Chain: chain, Exprs: []expr.Any{
				&expr.Payload{Base: expr.PayloadBaseLLHeader, Offset: 6, Len: 6, DestRegister: firstRegister},
				&expr.Cmp{Op: expr.CmpOpEq, Register: firstRegister, Data: src},
				&expr.Counter{},
			}})
		}
		if err := conn.Flush(); err != nil {
			l.t.Fatal(err)
		}
	})
	count := func(rule int) (n uint64) {
		l.lb.Do(func() {
			rules, err := conn.GetRules(table, chain)
			if err != nil || len(rules) != 2 {
				l.t.Fatalf("read counters: %d rules, %v", len(rules), err)
			}
			n = rules[rule].Exprs[2].(*expr.Counter).Packets
		})
		return n
	}
	client := l.raw(l.client, "eth0")
	return func(frame []byte) bool {
		l.t.Helper()
		passed, marked := count(0), count(1)
		for _, f := range [][]byte{frame, marker} {
			if _, err := client.WriteTo(f, &packet.Addr{HardwareAddr: f[:6]}); err != nil {
				l.t.Fatal(err)
			}
		}
		for deadline := time.Now().Add(2 * time.Second); count(1) == marked; {
			if time.Now().After(deadline) {
				l.t.Fatal("a frame that passes did not arrive")
			}
		}
		return count(0) > passed
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
