// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"cygnet/internal/flow"
	"cygnet/internal/wire"
)

// TestBenchWorkers measures, for `make bench`, how many frames two workers handle beside
// one, in turns, with queues in memory: nothing is shared but the processor's caches,
// the table and the clock. It prints a row of a table.
func TestBenchWorkers(t *testing.T) {
	if os.Getenv("CYGNET_BENCH") != "1" {
		t.Skip("takes seconds and a quiet machine: run with CYGNET_BENCH=1")
	}
	const rounds, spell = 9, 300 * time.Millisecond
	e := newTestEngineOf(t, testConfig(), 2)
	e.clock.Store(firstTick)
	both := []*memoryTraffic{newMemoryTraffic(t, e, 0), newMemoryTraffic(t, e, 1)}
	var ratios, one, two []float64
	for range rounds {
		one = append(one, together(both[:1], spell)/1e6)
		two = append(two, together(both, spell)/1e6)
		ratios = append(ratios, two[len(two)-1]/one[len(one)-1])
	}
	fmt.Printf("\n| in memory, median (lowest..highest) | one worker | two workers | two : one |\n|---|---|---|---|\n"+
		"| TCP, 60-byte frames of 1000 flows: million frames/s | %s | %s | %s |\n", spread(one), spread(two), spread(ratios))
}

// spread is the median of values, their lowest and their highest.
func spread(values []float64) string {
	s := slices.Sorted(slices.Values(values))
	return fmt.Sprintf("%.2f (%.2f..%.2f)", s[len(s)/2], s[0], s[len(s)-1])
}

// memoryTraffic are batches of frames, of a thousand flows of one worker's clients.
type memoryTraffic struct {
	w    *worker
	next int
}

func newMemoryTraffic(t *testing.T, e *Engine, id int) *memoryTraffic {
	t.Helper()
	m := &memoryTraffic{w: e.workers[id]}
	data := frame(t, fromClient+"tcp 10.78.0.0:1024 > 10.77.0.10:80 A seq=1 pad=6")
	for i := range m.w.batch.Slots {
		m.w.batch.Slots[i].Set(data)
	}
	m.w.batch.N = wire.BatchSize
	return m
}

// batch makes the frames of the batch those of the next flows, as a queue would.
func (m *memoryTraffic) batch() {
	for i := range m.w.batch.Slots {
		s := &m.w.batch.Slots[i]
		s.Send = false
		eth := wire.Ethernet(s.Frame()) // a step has changed both MACs
		eth.SetDst(ourMAC)
		eth.SetSrc(wire.MAC{2, 0, 0, 0, 0, 9})
		ip := wire.IPv4(eth[ethernetLen:])
		wire.TCP(ip[ip.IHL():]).SetSrcPort(uint16(1024 + m.next))
		wire.TCP(ip[ip.IHL():]).SetFlags(flow.ACK)
		m.next = (m.next + 1) % 1000
	}
}

// together has workers handle frames for so long, each in a goroutine of its own, and
// returns how many a second were forwarded.
func together(all []*memoryTraffic, spell time.Duration) (perSecond float64) {
	var running sync.WaitGroup
	before := forwarded(all)
	began := time.Now()
	for _, m := range all {
		running.Go(func() {
			for time.Since(began) < spell {
				for range 64 {
					m.batch()
					_ = m.w.step()
				}
			}
		})
	}
	running.Wait()
	return float64(forwarded(all)-before) / time.Since(began).Seconds()
}

func forwarded(all []*memoryTraffic) (n uint64) {
	for _, m := range all {
		n += m.w.count.reasons[Forwarded].load().Frames
	}
	return n
}
