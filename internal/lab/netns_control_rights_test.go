// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestNetnsControlRights is what somebody in the socket's group may do who is
// neither root nor the balancer's own user.
func TestNetnsControlRights(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	dir := openFolder(t, 0)
	file, socket := writeFile(t, filepath.Join(dir, "cygnet.conf"), "blacklist 40"), filepath.Join(dir, "ctl.sock")
	p := startCygnet(t, w.balancer, append([]string{"-O", "socket " + socket, "-F", file}, penWeb()...)...)
	waitSays(t, p, 10*time.Second, "control socket")
	if r := ctlAs(t, w.balancer, nobody, socket, "debug"); r.Code != 1 || !strings.Contains(r.Stderr, "permission denied") {
		t.Errorf("outside the group: exit status %d\n%s", r.Code, r.Stderr)
	}
	if err := os.Chown(socket, 0, nobody); err != nil {
		t.Fatal(err)
	}
	as := func(line string) result { t.Helper(); return ctlAs(t, w.balancer, nobody, socket, line) }

	if r := as("debug 2"); r.Code != 0 || r.Stdout != "2\n" {
		t.Errorf("debug 2: exit status %d, %q%s", r.Code, r.Stdout, r.Stderr)
	}
	waitSays(t, p, 5*time.Second, `text="change 1: debug 2"`)
	if !regexp.MustCompile(`who="uid 65534 pid \d+" text="change 1: debug 2"`).MatchString(p.Output()) {
		t.Error("the log does not say who did that")
	}
	refused := filepath.Join(dir, "refused")
	for _, command := range []string{"include", "log", "events", "geoip", "secret", "web_stats", "write", "diff", "user", "chroot", "pidfile", "socket", "control", "tarpit_hook", "tarpit_accept"} {
		r := as(command + " " + refused)
		if r.Code != 1 || r.Stdout != "" || !strings.HasPrefix(r.Stderr, "error: "+command+": ") ||
			!strings.Contains(r.Stderr, "hint: ") || !strings.Contains(r.Stderr, "only root and Cygnet's own user") {
			t.Errorf("%s FILE: exit status %d, %q\n%s", command, r.Code, r.Stdout, r.Stderr)
		}
	}
	if _, err := os.Stat(refused); err == nil {
		t.Error("and yet a file was made")
	}
	if r := as("write"); r.Code != 0 || !strings.Contains(readFile(t, file), "debug 2\n") {
		t.Errorf("write: exit status %d, %s%s", r.Code, r.Stdout, r.Stderr)
	}
	writeFile(t, file, "# a password", "server 0 sesame 7")
	if r := as("reload"); r.Code != 1 || !strings.HasPrefix(r.Stderr, "error: "+file+":2: ") || strings.Contains(r.Stderr, "  server 0 sesame 7") {
		t.Errorf("reload of a broken file: exit status %d\n%s", r.Code, r.Stderr)
	}
	if r := ctlAs(t, w.balancer, 0, socket, "reload"); r.Code != 1 || !strings.Contains(r.Stderr, "\n  server 0 sesame 7\n") {
		t.Errorf("root's reload does not show the line: exit status %d\n%s", r.Code, r.Stderr)
	}
	if r := as("diff"); strings.Contains(r.Stdout, "password") {
		t.Errorf("diff shows the file:\n%s", r.Stdout)
	}
}

// TestNetnsControlOverTCP is for those whom control_acl permits.
func TestNetnsControlOverTCP(t *testing.T) {
	requireNetns(t, "penctl")
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	const at = "10.77.0.9:10080"
	open := options("socket "+w.balancer.socket(), "secret "+filepath.Join(w.lab.Dir(), "secret"))
	for _, address := range []string{at, "0.0.0.0:10080", "[::]:10080"} {
		r := run(t, w.balancer, binary, append(append(open, "-C", address), penWeb()...)...)
		if r.Code != 2 || !strings.Contains(r.Stderr, "control "+address+": open to everyone") || !strings.Contains(r.Stderr, "hint: ") {
			t.Errorf("-C %s without control_acl: exit status %d\n%s", address, r.Code, r.Stderr)
		}
	}
	list := options("acl 9 permit 10.77.0.100", "control_acl 9")
	startCygnet(t, w.balancer, append(append(list, "-C", at), penWeb()...)...)
	waitListen(t, w.balancer, "10.77.0.9", 10080)
	if got := must(t, w.client, "penctl", at, "mode"); !strings.HasPrefix(got, "no hash roundrobin ") {
		t.Errorf("a peer that is permitted: got %q", got)
	}
	if got := must(t, w.servers[0], "penctl", at, "mode"); got != "error: not permitted by control_acl\n" {
		t.Errorf("a peer that is not: got %q", got)
	}
	// The list counts as it is now.
	w.balancer.tell(t, "acl 9 permit 10.77.0.1")
	if got := must(t, w.servers[0], "penctl", at, "mode"); !strings.HasPrefix(got, "no hash roundrobin ") {
		t.Errorf("a peer that is permitted since: got %q", got)
	}
	if got := must(t, w.client, "penctl", at, "log", "/tmp/x"); !strings.HasPrefix(got, "error: log: it is about a file") {
		t.Errorf("a file named over TCP: got %q", got)
	}
}
