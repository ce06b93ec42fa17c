// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cygnet/internal/control"
)

// TestNetnsControlTwoOperators has many change one list at once, and one take
// back what another has changed since.
func TestNetnsControlTwoOperators(t *testing.T) {
	requireNetns(t)
	w := newWorld(t, HostSpec{Addrs: onSegment(9)})
	socket := filepath.Join(openFolder(t, 0), "ctl.sock")
	p := startCygnet(t, w.balancer, append([]string{"-O", "socket " + socket}, penWeb()...)...)
	waitSays(t, p, 10*time.Second, "control socket")
	if err := os.Chown(socket, 0, nobody); err != nil {
		t.Fatal(err)
	}
	t.Run("fifty at once", func(t *testing.T) { w.fiftyAtOnce(t, socket) })

	change := func() string {
		all := regexp.MustCompile(`change (\d+): `).FindAllStringSubmatch(askAt(t, socket, "events 20"), -1)
		return all[len(all)-1][1]
	}
	if reply := askAt(t, socket, "server 0 weight 3"); control.Refused(reply) {
		t.Fatal(reply)
	}
	ours := change()
	if r := ctlAs(t, w.balancer, nobody, socket, "server", "0", "weight", "4"); r.Code != 0 {
		t.Fatal(r.Stderr)
	}
	theirs := change()
	want := fmt.Sprintf("error: undo %s: server 0 was changed since, by uid 65534 in change %s\nhint: take that back first: undo %s\n", ours, theirs, theirs)
	if got := askAt(t, socket, "undo "+ours); got != want {
		t.Errorf("undo %s: got %q, want %q", ours, got, want)
	}
	for _, step := range []struct{ line, weight string }{{"undo " + theirs, "3"}, {"undo " + ours, "0"}} {
		if got := askAt(t, socket, step.line); control.Refused(got) {
			t.Errorf("%s: %s", step.line, got)
		}
		if got := askAt(t, socket, "servers"); !strings.Contains(got, "0 addr 10.77.0.1 port 0 conn 0 max 0 hard 0 weight "+step.weight+" ") {
			t.Errorf("after %s:\n%s", step.line, got)
		}
	}
}

// fiftyAtOnce runs fifty `cygnet ctl`, each of which enters another address.
func (w *world) fiftyAtOnce(t *testing.T, socket string) {
	t.Helper()
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	var all []*Process
	for n := range 50 {
		all = append(all, start(t, w.balancer.Command(binary, "ctl", socket, "acl", "5", "permit", fmt.Sprintf("10.9.0.%d", n))))
	}
	eventually(t, time.Minute, "all fifty have ended", func() bool {
		for _, p := range all {
			if !ended(p) {
				return false
			}
		}
		return true
	})
	for _, p := range all {
		if p.ExitCode() != 0 {
			t.Errorf("exit status %d: %s", p.ExitCode(), p.Output())
		}
	}
	list := askAt(t, socket, "acl 5")
	for n := range 50 {
		if entry := fmt.Sprintf(" permit 10.9.0.%d hits ", n); strings.Count(list, entry) != 1 {
			t.Errorf("not once: %q", entry)
		}
	}
}
