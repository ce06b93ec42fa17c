// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package nstest makes network namespaces for tests of the drivers: a few hosts
// on veth pairs, in threads of the test itself. Whole segments with programs in
// them are package lab's.
package nstest

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// NS is a network namespace of one test. It is removed when the test ends.
type NS struct {
	t      testing.TB
	handle netns.NsHandle
}

// Require skips the test, with the reason, unless REQUIRE_NETNS=1 says that it
// must run. Then lacking privilege fails it.
func Require(t testing.TB) {
	t.Helper()
	if os.Getenv("REQUIRE_NETNS") != "1" {
		t.Skip("needs root and its own network namespaces: set REQUIRE_NETNS=1")
	}
	if os.Geteuid() != 0 {
		t.Fatal("REQUIRE_NETNS=1 needs root")
	}
}

// New makes a namespace, named after the test, the process and the role it plays
// there, with its loopback up. The name is of the form cygnet-TEST-PID-ROLE, so
// that package lab removes what a crashed run left.
func New(t testing.TB, role string) *NS {
	t.Helper()
	test := strings.NewReplacer("/", "", "_", "", "TestNetns", "", "BenchmarkNetns", "").Replace(t.Name())
	name := fmt.Sprintf("cygnet-%s-%d-%s", strings.ToLower(test), os.Getpid(), role)

	n := &NS{t: t}
	inside(t, func() (err error) {
		n.handle, err = netns.NewNamed(name)
		return err
	}, func() {})
	t.Cleanup(func() {
		_ = n.handle.Close()
		if err := netns.DeleteNamed(name); err != nil {
			t.Errorf("remove namespace %s: %v", name, err)
		}
	})
	n.Up("lo")
	return n
}

// Do runs f with the calling goroutine's thread in the namespace. Goroutines
// that f starts are not in it; sockets that f opens stay in it.
func (n *NS) Do(f func()) {
	n.t.Helper()
	inside(n.t, func() error { return netns.Set(n.handle) }, f)
}

// inside runs f between a change of the thread's namespace and the way back.
func inside(t testing.TB, enter func() error, f func()) {
	t.Helper()
	runtime.LockOSThread()
	home, err := netns.Get()
	if err != nil {
		t.Fatalf("get namespace: %v", err)
	}
	defer home.Close()
	defer func() {
		// A thread that cannot go home is never given back: it ends with its goroutine.
		if err := netns.Set(home); err != nil {
			t.Errorf("return to namespace: %v", err)
			return
		}
		runtime.UnlockOSThread()
	}()
	if err := enter(); err != nil {
		t.Fatalf("enter namespace: %v", err)
	}
	f()
}

// Veth makes a pair of Ethernet interfaces, one end in each namespace, with
// the given locally administered addresses, and sets both up.
func Veth(a *NS, nameA, macA string, b *NS, nameB, macB string) {
	a.t.Helper()
	a.Do(func() {
		attrs := netlink.NewLinkAttrs()
		attrs.Name, attrs.HardwareAddr = nameA, hardware(a.t, macA)
		pair := &netlink.Veth{
			LinkAttrs: attrs,
			PeerName:  nameB, PeerHardwareAddr: hardware(a.t, macB),
			PeerNamespace: netlink.NsFd(b.handle),
		}
		if err := netlink.LinkAdd(pair); err != nil {
			a.t.Fatalf("add veth %s-%s: %v", nameA, nameB, err)
		}
	})
	a.Up(nameA)
	b.Up(nameB)
}

// hardware parses a MAC address that must be right.
func hardware(t testing.TB, s string) net.HardwareAddr {
	t.Helper()
	mac, err := net.ParseMAC(s)
	if err != nil {
		t.Fatal(err)
	}
	return mac
}

// Up sets an interface up.
func (n *NS) Up(name string) { n.link(name, "up", netlink.LinkSetUp) }

// Down sets an interface down.
func (n *NS) Down(name string) { n.link(name, "down", netlink.LinkSetDown) }

// Delete removes an interface, and so its peer.
func (n *NS) Delete(name string) { n.link(name, "delete", netlink.LinkDel) }

// Index gives an interface's number.
func (n *NS) Index(name string) (index int) {
	n.link(name, "find", func(l netlink.Link) error { index = l.Attrs().Index; return nil })
	return index
}

// link does something to an interface of the namespace.
func (n *NS) link(name, what string, f func(netlink.Link) error) {
	n.t.Helper()
	n.Do(func() {
		l, err := netlink.LinkByName(name)
		if err == nil {
			err = f(l)
		}
		if err != nil {
			n.t.Fatalf("%s %s: %v", what, name, err)
		}
	})
}

// Addr gives an interface an address with its subnet, usable at once.
func (n *NS) Addr(name, prefix string) {
	n.t.Helper()
	p := netip.MustParsePrefix(prefix)
	n.link(name, "address "+prefix+" on", func(l netlink.Link) error {
		a, err := netlink.ParseAddr(p.String())
		if err != nil {
			return err
		}
		if p.Addr().Is6() {
			a.Flags = unix.IFA_F_NODAD
		}
		return netlink.AddrAdd(l, a)
	})
}

// Sysctl writes a setting below /proc/sys/net.
func (n *NS) Sysctl(path, value string) {
	n.t.Helper()
	n.Do(func() {
		if err := os.WriteFile("/proc/sys/net/"+path, []byte(value), 0o644); err != nil {
			n.t.Fatalf("sysctl: %v", err)
		}
	})
}
