// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cygnet/engine"
)

// Tests that mostly wait, all at once on one segment.

// fewRetries makes a client give up after some 7 s without an answer, instead of a
// quarter of an hour.
const fewRetries = "4"

// holdsFor is how long a client must be held at least.
const holdsFor = 60 * time.Second

// TestNetnsTarpitTakesTime has a segment with three tarpits: one for scanners, one
// that is killed and started again while it holds clients, and one that leaves its
// clients alone, as Pen's does. None captures what another may.
func TestNetnsTarpitTakesTime(t *testing.T) {
	requireNetns(t, "nginx", "curl", "nmap", "ss")
	w, _ := newPit(t)
	restarted := addHost(t, w.lab, HostSpec{Name: "restarted", Addrs: onSegment(7)})
	p := startCygnet(t, restarted, append(options("acl 1 permit 10.77.0.128/28", "acl 1 permit fd77::80/124", "tarpit_acl 1", "dsr_if eth1"),
		"-df", "10.77.0.11:80", "10.77.0.1")...)
	synack := addHost(t, w.lab, HostSpec{Name: "synack", Addrs: onSegment(6)})
	startCygnet(t, synack, append(options("acl 1 permit 10.77.0.192/28", "tarpit_acl 1", "tarpit_mode synack", "dsr_if eth1"),
		"-df", "10.77.0.12:80", "10.77.0.1")...)
	began := time.Now()

	t.Run("nmap -sV", func(t *testing.T) {
		t.Parallel()
		w.takesLong(t)
	})
	t.Run("clients stay", func(t *testing.T) {
		t.Parallel()
		w.holdsClients(t, restarted, p)
	})
	t.Run("without persist clients go", func(t *testing.T) {
		t.Parallel()
		h := w.impatient(t, "c3", 53, true)
		c := w.hold(t, h, "10.77.0.200:80")
		select {
		case err := <-c.gone:
			if took := time.Since(c.since); took > 10*time.Second || !errors.Is(err, syscall.ETIMEDOUT) {
				t.Errorf("after %v: %v, want a timeout within 10 s", took, err)
			}
		case <-time.After(20 * time.Second):
			t.Error("the client is still there: its kernel does not do what these tests are about")
		}
	})
	t.Run("the segment is known before anybody asks", func(t *testing.T) {
		t.Parallel()
		w.scannedAhead(t, began)
	})
}

// takesLong runs nmap's version detection against a captured address and a host that
// serves pages.
func (w *world) takesLong(t *testing.T) {
	scan := func(addr string) *Process {
		return start(t, w.client.Command("nmap", "-n", "-sV", "-p", "22,80,443", addr))
	}
	real, captured := scan("10.77.0.1"), scan(pitAddr)
	began := time.Now()
	waitEnd(t, real, 15*time.Second)
	t.Logf("a real host takes %.1f s", time.Since(began).Seconds())
	select {
	case <-captured.Done():
		t.Errorf("a captured address takes %.1f s, want over 180:\n%s", time.Since(began).Seconds(), captured.Output())
	case <-time.After(180 * time.Second): // what is promised
		t.Log("a captured address takes over 180 s")
	}
	captured.Kill()
}

// impatient adds a client whose kernel gives up soon.
func (w *world) impatient(t *testing.T, name string, n int, timestamps bool) *Host {
	t.Helper()
	h := addHost(t, w.lab, HostSpec{Name: name, Addrs: onSegment(n)})
	err := errors.Join(h.Sysctl("net/ipv4/tcp_retries2", fewRetries), h.Sysctl("net/ipv4/tcp_timestamps", flag(timestamps)))
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// held is a client that has sent 300 bytes and waits for an answer.
type held struct {
	conn  *net.TCPConn
	since time.Time
	gone  chan error // what ended it
}

// hold connects from a host, which has learned before where the address is: by a SYN
// that waited for that, the kernel would take the way for a second long.
func (w *world) hold(t *testing.T, h *Host, to string) *held {
	t.Helper()
	w.captured(t, h, netip.MustParseAddrPort(to).Addr().String())
	c := &held{gone: make(chan error, 1)}
	err := h.Do(func() error {
		conn, err := net.DialTimeout("tcp", to, 10*time.Second)
		if err != nil {
			return err
		}
		c.conn, c.since = conn.(*net.TCPConn), time.Now()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { abort(c.conn) })
	if _, err := c.conn.Write(make([]byte, 300)); err != nil {
		t.Fatal(err)
	}
	go func() { // until the connection ends
		_, err := c.conn.Read(make([]byte, 1))
		c.gone <- err
	}()
	return c
}

// established says whether the client's kernel still thinks so.
func (c *held) established() bool {
	raw, err := c.conn.SyscallConn()
	if err != nil {
		return false
	}
	is := false
	_ = raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		is = err == nil && info.State == unix.BPF_TCP_ESTABLISHED
	})
	return is
}

// holdsClients holds clients of both families, with timestamps and without, while the
// tarpit is killed and comes back with the same secret.
func (w *world) holdsClients(t *testing.T, at *Host, p *Process) {
	var all []*held
	clients := []*Host{w.impatient(t, "c1", 51, true), w.impatient(t, "c2", 52, false)}
	for i, h := range clients {
		for j, to := range []string{"10.77.0.130:80", "[fd77::82]:80"} {
			all = append(all, w.hold(t, h, strings.Replace(to, ":80", fmt.Sprint(":", 80+i+j), 1)))
		}
	}
	began := time.Now()
	stay := func(when string) {
		t.Helper()
		for _, c := range all {
			if !c.established() {
				t.Errorf("%s: the client of %v is gone after %v", when, c.conn.RemoteAddr(), time.Since(c.since))
			}
		}
	}
	// Probes come ever more seldom; the book has heard of each by then.
	eventually(t, 20*time.Second, "4 clients in the book", func() bool { return tarpitAt(t, at).Holds.Now == 4 })
	time.Sleep(time.Until(began.Add(15 * time.Second))) // what is held by then has been probed often
	p.Kill()
	time.Sleep(4 * time.Second) // without any tarpit
	startCygnet(t, at, p.Cmd.Args[5:]...)
	stay("after the restart")
	time.Sleep(time.Until(began.Add(holdsFor + time.Second)))
	stay("in the end")
	t.Logf("ss -tno:\n%s", must(t, clients[0], "ss", "-tno"))
	book := tarpitAt(t, at).Holds
	if book.Now != 4 {
		t.Errorf("%d clients are held, the book says; want 4", book.Now)
	}
	longest := book.Longest[0].Held
	t.Logf("held for %v, the book says %v", time.Since(began), longest)
	// Of those with timestamps it knows from their first answer after the restart on.
	if longest < holdsFor-5*time.Second || longest > time.Since(began)+30*time.Second {
		t.Errorf("the longest hold is of %v, after %v: it does not count on over the restart", longest, time.Since(began))
	}
}

// tarpitAt is what `tarpit json` tells.
func tarpitAt(t *testing.T, h *Host) (s engine.TarpitSnapshot) {
	t.Helper()
	if err := json.Unmarshal([]byte(h.tell(t, "tarpit json")), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// scannedAhead waits until the tarpit has had time to listen (30 s) and to ask the
// segment, and asks once for an address that nobody has asked for.
func (w *world) scannedAhead(t *testing.T, began time.Time) {
	h := addHost(t, w.lab, HostSpec{Name: "early", Addrs: onSegment(54)})
	p := newTap(t, h)
	addr := netip.MustParseAddr("10.77.0.205")
	time.Sleep(time.Until(began.Add(35 * time.Second)))
	p.send(t, net.HardwareAddr{255, 255, 255, 255, 255, 255}, "arp who-has "+addr.String()+" tell 10.77.0.54")
	eventually(t, 500*time.Millisecond, "an answer to the first who-has", func() bool { return len(p.isAt(addr)) > 0 })
}
