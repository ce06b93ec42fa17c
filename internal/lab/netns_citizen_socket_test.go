// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
)

// runFolder is where control sockets are by default.
const runFolder = "/run/cygnet"

// Two balancers on interfaces of one name, in two network namespaces that share
// the file system: each has a control socket, and they are told apart.
func TestNetnsCitizenDefaultSocket(t *testing.T) {
	requireNetns(t)
	l := newLab(t, Options{})
	// Like no real interface's, as the sockets are where real ones are.
	ifname := fmt.Sprintf("cyt%d", os.Getpid())
	removeSockets(t, ifname)
	usual := filepath.Join(runFolder, ifname+".sock")
	first, second := addHost(t, l, HostSpec{Name: "first"}), addHost(t, l, HostSpec{Name: "second"})
	for _, h := range []*Host{first, second} {
		h.addPair(t, ifname)
	}
	args := []string{"-O", "secret " + filepath.Join(l.Dir(), "secret"), "-O", "dsr_if " + ifname, vip, "10.77.0.1"}
	boot := func(h *Host) *Process { return start(t, prepareCygnet(t, h, args...)) }
	// pid asks who listens.
	pid := func(socket string) string { return strings.TrimSpace(ctl(t, first, socket, "pid")) }
	is := func(p *Process) string { return fmt.Sprint(p.Cmd.Process.Pid) }

	a := boot(first)
	waitSays(t, a, 10*time.Second, usual)
	if got := pid(usual); got != is(a) {
		t.Errorf("process %s listens at %s, want %s", got, usual, is(a))
	}
	b := boot(second)
	beside := filepath.Join(runFolder, ifname+"."+is(b)+".sock")
	waitSays(t, b, 10*time.Second, "note: another cygnet listens at "+usual+", so this one does at "+beside+";")
	if got := pid(beside); got != is(b) {
		t.Errorf("process %s listens at %s, want %s", got, beside, is(b))
	}
	if got := pid(usual); got != is(a) {
		t.Errorf("now process %s listens at %s, want %s", got, usual, is(a))
	}

	t.Run("ctl lists both", func(t *testing.T) {
		r := finish(t, prepareCygnet(t, first, "ctl", "version"), 20*time.Second)
		several := strings.Contains(r.Stderr, "several are running: ") && strings.Contains(r.Stderr, usual) && strings.Contains(r.Stderr, beside)
		if r.Code != 1 || !several || !strings.Contains(r.Stderr, "hint: name the one that is meant") {
			t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
	})
	t.Run("a live one that was asked for is refused", func(t *testing.T) {
		r := finish(t, prepareCygnet(t, second, append([]string{"--socket", usual}, args...)...), 20*time.Second)
		if r.Code != 1 || !strings.Contains(r.Stderr, "another process listens there") || !strings.Contains(r.Stderr, "hint: another cygnet listens there") {
			t.Errorf("exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
		}
		if got := pid(usual); got != is(a) {
			t.Errorf("after that process %s listens at %s, want %s", got, usual, is(a))
		}
	})
	t.Run("a stale one is replaced", func(t *testing.T) {
		a.Kill()
		if _, err := os.Stat(usual); err != nil {
			t.Fatalf("killed, it left no socket: %v", err)
		}
		again := boot(first)
		waitSays(t, again, 10*time.Second, usual)
		if got := pid(usual); got != is(again) || strings.Contains(again.Output(), "another cygnet listens") {
			t.Errorf("process %s listens at %s, want %s", got, usual, is(again))
		}
		ends(t, again)
		ends(t, b)
		for _, path := range []string{usual, beside} {
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("at the end %s is still there, %v", path, err)
			}
		}
	})
}

// addPair adds an interface of that name to the host, with a peer beside it.
func (h *Host) addPair(t *testing.T, name string) {
	t.Helper()
	attrs := netlink.NewLinkAttrs()
	attrs.Name = name
	pair := netlink.NewVeth(attrs)
	pair.PeerName = "peer"
	if err := h.nl.LinkAdd(pair); err != nil {
		t.Fatal(err)
	}
	for _, dev := range []string{name, "peer"} {
		if err := h.LinkUp(dev); err != nil {
			t.Fatal(err)
		}
	}
}

// removeSockets removes, with the test, what a failed one leaves: the sockets of
// this interface and, if it was not there before, their folder.
func removeSockets(t *testing.T, ifname string) {
	t.Helper()
	_, err := os.Stat(runFolder)
	ours := errors.Is(err, fs.ErrNotExist)
	t.Cleanup(func() {
		left, err := filepath.Glob(filepath.Join(runFolder, ifname+"*.sock"))
		if err != nil {
			t.Error(err)
		}
		for _, path := range left {
			os.Remove(path)
		}
		if ours {
			os.Remove(runFolder) // unless others use it by now
		}
	})
}
