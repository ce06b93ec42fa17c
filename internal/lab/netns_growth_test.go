// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestNetnsGrowth runs a balancer of 1000 services, 1000 servers and a list of 100 000
// entries, and changes it while pages are fetched. Times are told, and bounded so that
// a busy machine does not fail them: the goals are 2 s for a start and 100 ms for a
// change.
func TestNetnsGrowth(t *testing.T) {
	const latestStart, slowestChange = 15 * time.Second, 3 * time.Second
	requireNetns(t, "nginx", "ab", "curl")
	w := newWorld(t, HostSpec{Addrs: []netip.Prefix{netip.MustParsePrefix("10.77.0.9/16")}})
	w.startNginxes(t)
	file := filepath.Join(t.TempDir(), "cygnet.conf")
	writeFile(t, file, thousands()...)
	if _, err := cygnetBinary(); err != nil { // it is built now, and not when time counts
		t.Fatal(err)
	}
	began := time.Now()
	startCygnet(t, w.balancer, append([]string{"-F", file}, penWeb()...)...)
	eventually(t, latestStart, "an answer", func() bool { return answers(w.balancer.socket()) })
	t.Logf("it answers %v after the start", time.Since(began).Round(time.Millisecond))
	w.waitServed(t, 20*time.Second)
	t.Logf("and serves %v after it", time.Since(began).Round(time.Millisecond))

	load := w.startLoad(t, 20000)
	var all []time.Duration
	for n := 0; !ended(load); n++ {
		line := []string{
			fmt.Sprintf("service v7 server 2 weight %d", 2+n),
			fmt.Sprintf("acl customers permit 30.%d.%d.0/24", n>>8, n&255),
			fmt.Sprintf("service v8 server 1 %s", []string{"drain", "enable"}[n/4%2]),
			fmt.Sprintf("server 0 weight %d", 2+n%5),
		}[n%4]
		began := time.Now()
		w.balancer.tell(t, line)
		took := time.Since(began)
		if all = append(all, took); n < 8 {
			t.Logf("%v: %s", took.Round(time.Millisecond), line)
		}
		if took > slowestChange {
			t.Errorf("%s: %v until the reply", line, took)
		}
		select { // the pace of changes
		case <-load.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	if len(all) < 8 {
		t.Errorf("%d changes while pages were fetched, want 8", len(all))
	}
	noneFailed(t, load, 20000)
	if services := w.balancer.tell(t, "services"); strings.Count(services, "\n") < 1000 {
		t.Errorf("services: %.200s", services)
	}
}

// answers says whether somebody answers at a control socket.
func answers(path string) bool {
	c, err := net.Dial("unix", path)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Write([]byte("pid\n")); err != nil {
		return false
	}
	n, err := c.Read(make([]byte, 1))
	return n == 1 && err == nil
}

// thousands is the file of it: its services' servers are not there, which is no news to the
// one that is.
func thousands() (lines []string) {
	for n := range 100_000 {
		lines = append(lines, fmt.Sprintf("acl customers permit %d.%d.%d.0/24", 20+n>>16, n>>8&255, n&255))
	}
	lines = append(lines, "acl customers permit 10.77.0.0/16", "client_acl customers")
	return append(lines, thousand()...)
}

// thousand are the lines of a thousand services with a thousand servers, and their list.
func thousand() (lines []string) {
	const services = 1000
	for n := range services {
		name := fmt.Sprintf("service v%d ", n)
		lines = append(lines, fmt.Sprintf("%slisten 10.80.%d.%d:80", name, n>>8, n&255), name+"client_acl customers")
		for i := range 4 {
			s := 256 + (n+i)%services
			lines = append(lines, fmt.Sprintf("%sserver %d address 10.77.%d.%d", name, i, s>>8, s&255))
		}
	}
	return lines
}
