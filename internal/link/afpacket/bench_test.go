// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"testing"
	"time"

	"cygnet/internal/wire"
)

// BenchmarkNetnsEcho sends 64 small frames a turn to a queue that sends them
// back. It reports what the queue's side takes, in which the kernel's work of
// delivering them to the client is, without the time to generate them.
func BenchmarkNetnsEcho(b *testing.B) {
	lb, client := segment(b)
	none := Filter{Prefixes: prefixes("192.0.2.1/32")} // what comes back is dropped at once
	lbQ, clientQ := open(b, lb, "eth1", forVIP()), open(b, client, "eth0", none)
	frames := make([][]byte, wire.BatchSize)
	for i := range frames {
		frames[i] = toVIP(60)
	}
	out := put(wire.NewBatch(wire.BatchSize, 4096), frames...)
	in := wire.NewBatch(wire.BatchSize, wire.SlotRoom)
	dst, src := mac(clientMAC), mac(lbMAC)

	var echoed int
	var took time.Duration
	for b.Loop() {
		if err := clientQ.Send(out); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		for n := 0; n < len(frames); n += in.N {
			if err := lbQ.Recv(in); err != nil || in.N == 0 {
				b.Fatal(in.N, err)
			}
			for i := range in.N {
				f := wire.Ethernet(in.Slots[i].Frame())
				f.SetDst(dst)
				f.SetSrc(src)
				in.Slots[i].Send = true
			}
			if err := lbQ.Send(in); err != nil {
				b.Fatal(err)
			}
			echoed += in.N
		}
		took += time.Since(start)
	}
	b.ReportMetric(float64(echoed)/took.Seconds(), "frames/s")
	b.ReportMetric(float64(took.Nanoseconds())/float64(echoed), "ns/frame")
	b.ReportMetric(0, "ns/op")
}
