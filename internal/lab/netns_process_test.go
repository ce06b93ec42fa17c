// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestNetnsSignals(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w := newWorld(t, HostSpec{})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(unix.SignalName(sig), func(t *testing.T) {
			p := startCygnet(t, w.balancer, penWeb()...)
			w.waitServed(t, 5*time.Second)
			t.Run("SIGUSR1 prints totals and it goes on", func(t *testing.T) {
				count(t, p, reasonLoop)
				w.waitServed(t, 5*time.Second)
			})
			began := time.Now()
			if err := p.Signal(sig); err != nil {
				t.Fatal(err)
			}
			eventually(t, 5*time.Second, "the end", func() bool { return ended(p) })
			if took := time.Since(began); took > time.Second {
				t.Errorf("it took %v to end", took)
			}
			if err := p.Wait(); err != nil {
				t.Errorf("it ended with %v", err)
			}
			if !strings.Contains(strings.ToLower(lastLines(p.Output(), 10)), saysTotals) {
				t.Error("no totals at the end")
			}
			if got := w.served(t); got != "" {
				t.Errorf("%s still serves", got)
			}
		})
	}
}

// ended tells whether a program has ended.
func ended(p *Process) bool {
	select {
	case <-p.Done():
		return true
	default:
		return false
	}
}

// lastLines are the last n lines of a text.
func lastLines(s string, n int) string {
	lines := strings.SplitAfter(strings.TrimSuffix(s, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "")
}

// nobody is the user id of whom no file and no right belongs to.
const nobody = 65534

func TestNetnsCapNetRawAloneWillDo(t *testing.T) {
	requireNetns(t, "nginx", "curl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	p := w.asNobody(t, unix.CAP_NET_RAW)
	start(t, p)
	w.waitServed(t, 5*time.Second)
	if got := w.tallyServed(t, 10); got[""] != 0 {
		t.Errorf("of 10 pages: %v", got)
	}
}

func TestNetnsNoCapabilityIsRefusedWithAHint(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	p := w.asNobody(t)
	got := finish(t, p, 10*time.Second)
	if got.Code != 1 || !strings.Contains(strings.ToLower(got.Stderr), hintNetRaw) {
		t.Errorf("exit status %d, want 1 and a word on %s:\n%s", got.Code, hintNetRaw, got.Stderr)
	}
}

// asNobody prepares the balancer as a user other than root with these
// capabilities and no others.
func (w *world) asNobody(t *testing.T, capabilities ...uintptr) *Process {
	t.Helper()
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	// Not t.TempDir, whose parent only root may enter.
	dir, err := os.MkdirTemp("", "cygnet-netns-secret-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	p := w.balancer.Command(binary, append(options("secret "+filepath.Join(dir, "secret"), "socket "+filepath.Join(dir, "sock")), penWeb()...)...)
	p.Cmd.Dir = "/"
	p.Cmd.SysProcAttr = &syscall.SysProcAttr{
		Credential:  &syscall.Credential{Uid: nobody, Gid: nobody},
		AmbientCaps: capabilities,
	}
	return p
}
