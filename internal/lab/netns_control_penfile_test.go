// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNetnsControlPensOwnFile loads what Debian's Pen writes of itself.
func TestNetnsControlPensOwnFile(t *testing.T) {
	requireNetns(t, "pen", "penctl", "nginx", "curl")
	for _, c := range []struct {
		name    string
		control string   // Pen's -C; SOCKET is a path
		args    []string // of Pen, from its mode to its servers
		servers string   // what our `servers` begins with then, less its counts
	}{
		{"ports and limits", "127.0.0.1:10080", []string{"-r", "10.77.0.10:80", "10.77.0.1:80:100:120", "10.77.0.2:80"},
			"0 addr 10.77.0.1 port 80 conn N max 100 hard 120 weight 0 prio 0 "},
		{"no ports, weights", "SOCKET", []string{"-r", "-W", "10.77.0.10:80", "10.77.0.1:0:0:0:3", "10.77.0.2"},
			"0 addr 10.77.0.1 port 0 conn N max 0 hard 0 weight 3 prio 0 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, HostSpec{})
			w.startNginxes(t)
			file := w.writtenByPen(t, c.control, c.args)
			w.checkAddition(t, file)
			// Pen empties its ten lists first; an operator's own is not.
			writeFile(t, file, readFile(t, file), "acl office permit 10.77.0.67")
			// Of Pen's command line the file says nothing but in a comment.
			p := startCygnet(t, w.balancer, "-df", "-O", "dsr_if eth1", "-F", file, "10.77.0.10:80")
			w.waitServed(t, 10*time.Second)
			w.loadsOnce(t, p, file, c.servers)
		})
	}
}

// writtenByPen runs Pen until it has written its configuration.
func (w *world) writtenByPen(t *testing.T, at string, args []string) string {
	t.Helper()
	dir := openFolder(t, 0)
	if err := os.Chmod(dir, 0o777); err != nil { // Pen writes as nobody
		t.Fatal(err)
	}
	// Pen asks for an address of IPv4 on another interface than dsr_if.
	if err := w.balancer.AddAddr("lo", netip.MustParsePrefix("192.0.2.1/32")); err != nil {
		t.Fatal(err)
	}
	at = strings.ReplaceAll(at, "SOCKET", filepath.Join(dir, "pen.sock"))
	settings := options("dsr_if eth1", "acl 1 permit 10.77.0.66", "acl 1 permit 10.77.0.68 255.255.255.252",
		"acl 2 deny 10.77.0.200", "acl 2 deny 10.77.0.201", "acl 3 permit fd77::/64", "client_acl 2", "blacklist 20")
	all := append([]string{"-f", "-u", "nobody", "-C", at}, append(settings, args...)...)
	pen := start(t, w.balancer.Command("pen", all...))
	eventually(t, 10*time.Second, "Pen's control port", func() bool { return run(t, w.balancer, "penctl", at, "mode").Code == 0 })
	file := filepath.Join(dir, "pen.conf")
	must(t, w.balancer, "penctl", at, "write", file)
	eventually(t, 5*time.Second, "Pen's file", func() bool {
		text, _ := os.ReadFile(file)
		return strings.HasSuffix(string(text), "prio\n")
	})
	pen.Stop(5 * time.Second)
	return file
}

// checkAddition has `cygnet check` judge the file alone.
func (w *world) checkAddition(t *testing.T, file string) {
	t.Helper()
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	r := run(t, w.client, binary, "check", "-F", file)
	if r.Code != 0 || !strings.HasPrefix(r.Stdout, "valid as an addition to a command line: ") {
		t.Errorf("check: exit status %d\n%s%s", r.Code, r.Stdout, r.Stderr)
	}
}

// loadsOnce checks what the file made of us, and that reading it again, however
// that is asked for, appends nothing.
func (w *world) loadsOnce(t *testing.T, p *Process, file, servers string) {
	t.Helper()
	state := func() string {
		all := ""
		for _, c := range []string{"acl 1", "acl 2", "acl 3", "acl office", "mode", "blacklist", "client_acl", "servers"} {
			all += uncounted(w.balancer.tell(t, c))
		}
		return all
	}
	if got := uncounted(w.balancer.tell(t, "servers")); !strings.HasPrefix(got, servers) || strings.Count(got, "\n") != 2 {
		t.Errorf("servers: got\n%swant two, and first %s", got, servers)
	}
	before := state()
	const lists = "1 permit 10.77.0.66 hits N\n2 permit 10.77.0.68 255.255.255.252 hits N\ndefault deny (implied) hits N\n" +
		"1 deny 10.77.0.200 hits N\n2 deny 10.77.0.201 hits N\ndefault permit (implied) hits N\n" +
		"1 permit fd77::/64 hits N\ndefault deny (implied) hits N\n" +
		"1 permit 10.77.0.67 hits N\ndefault deny (implied) hits N\n"
	if !strings.HasPrefix(before, lists) || !strings.Contains(before, "\n20\n2\n") {
		t.Errorf("loaded: got\n%s", before)
	}
	w.balancer.tell(t, "reload")
	for n := range 2 {
		// Something harmless that shows that the file was read.
		writeFile(t, file, readFile(t, file), "tracking "+[]string{"7", "8"}[n])
		if err := p.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		eventually(t, 10*time.Second, "the file is read again", func() bool {
			return w.balancer.tell(t, "tracking") == []string{"7\n", "8\n"}[n]
		})
	}
	if after := state(); after != before {
		t.Errorf("after reading again: got\n%swant\n%s", after, before)
	}
	if got := w.tallyServed(t, 10); got[""] != 0 {
		t.Errorf("of 10 pages: %v", got)
	}
}
