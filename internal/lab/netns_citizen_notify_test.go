// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// manager is what a balancer told its service manager: sd_notify(3).
type manager struct {
	path string

	mu   sync.Mutex
	told []notice
}

type notice struct {
	at   time.Time
	text string
}

// newManager listens where any user may speak, until the test ends.
func newManager(t *testing.T) *manager {
	t.Helper()
	m := &manager{path: filepath.Join(openFolder(t, 0), "notify")}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Net: "unixgram", Name: m.path})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(m.path, 0o777); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	group.Go(func() {
		buf := make([]byte, 4096)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return // closed
			}
			m.mu.Lock()
			m.told = append(m.told, notice{time.Now(), string(buf[:n])})
			m.mu.Unlock()
		}
	})
	t.Cleanup(func() { conn.Close(); group.Wait() })
	return m
}

// notices are those so far of which a line begins so; all for "".
func (m *manager) notices(begins string) (some []notice) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, n := range m.told {
		if strings.HasPrefix(n.text, begins) {
			some = append(some, n)
		}
	}
	return some
}

// hears waits for the n-th notice that begins so.
func (m *manager) hears(t *testing.T, begins string, n int) notice {
	t.Helper()
	eventually(t, 10*time.Second, begins, func() bool { return len(m.notices(begins)) >= n })
	return m.notices(begins)[n-1]
}

// A service manager is told how the balancer is, as root and as nobody, who
// was executed anew.
func TestNetnsCitizenNotify(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, c := range []struct {
		name string
		args []string
	}{
		{"as root", nil},
		{"as nobody", []string{"-u", "nobody"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, f := newManager(t), newUserFiles(t)
			conf := filepath.Join(f.own, "conf")
			rewrite(t, conf, "server 0 weight 3\n")
			p := w.watched(t, m, append(append(f.args(), c.args...), append(penWeb(), "-F", conf)...))
			m.hears(t, "READY=1", 1)
			// At once, and not after a while.
			if r := tryCtl(t, w.balancer, f.sock, "version"); r.Code != 0 {
				t.Errorf("it is ready, and the control socket says: %s", r.Stderr)
			}
			m.hearsOfReloads(t, w, p, f, conf)
			m.watches(t)
			ends(t, p)
			m.hears(t, "STOPPING=1", 1)
			all := m.notices("")
			if last := all[len(all)-1].text; last != "STOPPING=1" {
				t.Errorf("after STOPPING=1 it said %q", last)
			}
		})
	}
}

// watchdogAllows is the time within which a sign of life is expected.
const watchdogAllows = 2 * time.Second

// watched starts the balancer as a service manager does.
func (w *world) watched(t *testing.T, m *manager, args []string) *Process {
	t.Helper()
	cygnet := prepareCygnet(t, w.balancer, args...)
	p := w.balancer.Command("sh", append([]string{"-c", `export WATCHDOG_PID=$$; exec "$@"`, "sh"}, cygnet.Cmd.Args...)...)
	p.Cmd.Dir = "/"
	p.Cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+m.path, "WATCHDOG_USEC="+strconv.FormatInt(watchdogAllows.Microseconds(), 10))
	return start(t, p)
}

// rewrite makes a file that any user can read.
func rewrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// hearsOfReloads checks what a reload says, by a command and by SIGHUP.
func (m *manager) hearsOfReloads(t *testing.T, w *world, p *Process, f userFiles, conf string) {
	t.Helper()
	ctl(t, w.balancer, f.sock, "reload")
	m.reloaded(t, 1)

	// Unchanged files are not read.
	hup := func() {
		if err := p.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(f.log, f.log+".1"); err != nil {
		t.Fatal(err)
	}
	hup()
	eventually(t, 10*time.Second, "a new log", func() bool { _, err := os.Stat(f.log); return err == nil })
	rewrite(t, conf, "server 0 weight 5\n")
	hup()
	m.reloaded(t, 2)
	fileSays(t, f.log, "weight 5")
	if n := len(m.notices("RELOADING=1")); n != 2 {
		t.Errorf("%d reloads were told, want 2", n)
	}
}

// reloaded checks that the n-th reload was told, when it began, and its end.
func (m *manager) reloaded(t *testing.T, n int) {
	t.Helper()
	began := m.hears(t, "RELOADING=1\nMONOTONIC_USEC=", n)
	ready := m.hears(t, "READY=1", n+1)
	if ready.at.Before(began.at) {
		t.Errorf("reload %d: its end was told at %v, and its beginning at %v", n, ready.at, began.at)
	}
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		t.Fatal(err)
	}
	at, err := strconv.ParseInt(strings.TrimPrefix(began.text, "RELOADING=1\nMONOTONIC_USEC="), 10, 64)
	if ago := time.Duration(now.Nano() - at*1000); err != nil || ago < 0 || ago > 20*time.Second {
		t.Errorf("reload %d began %v ago, %v: %q", n, ago, err, began.text)
	}
}

// watches checks that signs of life come in time: each is due after half of
// what is allowed.
func (m *manager) watches(t *testing.T) {
	t.Helper()
	const signs = 4
	m.hears(t, "WATCHDOG=1", signs)
	all := m.notices("WATCHDOG=1")
	for i := 1; i < len(all); i++ {
		// A second, and three quarters of one for a busy machine.
		if gap := all[i].at.Sub(all[i-1].at); gap >= watchdogAllows*7/8 {
			t.Errorf("%v between two signs of life, want %v", gap, watchdogAllows/2)
		}
	}
}
