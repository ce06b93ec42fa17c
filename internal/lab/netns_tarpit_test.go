// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Pen's third command line: one captured address.
func TestNetnsTarpit(t *testing.T) {
	requireNetns(t, "nginx", "curl", "nmap", "arping")
	w := newWorld(t, HostSpec{})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	startCygnet(t, w.balancer, "-df", "-O", "acl 1 permit 10.77.0.66", "-O", "tarpit_acl 1", "-O", "dsr_if eth1", "10.77.0.10:80", "10.77.0.1", "10.77.0.2")
	w.waitServed(t, 5*time.Second)

	t.Run("nmap sees every port open", func(t *testing.T) {
		for _, scan := range []string{"-sT", "-sS"} {
			if got := w.openPorts(t, scan, "10.77.0.66"); got != 100 {
				t.Errorf("nmap %s: %d of 100 ports open", scan, got)
			}
		}
	})
	t.Run("curl hangs", func(t *testing.T) { w.hangs(t, "10.77.0.66") })
	t.Run("the next address is free", func(t *testing.T) {
		if r := run(t, w.client, "arping", "-c", "2", "-w", "2", "-i", NIC, "10.77.0.67"); r.Code == 0 {
			t.Errorf("somebody answers for 10.77.0.67:\n%s", r.Stdout)
		}
	})
	t.Run("the service works", func(t *testing.T) {
		if got := w.tallyServed(t, 10); got[""] != 0 {
			t.Errorf("of 10 pages: %v", got)
		}
	})
	w.noBadChecksums(t)
}

// Pen's fourth: everything but the real hosts.
func TestNetnsTarpitAllBut(t *testing.T) {
	requireNetns(t, "nginx", "curl", "nmap", "arping")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	args := []string{"-df"}
	for _, n := range []int{1, 2, 9, 100} {
		args = append(args, "-O", fmt.Sprintf("acl 1 deny 10.77.0.%d", n))
	}
	startCygnet(t, w.balancer, append(args, "-O", "tarpit_acl 1", "-O", "dsr_if eth1", "10.77.0.10:80", "10.77.0.1", "10.77.0.2")...)
	w.waitServed(t, 5*time.Second)

	for _, captured := range []string{"10.77.0.3", "10.77.0.250"} {
		t.Run(captured+" is captured", func(t *testing.T) {
			if got := w.openPorts(t, "-sT", captured); got != 100 {
				t.Errorf("nmap: %d of 100 ports open", got)
			}
			w.hangs(t, captured)
		})
	}
	t.Run("an address conflict probe stays unanswered", func(t *testing.T) {
		// RFC 5227 2.1.1: a probe has no sender address. An answer would keep
		// the host that wants the address from taking it.
		if r := run(t, w.client, "arping", "-0", "-c", "3", "-w", "3", "-i", NIC, "10.77.0.77"); r.Code == 0 {
			t.Errorf("somebody answers a probe for 10.77.0.77:\n%s", r.Stdout)
		}
	})
	t.Run("a server's address is its own", func(t *testing.T) {
		mac, err := w.servers[0].MAC()
		if err != nil {
			t.Fatal(err)
		}
		out := must(t, w.client, "arping", "-c", "3", "-w", "10", "-i", NIC, "10.77.0.1")
		if got := answerers(out); len(got) != 1 || got[0] != mac.String() {
			t.Errorf("%v answer for 10.77.0.1, want only %v", got, mac)
		}
	})
	t.Run("the service works", func(t *testing.T) {
		if got := w.tallyServed(t, 10); got[""] != 0 {
			t.Errorf("of 10 pages: %v", got)
		}
	})
	w.noBadChecksums(t)
}

// openPorts counts which of an address's first hundred ports nmap calls open.
func (w *world) openPorts(t *testing.T, scan, address string) int {
	t.Helper()
	out := must(t, w.client, "nmap", "-n", scan, "-p", "1-100", "-oG", "-", address)
	return strings.Count(out, "/open/tcp")
}

// hangs checks that a connection to the address opens, and that nothing more
// comes until curl's patience ends (exit status 28).
func (w *world) hangs(t *testing.T, address string) {
	t.Helper()
	r := run(t, w.client, "curl", "-s", "-m", "3", "-w", "%{time_connect}", "http://"+address+"/")
	connected, _ := strconv.ParseFloat(r.Stdout, 64) // no number, no connection
	if r.Code != 28 || connected == 0 {
		t.Errorf("curl to %s: exit status %d, connected after %q s; want 28 and a connection", address, r.Code, r.Stdout)
	}
}

// noBadChecksums checks what the client's kernel thinks of the frames that
// were made for it: Pen's are all wrong, and nmap -sS does not look.
func (w *world) noBadChecksums(t *testing.T) {
	t.Helper()
	for name, n := range tcpCounters(t, w.client) {
		if name == "InCsumErrors" && n != 0 {
			t.Errorf("the client received %d TCP segments with a wrong checksum", n)
		}
	}
}

// tcpCounters reads the host's TCP counters (RFC 4022 and the kernel's own).
func tcpCounters(t *testing.T, h *Host) map[string]int {
	t.Helper()
	var text []byte
	err := h.Do(func() (err error) {
		text, err = os.ReadFile("/proc/thread-self/net/snmp")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// Two lines begin "Tcp:": the names, then the values.
	var names []string
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] != "Tcp:" {
			continue
		}
		if names == nil {
			names = f
			continue
		}
		counters := map[string]int{}
		for i, v := range f[1:] {
			counters[names[i+1]], _ = strconv.Atoi(v) // MaxConn is -1; all are numbers
		}
		return counters
	}
	t.Fatalf("no TCP counters in\n%s", text)
	return nil
}
