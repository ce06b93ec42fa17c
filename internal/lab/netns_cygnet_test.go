// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// What cygnet says, as the tests look for it in its log: a part of the line,
// in one place.
const (
	saysLost     = "server lost"
	saysConflict = "address conflict"
	saysLinkDown = "link down"
	saysLoop     = "frames loop"
	saysTried    = "host tried its own VIP"
	saysFromZero = "asking from 0.0.0.0"
	saysHeld     = "address announced"
	saysTotals   = "totals"
	reasonLoop   = "loop"
	hintNetRaw   = "cap_net_raw"
)

// startCygnet starts the balancer with a secret and a control socket of its own.
func startCygnet(t *testing.T, h *Host, args ...string) *Process {
	t.Helper()
	binary, err := cygnetBinary()
	if err != nil {
		t.Fatal(err)
	}
	own := options("secret "+filepath.Join(h.lab.Dir(), "secret"), "socket "+h.socket())
	return start(t, h.Command(binary, append(own, args...)...))
}

// socket is the control socket of the balancer that startCygnet starts on h.
func (h *Host) socket() string { return filepath.Join(h.lab.Dir(), h.Name+".sock") }

// options writes commands as the command line has them.
func options(commands ...string) []string {
	var args []string
	for _, c := range commands {
		args = append(args, "-O", c)
	}
	return args
}

// service are the commands that make a service: `listen` is what follows that
// word.
func service(name, listen string, servers ...string) []string {
	commands := []string{"service " + name + " listen " + listen, "service " + name + " roundrobin"}
	for i, s := range servers {
		commands = append(commands, fmt.Sprintf("service %s server %d address %s", name, i, s))
	}
	return commands
}

// The README's first command line.
func penWeb() []string {
	return []string{"-df", "-r", "-O", "dsr_if eth1", "10.77.0.10:80", "10.77.0.1", "10.77.0.2"}
}

// waitServed waits until the VIP's web service answers, which it must within
// 2 s of the start; the rest is for a busy machine.
func (w *world) waitServed(t *testing.T, limit time.Duration) {
	t.Helper()
	eventually(t, limit, "a page from http://"+vip, func() bool { return w.served(t) != "" })
}

// served asks the VIP once and gives the server that answered, or nothing.
func (w *world) served(t *testing.T) string {
	t.Helper()
	name, _, _ := strings.Cut(w.page(t, "http://"+vip+"/who"), " ")
	return name
}

// page fetches one page, impatiently.
func (w *world) page(t *testing.T, url string) string {
	t.Helper()
	return run(t, w.client, "curl", "-s", "-g", "-m", "1", url).Stdout
}

// servers asks n times and counts who answered.
func (w *world) tallyServed(t *testing.T, n int) map[string]int {
	t.Helper()
	got := map[string]int{}
	for range n {
		got[w.served(t)]++
	}
	return got
}

// waitSays waits until the balancer's log has the text.
func waitSays(t *testing.T, p *Process, limit time.Duration, text string) {
	t.Helper()
	eventually(t, limit, fmt.Sprintf("%q in the log", text), func() bool {
		select {
		case <-p.Done():
			t.Fatalf("cygnet ended (%v) before it said %q", p.Wait(), text)
		default:
		}
		return strings.Contains(p.Output(), text)
	})
}

// count asks the balancer for its totals and gives the count of a reason; 0
// when it does not name it.
func count(t *testing.T, p *Process, reason string) int {
	t.Helper()
	before := len(p.Output())
	if err := p.Signal(syscall.SIGUSR1); err != nil {
		t.Fatal(err)
	}
	eventually(t, 5*time.Second, "totals after SIGUSR1", func() bool {
		return strings.Contains(strings.ToLower(p.Output()[before:]), saysTotals)
	})
	pattern := regexp.MustCompile(`\b` + reason + `=(\d+)`)
	all := pattern.FindAllStringSubmatch(p.Output()[before:], -1)
	if len(all) == 0 {
		return 0
	}
	n, err := strconv.Atoi(all[len(all)-1][1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}
