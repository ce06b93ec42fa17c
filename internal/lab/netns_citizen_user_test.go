// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// userWorld is a world whose balancer holds the VIP too: its kernel would
// answer for it, if it were not kept from that.
func userWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	if err := w.balancer.AddAddr("lo", netip.MustParsePrefix(vip+"/32")); err != nil {
		t.Fatal(err)
	}
	for _, s := range w.servers {
		startNginx(t, s, 80)
	}
	return w
}

// userFiles are the files of a balancer that runs as nobody: some in a folder
// of root's, and those that must be made anew while it runs in one of nobody's.
type userFiles struct {
	roots, own                          string // folders
	secret, pid, log, events, run, sock string
}

func newUserFiles(t *testing.T) userFiles {
	t.Helper()
	roots, own := openFolder(t, 0), openFolder(t, nobody)
	return userFiles{
		roots: roots, own: own,
		secret: filepath.Join(roots, "secret"), pid: filepath.Join(roots, "pid"),
		log: filepath.Join(own, "log"), events: filepath.Join(own, "events"),
		run: filepath.Join(roots, "run"), sock: filepath.Join(roots, "run", "sock"),
	}
}

func (f userFiles) args() []string {
	return append(options("secret "+f.secret, "socket "+f.sock), "-p", f.pid, "-l", f.log, "--events", f.events)
}

// Started as root, at work as nobody: with what that user was given, and a few
// capabilities.
func TestNetnsCitizenUser(t *testing.T) {
	requireNetns(t, "nginx", "curl", "ab")
	w, f := userWorld(t), newUserFiles(t)
	p := start(t, prepareCygnet(t, w.balancer, append(append(f.args(), "-u", "nobody"), penWeb()...)...))
	t.Cleanup(func() {
		if b, err := os.ReadFile(f.log); t.Failed() && err == nil {
			t.Logf("its log:\n%s", b)
		}
	})
	w.waitServed(t, 10*time.Second)

	caps := capabilityMask(unix.CAP_NET_RAW, unix.CAP_NET_ADMIN, unix.CAP_BPF)
	restricted := map[string]string{
		"Uid": "65534 65534 65534 65534", "Gid": "65534 65534 65534 65534",
		"CapEff": caps, "CapPrm": caps, "CapBnd": caps, "NoNewPrivs": "1",
	}
	t.Run("every thread is nobody's", func(t *testing.T) { sameThreads(t, p, restricted) })
	t.Run("its name is its own", func(t *testing.T) {
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", p.Cmd.Process.Pid))
		if err != nil || string(comm) != "cygnet\n" {
			t.Errorf("it is called %q, %v", comm, err)
		}
	})
	t.Run("its files were handed over", func(t *testing.T) { f.handedOver(t, p) })
	t.Run("the host's kernel is kept silent", func(t *testing.T) { w.noResets(t) })
	t.Run("the interface goes and comes back", func(t *testing.T) { w.interfaceReturns(t, f) })
	t.Run("SIGHUP opens log and events anew", func(t *testing.T) { f.rotate(t, w, p) })
	t.Run("write", func(t *testing.T) { f.write(t, w) })
	sameThreads(t, p, restricted) // those that were started meanwhile

	ends(t, p)
	// The drop is gone with it: the kernel refuses (exit status 7).
	if r := run(t, w.client, "curl", "-s", "-m", "2", "http://"+vip+"/"); r.Code != 7 {
		t.Errorf("after the end: curl's exit status is %d, want 7", r.Code)
	}
	if _, err := os.Stat(f.sock); err == nil {
		t.Error("after the end: the socket is still there")
	}
	// Nobody may not remove it from root's folder.
	if b, err := os.ReadFile(f.pid); err != nil || len(b) != 0 {
		t.Errorf("after the end: the pid file has %q, %v", b, err)
	}
}

// handedOver checks who owns what was made.
func (f userFiles) handedOver(t *testing.T, p *Process) {
	t.Helper()
	for path, mode := range map[string]os.FileMode{
		f.secret: 0o600, f.pid: 0o644, f.log: 0o640, f.events: 0o640,
		f.run: os.ModeDir | 0o750, f.sock: os.ModeSocket | 0o660,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Error(err)
			continue
		}
		st := info.Sys().(*syscall.Stat_t)
		if st.Uid != nobody || st.Gid != nobody || info.Mode() != mode {
			t.Errorf("%s: of %d:%d, mode %v; want %d:%[5]d, %v", path, st.Uid, st.Gid, info.Mode(), nobody, mode)
		}
	}
	if b, err := os.ReadFile(f.pid); err != nil || string(b) != fmt.Sprintln(p.Cmd.Process.Pid) {
		t.Errorf("the pid file has %q, %v; it is process %d", b, err, p.Cmd.Process.Pid)
	}
}

// noResets checks that pages come whole while the host holds the VIP itself.
func (w *world) noResets(t *testing.T) {
	t.Helper()
	before := tcpCounters(t, w.client)["EstabResets"]
	ab(t, w.client, 200, "http://"+vip+"/small")
	if n := tcpCounters(t, w.client)["EstabResets"] - before; n != 0 {
		t.Errorf("%d of the client's connections were reset", n)
	}
}

// rotate does what logrotate does.
func (f userFiles) rotate(t *testing.T, w *world, p *Process) {
	t.Helper()
	for _, path := range []string{f.log, f.events} {
		if err := os.Rename(path, path+".1"); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{f.log, f.events} {
		eventually(t, 10*time.Second, "a new "+path, func() bool { _, err := os.Stat(path); return err == nil })
	}
	ctl(t, w.balancer, f.sock, "server", "0", "weight", "3")
	fileSays(t, f.log, "configuration changed")
	fileSays(t, f.events, "server 0 weight 3")
}

// write writes the configuration to where nobody may and where nobody may not.
func (f userFiles) write(t *testing.T, w *world) {
	t.Helper()
	path := filepath.Join(f.own, "conf")
	ctl(t, w.balancer, f.sock, "write", path)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if st := info.Sys().(*syscall.Stat_t); st.Uid != nobody {
		t.Errorf("what was written belongs to user %d", st.Uid)
	}
	r := tryCtl(t, w.balancer, f.sock, "write", filepath.Join(f.roots, "conf"))
	if r.Code != 1 || !strings.Contains(r.Stderr, "permission denied") || !strings.Contains(r.Stderr, "hint: the folder must be writable") {
		t.Errorf("to root's folder: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// A port below 1024 takes one capability more, a user may be a number, and what
// only root can make in root's folder is there for that user.
func TestNetnsCitizenUserAtALowPort(t *testing.T) {
	requireNetns(t, "curl")
	w, f := newWorld(t, HostSpec{Addrs: onSegment(9)}), newUserFiles(t)
	f.log, f.events = filepath.Join(f.roots, "log"), filepath.Join(f.roots, "events")
	f.secret = filepath.Join(f.roots, "new", "secret")
	other := filepath.Join(f.roots, "ctl", "sock")
	p := start(t, prepareCygnet(t, w.balancer, append(append(f.args(), "-u", "65534", "--metrics", "127.0.0.1:90", "-C", other), penWeb()...)...))
	eventually(t, 10*time.Second, "metrics", func() bool {
		return strings.Contains(run(t, w.balancer, "curl", "-s", "-m", "2", "http://127.0.0.1:90/metrics").Stdout, "cygnet_build_info")
	})
	caps := capabilityMask(unix.CAP_NET_RAW, unix.CAP_NET_ADMIN, unix.CAP_BPF, unix.CAP_NET_BIND_SERVICE)
	sameThreads(t, p, map[string]string{"Uid": "65534 65534 65534 65534", "CapEff": caps, "CapPrm": caps, "NoNewPrivs": "1"})
	f.handedOver(t, p)
	if text := readFile(t, f.log); strings.Contains(text, "this run has a key of its own") {
		t.Errorf("the secret in a new folder cannot be read:\n%s", text)
	}
	ctl(t, w.balancer, other, "version")
	ends(t, p)
}

func TestNetnsCitizenUserRefused(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	for _, c := range []struct {
		name, user string
		as         uint32
		says, hint string
	}{
		{"no such user", "nemo", 0, `user "nemo": there is no such user`, "useradd"},
		{"root", "root", 0, `user "root": that is root`, "name another user"},
		{"root by number", "0", 0, `user "0": that is root`, "name another user"},
		{"by another than root", "daemon", nobody, `only root can, and this is user 65534`, "AmbientCapabilities=CAP_NET"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := openFolder(t, int(c.as))
			own := options("secret "+filepath.Join(dir, "secret"), "socket "+filepath.Join(dir, "sock"))
			p := prepareCygnet(t, w.balancer, append(append(own, "-u", c.user), penWeb()...)...)
			p.Cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: c.as, Gid: c.as}}
			r := finish(t, p, 20*time.Second)
			hinted := strings.Contains(r.Stderr, "cygnet: hint: ") && strings.Contains(r.Stderr, c.hint)
			if r.Code != 1 && r.Code != 2 || !strings.Contains(r.Stderr, c.says) || !hinted {
				t.Errorf("exit status %d\n%s", r.Code, r.Stderr)
			}
		})
	}
}
