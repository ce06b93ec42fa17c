// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// Without a balancer: the segment itself, so that what fails in the other
// tests is the balancer's.

func TestNetnsSegmentCarriesTraffic(t *testing.T) {
	requireNetns(t, "nginx", "ab", "curl", "dnsmasq", "dig", "ping", "arping")
	w := newWorld(t, HostSpec{})
	s1 := w.servers[0]
	startNginx(t, s1, 80)
	startDNS(t, s1, "10.77.0.1")

	if got, want := curl(t, w.client, "http://10.77.0.1/who"), "s1 10.77.0.100\n"; got != want {
		t.Errorf("over IPv4: got %q, want %q", got, want)
	}
	if got, want := curl(t, w.client, "http://[fd77::1]/who"), "s1 fd77::100\n"; got != want {
		t.Errorf("over IPv6: got %q, want %q", got, want)
	}
	if got := dig(t, w.client, "10.77.0.1"); got != "s1" {
		t.Errorf("dig: got %q, want s1", got)
	}
	ab(t, w.client, 2000, "http://10.77.0.1/small")
	ab(t, w.client, 100, "http://10.77.0.1/big")
	must(t, w.client, "ping", "-c", "1", "-W", "2", "fd77::2")
}

func TestNetnsServersKeepQuietAboutTheirVIP(t *testing.T) {
	requireNetns(t, "arping", "ping")
	w := newWorld(t, HostSpec{})
	if r := run(t, w.client, "arping", "-c", "2", "-w", "2", "-i", NIC, vip); r.Code == 0 {
		t.Errorf("somebody answers ARP for %s:\n%s", vip, r.Stdout)
	}
	if r := run(t, w.client, "ping", "-c", "1", "-W", "1", vip6); r.Code == 0 {
		t.Errorf("somebody answers for %s:\n%s", vip6, r.Stdout)
	}
	must(t, w.client, "arping", "-c", "1", "-w", "5", "-i", NIC, "10.77.0.1")
}

func TestNetnsNIC(t *testing.T) {
	requireNetns(t, "ping")
	w := newWorld(t, HostSpec{})
	s1 := w.servers[0]
	reachable := func() bool {
		return run(t, w.client, "ping", "-c", "1", "-W", "1", "10.77.0.1").Code == 0
	}
	if !reachable() {
		t.Fatal("s1 is unreachable from the start")
	}
	for name, change := range map[string][2]func() error{
		"link down":   {func() error { return s1.LinkDown(NIC) }, func() error { return s1.LinkUp(NIC) }},
		"unplugged":   {s1.Unplug, s1.Plug},
		"NIC deleted": {s1.DeleteNIC, func() error { return s1.AddNIC(hostMAC(0x1234)) }},
	} {
		if err := change[0](); err != nil {
			t.Fatal(err)
		}
		if reachable() {
			t.Errorf("%s: s1 still answers", name)
		}
		if err := change[1](); err != nil {
			t.Fatal(err)
		}
		// s1 speaks first: the client would believe in the address of the
		// old card for up to 45 s.
		eventually(t, 10*time.Second, name+", and back", func() bool {
			return run(t, s1, "ping", "-c", "1", "-W", "1", "10.77.0.100").Code == 0 && reachable()
		})
	}
	want := net.HardwareAddr{2, 0, 0, 0, 0, 9}
	if err := s1.SetMAC(want); err != nil {
		t.Fatal(err)
	}
	if got, err := s1.MAC(); err != nil || got.String() != want.String() {
		t.Errorf("MAC: got %v, %v; want %v", got, err, want)
	}
	before, err := s1.Counters()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, "reachable at the new MAC", func() bool {
		return run(t, s1, "ping", "-c", "1", "-W", "1", "10.77.0.100").Code == 0 && reachable()
	})
	if after, err := s1.Counters(); err != nil || after.RxFrames <= before.RxFrames {
		t.Errorf("counters: got %+v, %v; before %+v", after, err, before)
	}
	if mac, err := w.client.Neighbour(netip.MustParseAddr("10.77.0.1")); err != nil || mac.String() != want.String() {
		t.Errorf("the client's neighbour: got %v, %v; want %v", mac, err, want)
	}
}

func TestNetnsOffloads(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{})
	for _, o := range []Offload{Segmentation, TxChecksum, Merging} {
		for _, on := range []bool{false, true} {
			if err := w.client.SetOffload(o, on); err != nil {
				t.Error(err)
			}
			if err := w.client.SetPortOffload(o, on); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestNetnsCloseEndsEverything(t *testing.T) {
	requireNetns(t, "setsid", "sleep")
	l := newLab(t, Options{})
	h := addHost(t, l, HostSpec{Name: "h"})
	p := h.Command("sleep", "1000")
	// A daemon leaves its process group, and its parent.
	daemon := h.Command("setsid", "--fork", "sleep", "1000")
	for _, p := range []*Process{p, daemon} {
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
	}
	inodes := namespaceInodes(l.namespaces())
	eventually(t, 5*time.Second, "both sleep", func() bool { return len(markedProcesses(l.name, inodes)) == 2 })
	dir := l.Dir()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if left := markedProcesses(l.name, inodes); len(left) != 0 {
		t.Errorf("processes %v live on", left)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there", dir)
	}
	if err := h.Command("true").Start(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("start after Close: got %v, want %v", err, os.ErrClosed)
	}
}

func TestNetnsNewRemovesWhatADeadProcessLeft(t *testing.T) {
	requireNetns(t, "setsid", "sleep")
	// The child builds a lab, leaves a daemon in it and dies without a word.
	child := exec.Command("/proc/self/exe", crashWord)
	out, err := child.CombinedOutput()
	stale, pid, ok := splitName(strings.TrimSpace(string(out)))
	if !ok || alive(pid) {
		t.Fatalf("the child says %q, %v; want the name of its lab, and to be dead", out, err)
	}
	inodes := namespaceInodes([]string{stale + "-switch", stale + "-h"})
	if len(inodes) != 2 || len(markedProcesses(stale, inodes)) != 1 {
		t.Fatalf("the child left namespaces %v, processes %v; want two and one", inodes, markedProcesses(stale, inodes))
	}
	newLab(t, Options{})
	if got := namespaceInodes([]string{stale + "-switch", stale + "-h"}); len(got) != 0 {
		t.Errorf("namespaces %v are still there", got)
	}
	if got := markedProcesses(stale, inodes); len(got) != 0 {
		t.Errorf("processes %v live on", got)
	}
	if _, err := os.Stat(filepath.Join(labDir, stale)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder of %s is still there", stale)
	}
}

// crashWord makes the test binary do what crash does.
const crashWord = "lab-crash"

// crash builds a lab with a daemon in it, prints its name and dies as by the
// kernel's out-of-memory killer.
func crash() {
	l, err := New("crash", Options{})
	if err == nil {
		var h *Host
		if h, err = l.AddHost(HostSpec{Name: "h"}); err == nil {
			err = h.Command("setsid", "--fork", "sleep", "1000").Run(context.Background())
		}
	}
	if err != nil {
		fmt.Println(err)
	} else {
		fmt.Println(l.name)
	}
	_ = unix.Kill(os.Getpid(), unix.SIGKILL)
}
