// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"fmt"
	"testing"
)

func TestAgeForgetsFlowsOfServersThatAreNoMore(t *testing.T) {
	table, counts := newTable(8, 8)
	for i := range uint32(4) {
		table.Assign(open(t, table, int(i), Established, 0), i)
	}
	table.hooks.Serves = func(server uint32) bool {
		if server == 0 {
			t.Error("Serves is asked about no server")
		}
		return server == 3
	}
	table.Age(0, table.Len())
	for i, want := range []bool{true, false, false, true} { // 0 is no server
		if got := table.Find(key(i), 0) != nil; got != want {
			t.Errorf("flow of server %d is there: %v", i, got)
		}
	}
	if counts[1] != 0 || counts[2] != 0 || counts[3] != 1 {
		t.Errorf("servers count %v", counts)
	}
}

// Age takes as many steps as it is allowed, and says when it is round.
func TestAgeGoesRound(t *testing.T) {
	table, _ := newTable(100, 100)
	if !table.Age(0, 0) || !table.Age(0, 10) || table.Len() != 0 {
		t.Error("an empty table is not at its end at once")
	}
	for i := range 7 {
		open(t, table, i, Opening, 0)
	}
	for i := 10; i < 13; i++ {
		open(t, table, i, Established, 0) // 10 flows and 3 clients
	}
	ends := ""
	for range 8 {
		ends += map[bool]string{true: "x", false: "."}[table.Age(0, 4)]
	}
	if ends != "...x...x" || table.Len() != 13 {
		t.Errorf("passes over %d end %s", table.Len(), ends)
	}
	if table.Age(0, 0); table.next != 0 {
		t.Error("Age looks at one when it may look at none")
	}
}

// An idle table is as good as new: nothing to look at, the same entries again.
func TestTableThatEmptiesIsAsNew(t *testing.T) {
	table, _ := newTable(1000, 1000)
	for round := range 3 {
		now := Moment(round) * 10_000
		stored := 0
		for i := range 900 {
			if table.Add(key(i), 0, now) != nil {
				stored++
			}
		}
		if stored < 890 || table.high != uint32(stored) {
			t.Fatalf("round %d: %d stored, %d entries used", round, stored, table.high)
		}
		pass(table, now+5000)
		if table.Len() != 0 {
			t.Fatalf("round %d: Age still looks at %d", round, table.Len())
		}
	}
}

// Nothing allocates after New, neither for frames nor for a census.
func TestTableDoesNotAllocate(t *testing.T) {
	table, _ := newTable(1000, 500)
	table.hooks.Count = func(uint32, int32) {}
	table.Take(NewCensus(20))
	i, clients := 0, 0
	if n := testing.AllocsPerRun(1000, func() {
		for range 30 {
			i++
			now := Moment(i)
			k := *key(i % 3000)
			f := table.Find(&k, now)
			if f == nil {
				if f = table.Add(&k, 100, now); f == nil {
					continue
				}
				table.Assign(f, uint32(1+i%4))
			}
			table.Segment(f, SYN, 100, 1, 60, now)
			table.Introduce(f, now)
			table.Segment(f, ACK, 101, 1, i%1000, now)
			table.Tracked(k.Client, k.Service, 1000, now)
			if i%7 == 0 {
				table.Segment(f, FIN|ACK, 101, 1, 60, now)
			}
			if i%11 == 0 {
				table.Reopen(f, 100, now)
			}
			if i%13 == 0 {
				table.Drop(f)
			}
		}
		table.Age(Moment(i), 300)
		if c := table.Taken(); c != nil {
			clients = max(clients, len(c.Clients))
			table.Take(c)
		}
		table.Publish()
		table.Stats()
	}); n != 0 {
		t.Errorf("%v allocations a run, want 0", n)
	}
	if table.unstored == 0 || clients != 20 {
		t.Errorf("%d not stored, %d clients in a census: not all was tried", table.unstored, clients)
	}
}

// BenchmarkAge measures Age's look at one flow or client, in turn over a full
// table of which every second flow had frames since, with a census or none.
func BenchmarkAge(b *testing.B) {
	for _, rows := range []int{0, 100} {
		for _, n := range []int{1000, 1_000_000} {
			b.Run(fmt.Sprintf("flows=%d/rows=%d", n, rows), func(b *testing.B) {
				table, _ := newTable(n, 65536)
				for i := range n {
					k := key(i % 65536)
					k.ClientPort = uint16(i >> 16)
					if f := table.Add(k, 100, 0); f != nil {
						table.Segment(f, SYN, 100, 1, 60, 0)
						table.Segment(f, ACK, 101, 1, 60, 0)
					}
				}
				const step = 256
				for b.Loop() {
					if rows > 0 && table.next == 0 {
						table.Taken()
						table.Take(NewCensus(rows))
					}
					for i := table.next; i < min(table.high, table.next+step); i += 2 {
						table.flows[i].bytes++
					}
					table.Age(0, step)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/step, "ns/entry")
			})
		}
	}
}
