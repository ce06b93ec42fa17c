// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// What the tests of the tarpit share. Their tarpits may capture 10.77.0.64 to .79
// and fd77::60 to ::6f; each test has addresses of its own among them.
const (
	pitAddr  = "10.77.0.66"
	pitAddr6 = "fd77::66"
)

func pitPrefixes() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("10.77.0.64/28"), netip.MustParsePrefix("fd77::60/124")}
}

// inPit says whether the tarpit may capture an address.
func inPit(a netip.Addr) bool {
	for _, p := range pitPrefixes() {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// pitArgs are a command line with such a tarpit and the web service.
func pitArgs(commands ...string) []string {
	var all []string
	for _, p := range pitPrefixes() {
		all = append(all, "acl 1 permit "+p.String())
	}
	return append(options(append(append(all, "tarpit_acl 1"), commands...)...), penWeb()...)
}

// newPit is a world whose balancer, at .9, has such a tarpit and serves pages.
func newPit(t *testing.T, commands ...string) (*world, *Process) {
	t.Helper()
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	w.startNginxes(t)
	p := startCygnet(t, w.balancer, pitArgs(commands...)...)
	w.waitServed(t, 10*time.Second)
	return w, p
}

// mac is a host's.
func mac(t *testing.T, h *Host) net.HardwareAddr {
	t.Helper()
	mac, err := h.MAC()
	if err != nil {
		t.Fatal(err)
	}
	return mac
}

// captured waits until the tarpit answers connections to an address, which it
// does once it knows that nobody has it.
func (w *world) captured(t *testing.T, h *Host, addr string) {
	t.Helper()
	eventually(t, 10*time.Second, addr+" is captured", func() bool {
		return h.Do(func() error {
			conn, err := net.DialTimeout("tcp", net.JoinHostPort(addr, "9"), time.Second)
			if err == nil {
				abort(conn)
			}
			return err
		}) == nil
	})
}

// abort closes a connection by RST: a tarpit never acknowledges a FIN.
func abort(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	conn.Close()
}
