// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The benchmark compares cygnet with Pen and with the path past any balancer,
// on one segment in one run; TestBenchTarpit and TestBenchScan measure the tarpit:
//
//	CYGNET_BENCH=1 go test ./internal/lab -run '^TestBench$' -count=1 -v -timeout 60m
//
// It judges nothing: its result is the table that it prints. It fails only
// when it cannot measure. CYGNET_BENCH_ROUNDS is how often each is measured
// (5); the three take turns, so that a busy moment of the machine hits all.

// benchRemarks are what a reader of the table must know.
const benchRemarks = `Everything runs on one machine: client, switch, balancer and servers share its cores. Only for
the 60-byte frames is the balancer alone on one core, with the sender on another. Its CPU time
for a frame includes the virtual wire, the switch and the server's port, since the kernel works
them off in the call that sends. Direct is the path without a balancer, to one server.
Memory is the whole process's: with it comes what Go has not collected yet. Nothing fails with Pen
while servers are taken out, since it does not do so: it obeys no such command after its first frame.
`

// bench is one run.
type bench struct {
	rounds int
	cores  [2]int // for the balancer and for the sender, where they are pinned

	lab     *Lab
	client  *Host
	servers []*Host
	cygnet  *benchPath
	pen     *benchPath
	direct  *benchPath

	offloads bool // of the client

	table benchTable
}

// TestBench takes about eight minutes.
func TestBench(t *testing.T) {
	b := &bench{rounds: requireBench(t), cores: twoCores(t)}
	b.buildSegment(t)

	for _, half := range []struct {
		core  int // for the balancer
		parts []benchPart
	}{
		{b.cores[0], []benchPart{{"frames", b.frames}, {"flows", b.manyFlows}}},
		{anyCore, []benchPart{{"idle", b.idle}, {"pages", b.pages}, {"uploads", b.uploads}, {"answers", b.answers}}},
	} {
		if !slices.ContainsFunc(half.parts, benchPart.wanted) {
			continue
		}
		b.startBalancers(t, half.core)
		for _, part := range half.parts {
			if part.wanted() {
				part.measure(t)
			}
		}
		b.stopBalancers()
	}
	if changes := (benchPart{"changes", b.changes}); changes.wanted() {
		changes.measure(t)
	}

	fmt.Printf("\n%s\n%s\n%s\n", machine(b.rounds), &b.table, benchRemarks)
}

// benchPart is some rows of the table.
type benchPart struct {
	name    string
	measure func(*testing.T)
}

// wanted says whether CYGNET_BENCH_PARTS, names with commas between, has the part;
// without it every part is wanted.
func (p benchPart) wanted() bool {
	names := os.Getenv("CYGNET_BENCH_PARTS")
	return names == "" || slices.Contains(strings.Split(names, ","), p.name)
}

// requireBench skips the test unless it was asked for, fails it where it
// cannot run, and gives the number of rounds.
func requireBench(t *testing.T) (rounds int) {
	t.Helper()
	if os.Getenv("CYGNET_BENCH") != "1" {
		t.Skip("takes minutes, root and a quiet machine: run as root with CYGNET_BENCH=1")
	}
	if os.Geteuid() != 0 {
		t.Fatal("CYGNET_BENCH=1, but this is not root")
	}
	for _, tool := range []string{"pen", "penctl", "nginx", "ab", "curl", "hping3", "nmap", "ss", "taskset"} {
		if (&Host{}).Command(tool).Cmd.Err != nil {
			t.Errorf("CYGNET_BENCH=1, but %s is not installed", tool)
		}
	}
	rounds = 5
	if s := os.Getenv("CYGNET_BENCH_ROUNDS"); s != "" {
		var err error
		if rounds, err = strconv.Atoi(s); err != nil || rounds < 1 {
			t.Errorf("CYGNET_BENCH_ROUNDS=%q is no number of rounds from 1", s)
		}
	}
	if t.Failed() {
		t.FailNow()
	}
	return rounds
}

// notMeasured stands for a value that a path does not have, such as the CPU
// time of a balancer where there is none.
func notMeasured() float64 { return math.NaN() }

// patience is after how many failures, with no success before, a path is not
// tried again: Pen fails by timeouts.
const patience = 2

// compare tries all paths in turns, round by round, each round beginning with
// another one, and adds a row of the table for each of the values that try
// gives. An error is a result too.
func (b *bench) compare(t *testing.T, paths []*benchPath, try func(*benchPath) ([]float64, error), rows ...benchRow) []*benchRow {
	t.Helper()
	t.Logf("measuring: %s", rows[0].what)
	added := b.table.add(rows...)
	for round := range b.rounds {
		for i := range paths {
			p := paths[(round+i)%len(paths)]
			if added[0].cell(p).hopeless() {
				continue
			}
			values, err := try(p)
			if err != nil {
				t.Logf("%s: %v", p.name, err)
			} else {
				t.Logf("%s: %.4g", p.name, values)
			}
			for i, row := range added {
				if err != nil {
					row.cell(p).fail(err)
				} else if !math.IsNaN(values[i]) {
					row.cell(p).values = append(row.cell(p).values, values[i])
				}
			}
		}
	}
	return added
}

// all are the three paths.
func (b *bench) all() []*benchPath { return []*benchPath{b.cygnet, b.pen, b.direct} }

// balancers are the two paths that have one.
func (b *bench) balancers() []*benchPath { return []*benchPath{b.cygnet, b.pen} }
