// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"cygnet/internal/flow"
	"cygnet/internal/wire"
)

// flowRoom is what the tables of BenchmarkFlows have room for.
const flowRoom = 1_500_000

const ethernetLen = 14 // of a header without a tag, IEEE 802.3 section 3.1.1

// flowTraffic makes batches of the shortest TCP frames, of as many flows as are
// wanted, and takes them through a worker.
type flowTraffic struct {
	e      *Engine
	w      *worker
	began  time.Time
	random uint32
	spent  time.Duration // in steps, without what makes the frames
	frames int
}

func newFlowTraffic(b *testing.B, room int) *flowTraffic {
	b.Helper()
	cfg := testConfig()
	cfg.Services = cfg.Services[:1]
	cfg.Services[0].Idle = Idle{Opening: time.Hour, Established: time.Hour, Closing: time.Hour, UDP: time.Hour}
	cfg.Flows = room
	e := newTestEngine(b, cfg)
	tr := &flowTraffic{e: e, w: e.workers[0], began: time.Now(), random: 1}
	data := frame(b, fromClient+"tcp 10.78.0.0:1024 > 10.77.0.10:80 A seq=1 pad=6")
	for i := range tr.w.batch.Slots {
		tr.w.batch.Slots[i].Set(data)
	}
	return tr
}

// put makes the i-th slot of the batch a frame of that flow: as many clients
// as a table knows, and then another port of each.
func (tr *flowTraffic) put(i, number int, flags uint8) {
	slot := &tr.w.batch.Slots[i]
	slot.Send = false
	eth := wire.Ethernet(slot.Frame()) // a step has changed both MACs
	eth.SetDst(ourMAC)
	eth.SetSrc(wire.MAC{2, 0, 0, 0, 0, 9})
	ip := wire.IPv4(eth[ethernetLen:])
	ip.SetSrc(netip.AddrFrom4([4]byte{10, 78, byte(number >> 8), byte(number)}))
	ip.UpdateChecksum()
	tcp := wire.TCP(ip[ip.IHL():])
	tcp.SetSrcPort(uint16(1024 + number>>16))
	tcp.SetFlags(flags)
	tcp.SetSeq(1)
	if flags == flow.SYN {
		tcp.SetSeq(0)
	}
}

// step takes a batch of the next n flows from first on through the worker, as
// fast as time goes: a pass over the table begins once a second.
func (tr *flowTraffic) step(n int) {
	tr.w.batch.N = n
	tr.e.clock.Store(firstTick + int64(2*time.Second) + int64(time.Since(tr.began)))
	began := time.Now()
	_ = tr.w.step()
	tr.spent += time.Since(began)
	tr.frames += n
}

// open makes n flows Established.
func (tr *flowTraffic) open(b *testing.B, n int) {
	b.Helper()
	for _, flags := range []uint8{flow.SYN, flow.ACK} {
		for first := 0; first < n; first += wire.BatchSize {
			batch := min(wire.BatchSize, n-first)
			for i := range batch {
				tr.put(i, first+i, flags)
			}
			tr.step(batch)
		}
	}
	// What finds its bucket full is not stored: one in 350 of a full table.
	s := tr.w.flows.Stats()
	if established := s.Open - s.Opening; established < min(uint64(n), s.Room)*99/100 {
		b.Fatalf("of %d flows, %d are established", n, established)
	}
}

// forget drops the flows of the batch at hand, as far as they were stored.
func (tr *flowTraffic) forget() {
	for i := range tr.w.batch.N {
		if f := tr.w.flows.Find(&tr.w.sights[i].key, tr.w.moment); f != nil {
			tr.w.flows.Drop(f)
		}
	}
}

// someOf is the number of the next flow of n, at random.
func (tr *flowTraffic) someOf(n int) int {
	tr.random = tr.random*1664525 + 1013904223
	return int(uint64(tr.random) * uint64(n) >> 32)
}

// report gives the time of a frame in steps.
func (tr *flowTraffic) report(b *testing.B) {
	b.ReportMetric(float64(tr.spent.Nanoseconds())/float64(tr.frames), "ns/frame")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkFlows measures a frame of a flow that is known, in full batches, the
// flows in random order: with a thousand of them the table is in the nearest
// caches, with a million it is in none.
func BenchmarkFlows(b *testing.B) {
	for _, flows := range []int{1000, 65536, 1_000_000} {
		b.Run(fmt.Sprintf("flows=%d", flows), func(b *testing.B) {
			tr := newFlowTraffic(b, flowRoom)
			tr.open(b, flows)
			before := tr.w.flows.Stats()
			tr.spent, tr.frames = 0, 0
			for b.Loop() {
				for i := range wire.BatchSize {
					tr.put(i, tr.someOf(flows), flow.ACK)
				}
				tr.step(wire.BatchSize)
			}
			if s := tr.w.flows.Stats(); s.Added != before.Added {
				b.Fatalf("%d flows were added: not all frames were of flows that are known", s.Added-before.Added)
			}
			tr.report(b)
		})
	}
}

// BenchmarkNewFlows measures a SYN of a new flow, in full batches, with a table
// that is empty, half full, or full, so that there is no room for it.
func BenchmarkNewFlows(b *testing.B) {
	const room = 1_000_000
	for _, c := range []struct {
		name  string
		flows int
	}{{"empty", 0}, {"half", room / 2}, {"full", room + room/50}} {
		b.Run("table="+c.name, func(b *testing.B) {
			tr := newFlowTraffic(b, room)
			tr.open(b, c.flows)
			tr.spent, tr.frames = 0, 0
			next := c.flows
			for b.Loop() {
				for i := range wire.BatchSize {
					tr.put(i, next+i, flow.SYN)
				}
				tr.step(wire.BatchSize)
				tr.forget()
				next = c.flows + (next-c.flows+wire.BatchSize)%room
			}
			tr.report(b)
		})
	}
}
