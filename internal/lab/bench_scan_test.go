// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// The hosts of the /24 that is scanned, one of them the balancer's own. The scanner
// itself and the VIP are left out, so 247 of 252 addresses can be captured.
const (
	scanReal     = 5
	scanCaptured = 247
	scanLimit    = 20 * time.Minute
)

// realPorts are open on each of the real hosts.
func realPorts() []int { return []int{22, 80, 443} }

// scanned is what nmap found.
type scanned struct {
	took  time.Duration
	hosts int // up
	ports int // open
}

// TestBenchScan measures what a scanner finds on a segment of five hosts, and how long
// it takes, without a tarpit and with one as it is out of the box, that has looked at the
// segment before. It takes about seven minutes.
func TestBenchScan(t *testing.T) {
	requireBench(t)
	w := &world{lab: newLab(t, Options{})}
	for i := range scanReal - 1 {
		h := addHost(t, w.lab, HostSpec{Name: fmt.Sprint("r", 1+i), Addrs: onSegment(1 + i)})
		w.servers = append(w.servers, h)
		for _, port := range realPorts() {
			startNginx(t, h, port)
		}
	}
	w.balancer = addHost(t, w.lab, HostSpec{Name: "balancer", Addrs: onSegment(9)})
	for _, port := range realPorts() {
		startNginx(t, w.balancer, port)
	}
	w.client = addHost(t, w.lab, HostSpec{Name: "client", Addrs: onSegment(100)})

	scans := []string{"-sS -F", "-sS -T4 --top-ports 20", "-sV -p 22,80,443 10.77.0.1", "-sV -p 22,80,443 10.77.0.77"}
	run := func() (all []scanned) {
		for _, args := range scans {
			got := w.scan(t, args)
			t.Logf("nmap %s: %.1f s, %d hosts, %d ports", args, got.took.Seconds(), got.hosts, got.ports)
			all = append(all, got)
		}
		return all
	}
	without := run()
	p := startCygnet(t, w.balancer, append(options("acl 1 permit 10.77.0.0/24", "tarpit_acl 1", "dsr_if eth1"), "-df", vip+":80", "10.77.0.1", "10.77.0.2")...)
	waitSays(t, p, 15*time.Second, saysHeld)
	eventually(t, 2*time.Minute, "all that is free is known to be", func() bool { return tarpitAt(t, w.balancer).Capture.Free >= scanCaptured })
	with := run()

	var table strings.Builder
	table.WriteString("| nmap | Cygnet | wall time, s | hosts up | ports open | of them false |\n|---|---|---|---|---|---|\n")
	for i, args := range scans {
		for j, got := range []scanned{without[i], with[i]} {
			share := 0.0
			if got.ports > 0 {
				share = 100 * float64(got.ports-without[i].ports) / float64(got.ports)
			}
			fmt.Fprintf(&table, "| `%s` | %s | %.1f | %d | %d | %.1f %% |\n", args, []string{"without", "with"}[j], got.took.Seconds(), got.hosts, got.ports, share)
		}
	}
	fmt.Printf("\n%s\n%s\n", machine(1), &table)
}

var nmapUp = regexp.MustCompile(`(\d+) hosts? up\)`)

// scan runs nmap against the /24, or the address that args end with.
func (w *world) scan(t *testing.T, args string) (s scanned) {
	t.Helper()
	all := append([]string{"-n", "-oG", "-", "--exclude", "10.77.0.100," + vip}, strings.Fields(args)...)
	if !strings.Contains(args, "10.77.0.") {
		all = append(all, "10.77.0.0/24")
	}
	began := time.Now()
	r := finish(t, w.client.Command("nmap", all...), scanLimit)
	s.took = time.Since(began)
	s.ports = strings.Count(r.Stdout, "/open/tcp")
	m := nmapUp.FindStringSubmatch(r.Stdout)
	if m == nil {
		t.Fatalf("nmap %s does not say how many hosts are up:\n%s%s", args, r.Stdout, r.Stderr)
	}
	var err error
	if s.hosts, err = strconv.Atoi(m[1]); err != nil {
		t.Fatal(err)
	}
	return s
}
