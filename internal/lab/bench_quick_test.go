// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"fmt"
	"os"
	"testing"
)

// TestBenchQuick guards, in less than a minute, what the packet path costs beside Pen:
// by the processor's time for a frame, not by how many there are a second, and with
// slack, since CI's machine does other things, too. (Allocations are guarded where the
// code is: every package of the packet path has a test that there are none.)
func TestBenchQuick(t *testing.T) {
	if os.Getenv("CYGNET_BENCH_QUICK") != "1" {
		t.Skip("takes a minute and root: run as root with CYGNET_BENCH_QUICK=1")
	}
	t.Setenv("CYGNET_BENCH", "1")
	t.Setenv("CYGNET_BENCH_ROUNDS", "3")
	b := &bench{rounds: requireBench(t), cores: twoCores(t)}
	b.buildSegment(t)
	b.startBalancers(t, b.cores[0])
	lift := b.dropAtServers(t)
	defer lift()
	of := "TCP, 60-byte frames, saturated: "
	b.compare(t, b.balancers(), func(p *benchPath) ([]float64, error) { return b.flood(p.tcp, benchTCP(), fullSpeed) },
		benchRow{what: of + "1000 frames/s forwarded"},
		benchRow{what: of + "CPU a frame, µs", goals: []benchGoal{atMost(0.9, "pen")}},
		benchRow{what: of + "lost, %"},
		benchRow{what: of + "1000 frames/s offered"})
	b.compare(t, b.balancers(), costAndLoss(func(p *benchPath) ([]float64, error) { return b.flood(p.udp, benchUDP(), 40_000) }),
		benchRow{what: "UDP, 60-byte frames, 40 000/s: CPU a frame, µs", goals: []benchGoal{atMost(1.4, "pen")}},
		benchRow{what: "UDP, 60-byte frames, 40 000/s: lost, %"})
	b.stopBalancers()
	fmt.Printf("\n%s\n%s\n", machine(b.rounds), &b.table)
	for _, row := range b.table.rows {
		for _, g := range row.goals {
			if !g.reached(row) {
				t.Errorf("%s: %v of Pen's, want at most %v", row.what, row.ratio("pen"), g.most)
			}
		}
	}
}
