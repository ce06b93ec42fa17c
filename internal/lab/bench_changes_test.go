// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// managed is a balancer that is changed while it works.
type managed struct {
	path    *benchPath
	proc    *Process
	say     func(command string)
	out, in string // commands, with %d for a server: no new flows for it, and flows again
}

// changes measures what changes and a flood break: once, as one failure tells as
// much as five.
func (b *bench) changes(t *testing.T) {
	t.Helper()
	b.setClientOffload(t, false) // Pen serves nobody else
	flooder := addHost(t, b.lab, HostSpec{Name: "flooder", Addrs: onSegment(101)})
	both := b.startManaged(t)
	defer func() {
		for _, m := range both {
			m.proc.Stop(2 * time.Second)
		}
	}()
	rows := b.table.add(
		benchRow{what: "one round of ab -n 50000 -c 50, a weight changes every 300 ms: failed requests"},
		benchRow{what: "one round of ab -n 50000 -c 50, a server is taken out or put back every 300 ms: failed requests"},
		benchRow{what: "20 pages, each just after a server was taken out: pages of that server"},
		benchRow{what: "100 downloads during a flood of 2 000 000 forged SYNs, one round: broken downloads"})
	for i, measure := range []func(*managed) (float64, error){
		func(m *managed) (float64, error) { return b.failedWhile(t, m, m.weights()) },
		func(m *managed) (float64, error) { return b.failedWhile(t, m, m.drains()) },
		func(m *managed) (float64, error) { return b.pagesOfWhoIsOut(m) },
		func(m *managed) (float64, error) { return b.brokenInFlood(t, m, flooder) },
	} {
		t.Logf("measuring: %s", rows[i].what)
		for _, m := range both {
			cell := rows[i].cell(m.path)
			n, err := measure(m)
			if err != nil {
				cell.fail(err)
				t.Logf("%s: %v", m.path.name, err)
				continue
			}
			cell.values = []float64{n}
			t.Logf("%s: %g", m.path.name, n)
		}
	}
}

// startManaged starts cygnet and Pen, both with what takes commands, and returns
// when they serve.
func (b *bench) startManaged(t *testing.T) []*managed {
	t.Helper()
	cygnet := &managed{path: b.cygnet, out: "server %d drain", in: "server %d enable"}
	host := b.cygnet.tcp.host
	cygnet.proc = startCygnet(t, host, penWeb()...)
	cygnet.say = func(command string) { host.tell(t, command) }

	pen := &managed{path: b.pen, out: "server %d blacklist 600", in: "server %d blacklist 0"}
	socket := filepath.Join(b.lab.Dir(), "pen.sock")
	// Pen refuses a control socket as root, but not to "become" root.
	pen.proc = start(t, b.pen.tcp.host.Command("pen", "-df", "-r", "-C", socket, "-u", "root", "-O", "poll", "-O", "dsr_if "+NIC, "-S", "2", penVIP, "10.77.0.1", "10.77.0.2"))
	pen.say = func(command string) {
		must(t, b.client, "penctl", append([]string{socket}, strings.Fields(command)...)...)
	}

	for _, m := range []*managed{cygnet, pen} {
		eventually(t, 20*time.Second, m.path.name+" serves", func() bool { return b.serves(m.path) != "" })
	}
	return []*managed{cygnet, pen}
}

// serves asks a path once and gives the server that answered, or nothing.
func (b *bench) serves(p *benchPath) string {
	out, err := b.try(b.client.Command("curl", "-sS", "-m", "1", p.url(pagePort, "who")), 2*time.Second)
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(out, " ")
	return name
}

// weights are changes, one after the other, over and over; drains too.
func (m *managed) weights() []string {
	return []string{"server 0 weight 10", "server 1 weight 50", "server 0 weight 1", "server 1 weight 1"}
}

func (m *managed) drains() []string {
	return []string{fmt.Sprintf(m.out, 0), fmt.Sprintf(m.in, 0), fmt.Sprintf(m.out, 1), fmt.Sprintf(m.in, 1)}
}

// abFailed is where ab says how many requests failed.
var abFailed = regexp.MustCompile(`Failed requests: +(\d+)\n`)

// failedWhile gives how many requests of ab fail while changes are made.
func (b *bench) failedWhile(t *testing.T, m *managed, changes []string) (float64, error) {
	t.Helper()
	ab := startAb(t, b.client, m.path.tcp.addr.String())
	defer ab.Kill()
	made := 0
	for !ended(ab) {
		time.Sleep(300 * time.Millisecond) // the pace of the changes
		m.say(changes[made%len(changes)])
		made++
	}
	for ; made%len(changes) != 0; made++ {
		m.say(changes[made%len(changes)])
	}
	t.Logf("%s: %d changes", m.path.name, made)
	f := abFailed.FindStringSubmatch(ab.Output())
	if f == nil || !strings.Contains(ab.Output(), fmt.Sprintf("Complete requests:      %d\n", abFor)) {
		return 0, fmt.Errorf("ab gave up: %s", lastLine(ab.Output()))
	}
	return strconv.ParseFloat(f[1], 64)
}

// lastLine is the last line of what a program said.
func lastLine(said string) string {
	said = strings.TrimSpace(said)
	return said[strings.LastIndex(said, "\n")+1:]
}

// pagesOfWhoIsOut takes each server out in turn and counts the pages that come from
// it nevertheless. It tells whether a command does anything: nothing fails where
// nothing changes.
func (b *bench) pagesOfWhoIsOut(m *managed) (n float64, err error) {
	for i := range 20 {
		m.say(fmt.Sprintf(m.out, i%2))
		name := b.serves(m.path)
		m.say(fmt.Sprintf(m.in, i%2))
		switch name {
		case "":
			return 0, errors.New("no page at all")
		case b.servers[i%2].Name:
			n++
		}
	}
	return n, nil
}

// brokenInFlood gives how many downloads do not arrive whole when nearly all weight
// goes to one server, and then to the other, during a flood that began after them.
func (b *bench) brokenInFlood(t *testing.T, m *managed, flooder *Host) (float64, error) {
	t.Helper()
	const limit = 100 * time.Second
	addr := m.path.tcp.addr.String()
	get := start(t, b.client.Command("curl", curlMany(downloads, "http://"+addr+"/huge", "400k")...))
	defer get.Kill()
	if !soon(10*time.Second, func() bool { return b.connections(t, addr) >= downloads }) {
		return 0, fmt.Errorf("%d of %d downloads were opened", b.connections(t, addr), downloads)
	}
	before, err := m.path.tcp.host.Counters()
	if err != nil {
		return 0, err
	}
	came := func(n uint64) func() bool {
		return func() bool {
			now, err := m.path.tcp.host.Counters()
			return err == nil && now.RxFrames-before.RxFrames >= n
		}
	}
	flood := start(t, flooder.Command("hping3", "-q", "-S", "-p", "80", "--rand-source", "--flood", addr))
	defer flood.Kill()
	for _, step := range []struct {
		frames  uint64
		command string
	}{{spoofedSYNs / 4, "server 0 weight 1000"}, {spoofedSYNs * 3 / 4, "server 0 weight 1"}, {spoofedSYNs * 3 / 4, "server 1 weight 1000"}} {
		if !soon(limit, came(step.frames)) {
			return 0, errors.New("the flood took too long")
		}
		m.say(step.command)
	}
	if !soon(limit, came(spoofedSYNs)) {
		return 0, errors.New("the flood took too long")
	}
	flood.Kill()
	if ended(get) {
		return 0, errors.New("the downloads ended before the flood did")
	}
	select {
	case <-get.Done():
	case <-time.After(limit): // what is broken never ends
	}
	get.Kill()
	return float64(downloads - strings.Count(get.Output(), fmt.Sprintf("200 %d\n", hugeBytes))), nil
}

// soon polls until cond holds, and says whether it came to that.
func soon(limit time.Duration, cond func() bool) bool {
	for deadline := time.Now().Add(limit); !cond(); {
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(50 * time.Millisecond) // the pace of polling
	}
	return true
}

// connections is how many connections the client has to an address.
func (b *bench) connections(t *testing.T, addr string) int {
	t.Helper()
	return strings.Count(must(t, b.client, "ss", "-Htn", "state", "established", "dst", addr), "\n")
}
