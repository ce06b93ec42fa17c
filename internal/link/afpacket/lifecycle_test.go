// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vishvananda/netlink/nl"
	"golang.org/x/sys/unix"

	"cygnet/internal/link/nstest"
	"cygnet/internal/wire"
)

func TestNetnsLinkDownAndUp(t *testing.T) {
	lb, client := segment(t)
	lbQ, clientQ := open(t, lb, "eth1", forVIP()), open(t, client, "eth0", forVIP())
	b := wire.NewBatch(4, 4096)
	for range 2 {
		reach(t, clientQ, lbQ, b)
		lb.Down("eth1")
		silent(t, lbQ, "a queue whose link is down")
		lb.Up("eth1")
	}
	reach(t, clientQ, lbQ, b)
	if st := lbQ.Stats(); st.RecvErrors == 0 {
		t.Errorf("going down was not counted: %+v", st)
	}
}

// TestNetnsInterfaceVanishesAndReturns keeps a worker in Recv all the time: it
// must neither spin nor end while the interface is gone, and must find the new
// socket by itself. The memberships follow.
func TestNetnsInterfaceVanishesAndReturns(t *testing.T) {
	lb, client := segment(t)
	q := open(t, lb, "eth1", forVIP())
	group := wire.SolicitedNode(netip.MustParseAddr("fd00::10"))
	join(t, lb, q, group)
	member := func() bool {
		return contains(t, lb, "dev_mcast", "eth1", "3333ff000010") &&
			contains(t, lb, "igmp6", "eth1", "ff0200000000000000000001ff000010")
	}
	if !member() {
		t.Fatal("not a member of the solicited-node group")
	}

	var calls, frames atomic.Int64
	doneC := make(chan error, 1)
	go func() {
		b := wire.NewBatch(4, 4096)
		for {
			if err := q.Recv(b); err != nil {
				doneC <- err
				return
			}
			calls.Add(1)
			frames.Add(int64(b.N))
		}
	}()

	lb.Delete("eth1")
	before := calls.Load()
	poll(t, "the worker to call again", func() bool { return calls.Load() >= before+4 })
	if n := calls.Load() - before; n > 20 {
		t.Errorf("Recv returned %d times in about four waits: it spins", n)
	}
	if err := q.Send(put(wire.NewBatch(1, 4096), toVIP(60))); err != nil {
		t.Errorf("Send without an interface: %v", err)
	}

	nstest.Veth(lb, "eth1", lbMAC, client, "eth0", clientMAC)
	index := lb.Index("eth1")
	lb.Do(func() {
		if err := q.Reopen(index); err != nil {
			t.Fatal(err)
		}
	})
	clientQ := open(t, client, "eth0", forVIP())
	send(t, clientQ, toVIP(60))
	poll(t, "a frame through the new socket", func() bool { return frames.Load() == 1 })
	if !member() {
		t.Error("the membership did not follow")
	}

	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-doneC; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Recv after Close: %v", err)
	}
	for name, err := range map[string]error{
		"Send": q.Send(put(wire.NewBatch(1, 4096), toVIP(60))), "SetFilter": q.SetFilter(Filter{}),
		"Reopen": q.Reopen(index), "Join": q.Join(nil, false),
	} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s after Close: %v", name, err)
		}
	}
}

func TestNetnsJoinIsTheSet(t *testing.T) {
	lb, _ := segment(t)
	q := open(t, lb, "eth1", forVIP())
	a, b := netip.MustParseAddr("ff02::1:ff00:a"), netip.MustParseAddr("ff02::1:ff00:b")
	for _, groups := range [][]netip.Addr{{a}, {a, b, b}, {b}, nil} {
		join(t, lb, q, groups...)
		for g, hex := range map[netip.Addr]string{a: "00000a", b: "00000b"} {
			want := false
			for _, w := range groups {
				want = want || w == g
			}
			if got := contains(t, lb, "dev_mcast", "eth1", "3333ff"+hex); got != want {
				t.Errorf("after Join(%v): interface takes %v: %v", groups, g, got)
			}
			if got := contains(t, lb, "igmp6", "eth1", "ff0200000000000000000001ff"+hex); got != want {
				t.Errorf("after Join(%v): kernel reports %v: %v", groups, g, got)
			}
		}
	}

	if err := q.Join([]netip.Addr{netip.MustParseAddr("10.0.0.1")}, false); err == nil {
		t.Error("joined what is no group")
	}
}

// TestNetnsJoinAll has the interface take what is for every group, for a new socket
// too, until that is taken back. (A veth pair takes everything by itself.)
func TestNetnsJoinAll(t *testing.T) {
	lb, _ := segment(t)
	q := open(t, lb, "eth1", Filter{ND: true})
	all := func(want bool) {
		t.Helper()
		lb.Do(func() {
			if err := q.Join(nil, want); err != nil {
				t.Fatal(err)
			}
		})
		if got := takesAll(t, lb, "eth1"); got != want {
			t.Errorf("every group: %t, want %t", got, want)
		}
	}
	all(true)
	all(true)
	lb.Do(func() {
		if err := q.Reopen(lb.Index("eth1")); err != nil {
			t.Fatal(err)
		}
	})
	all(true)
	all(false)
}

// takesAll asks the kernel whether the interface takes what is for every group.
func takesAll(t *testing.T, n *nstest.NS, ifname string) (all bool) {
	t.Helper()
	msg := nl.NewIfInfomsg(unix.AF_UNSPEC)
	msg.Index = int32(n.Index(ifname))
	n.Do(func() {
		req := nl.NewNetlinkRequest(unix.RTM_GETLINK, 0)
		req.AddData(msg)
		links, err := req.Execute(unix.NETLINK_ROUTE, unix.RTM_NEWLINK)
		if err != nil || len(links) != 1 {
			t.Fatal(len(links), err)
		}
		attrs, err := nl.ParseRouteAttr(links[0][unix.SizeofIfInfomsg:])
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range attrs {
			all = all || a.Attr.Type == unix.IFLA_ALLMULTI && binary.NativeEndian.Uint32(a.Value) > 0
		}
	})
	return all
}

// TestNetnsCapabilities opens a queue with CAP_NET_RAW alone, which must do,
// and without, which must say how to get it.
func TestNetnsCapabilities(t *testing.T) {
	lb, client := segment(t)
	index := lb.Index("eth1")
	clientQ := open(t, client, "eth0", forVIP())
	opt := Options{Filter: forVIP(), Wait: wait}

	var lbQ *Queue
	var bare, none error
	lb.Do(func() {
		withEffective(t, 1<<unix.CAP_NET_RAW, func() { lbQ, bare = Open("eth1", index, opt) })
		withEffective(t, 0, func() { _, none = Open("eth1", index, opt) })
	})
	if bare != nil {
		t.Fatalf("with CAP_NET_RAW alone: %v", bare)
	}
	defer lbQ.Close()
	send(t, clientQ, toVIP(60))
	recv(t, lbQ, wire.NewBatch(4, 4096))
	limit, err := os.ReadFile("/proc/sys/net/core/rmem_max")
	if err != nil {
		t.Fatal(err)
	}
	max, err := strconv.Atoi(strings.TrimSpace(string(limit)))
	if err != nil {
		t.Fatal(err)
	}
	notes := lbQ.Notes()
	if small := max < bufferBytes; small != (len(notes) == 1) {
		t.Errorf("rmem_max is %d, notes are %q", max, notes)
	}
	if len(notes) == 1 && !strings.Contains(notes[0], "net.core.rmem_max=8388608") {
		t.Errorf("the note has no hint: %q", notes[0])
	}

	denied, ok := errors.AsType[*PrivilegeError](none)
	if !ok {
		t.Fatalf("without CAP_NET_RAW: %v", none)
	}
	for _, want := range []string{"setcap cap_net_raw,cap_net_admin,cap_bpf+ep /", "AmbientCapabilities="} {
		if !strings.Contains(denied.Hint(), want) {
			t.Errorf("hint %q lacks %q", denied.Hint(), want)
		}
	}
}

// withEffective runs f while the thread, which must be locked, has only those of
// the first 32 capabilities in effect.
func withEffective(t *testing.T, caps uint32, f func()) {
	t.Helper()
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var all [2]unix.CapUserData
	if err := unix.Capget(&hdr, &all[0]); err != nil {
		t.Fatal(err)
	}
	few := all
	few[0].Effective, few[1].Effective = caps, 0
	if err := unix.Capset(&hdr, &few[0]); err != nil {
		t.Fatal(err)
	}
	f()
	if err := unix.Capset(&hdr, &all[0]); err != nil {
		t.Fatal(err)
	}
}

// join joins groups in the namespace.
func join(t *testing.T, n *nstest.NS, q *Queue, groups ...netip.Addr) {
	t.Helper()
	n.Do(func() {
		if err := q.Join(groups, false); err != nil {
			t.Fatal(err)
		}
	})
}

// contains looks for the words in one line of a table of /proc/net, as the
// namespace shows it.
func contains(t *testing.T, n *nstest.NS, table string, words ...string) (found bool) {
	t.Helper()
	n.Do(func() {
		b, err := os.ReadFile("/proc/thread-self/net/" + table)
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(b) {
			all := true
			for _, w := range words {
				all = all && strings.Contains(string(line), w)
			}
			found = found || all
		}
	})
	return found
}

// poll waits until the condition holds.
func poll(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(3 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
		runtime.Gosched()
	}
}
