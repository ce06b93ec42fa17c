// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// census takes one, by whole passes.
func census(t *testing.T, table *Table, rows int, now Moment) *Census {
	t.Helper()
	want := NewCensus(rows)
	table.Take(want)
	pass(table, now)
	got := table.Taken()
	if got != want {
		t.Fatal("the census was not filled in a whole pass")
	}
	if table.Taken() != nil {
		t.Fatal("a census is handed over twice")
	}
	return got
}

func TestCensusOfAnEmptyTable(t *testing.T) {
	table, _ := newTable(8, 8)
	c := census(t, table, 3, 77)
	if len(c.Flows)+len(c.Clients)+len(c.Latest) != 0 || c.At != 77 {
		t.Errorf("census is %+v", c)
	}
}

func TestCensusRows(t *testing.T) {
	table, _ := newTable(8, 8)
	f := open(t, table, 1, Established, 10) // 120 bytes
	table.Assign(f, 5)
	pass(table, 20)
	table.Segment(f, ACK, 200, 2, 3000, 30)
	c := census(t, table, 3, 40)
	flow := FlowRow{
		Key: *key(1), State: Established, Server: 5, Started: 10, Seen: 30, Frames: 4, Bytes: 3120, Recent: 3000,
	}
	client := ClientRow{
		Client: key(1).Client, Service: 1, Server: 5, Open: 1, Opened: 1, Started: 10, Seen: 30, Bytes: 3120, Recent: 3000,
	}
	if !slices.Equal(c.Flows, []FlowRow{flow}) {
		t.Errorf("flows are %+v, want %+v", c.Flows, flow)
	}
	if want := []ClientRow{client}; !slices.Equal(c.Clients, want) || !slices.Equal(c.Latest, want) {
		t.Errorf("clients are %+v and %+v, want %+v", c.Clients, c.Latest, want)
	}
}

// A census has the first rows of all, sorted.
func TestCensusAgainstSortingAll(t *testing.T) {
	for _, rows := range []int{0, 1, 2, 7, 50, 150, 300} {
		table, _ := newTable(300, 300)
		var flows, clients []FlowRow // clients: those of them whose client is known
		random := rand.New(rand.NewPCG(1, uint64(rows)))
		for i := range 200 {
			f := table.Add(key(i), 100, 0)
			if f == nil {
				continue
			}
			table.Segment(f, SYN, 100, 1, 1+random.IntN(1e6), 0)
			table.Segment(f, ACK, 101, 1, 1+random.IntN(1e6), Moment(random.IntN(1e6)))
			table.hooks.Idle = func(uint32) *Idle { return &Idle{1 << 30, 1 << 30, 1 << 30, 1 << 30} }
		}
		pass(table, 0)
		for i := range table.high {
			f := &table.flows[i]
			recent := 0
			if random.IntN(3) > 0 {
				recent = 1 + random.IntN(1e6)
				table.Segment(f, ACK, 101, 1, recent, f.seen)
			}
			row := FlowRow{Key: f.key(), Seen: f.seen, Bytes: f.bytes, Recent: uint64(recent)}
			if flows = append(flows, row); f.owner != 0 {
				clients = append(clients, row)
			}
		}
		c := census(t, table, rows, 1e6)
		busier := func(a, b FlowRow) int {
			if a.Recent != b.Recent {
				return int(b.Recent) - int(a.Recent)
			}
			return int(b.Bytes) - int(a.Bytes)
		}
		slices.SortFunc(flows, busier)
		slices.SortFunc(clients, busier)
		n, m := min(rows, len(flows)), min(rows, len(clients))
		if len(c.Flows) != n || len(c.Clients) != m || len(c.Latest) != m {
			t.Fatalf("of %d and %d, %d rows are %d flows, %d and %d clients", len(flows), len(clients), rows, len(c.Flows), len(c.Clients), len(c.Latest))
		}
		for i := range n {
			if c.Flows[i].Recent != flows[i].Recent || c.Flows[i].Bytes != flows[i].Bytes {
				t.Fatalf("row %d of %d is of %d and %d bytes, want %d and %d", i, rows, c.Flows[i].Recent, c.Flows[i].Bytes, flows[i].Recent, flows[i].Bytes)
			}
		}
		for i := range m {
			if c.Clients[i].Recent != clients[i].Recent || c.Clients[i].Bytes != clients[i].Bytes {
				t.Fatalf("row %d of %d is client %d, want %d", i, rows, c.Clients[i].Client, clients[i].Key.Client)
			}
		}
		slices.SortFunc(clients, func(a, b FlowRow) int { return int(b.Seen) - int(a.Seen) })
		for i := range m {
			if c.Latest[i].Seen != clients[i].Seen {
				t.Fatalf("row %d of %d was seen at %d, want %d", i, rows, c.Latest[i].Seen, clients[i].Seen)
			}
		}
	}
}

// A census begins with a pass, not in the middle of one, and has one pass.
func TestCensusIsOfOneWholePass(t *testing.T) {
	table, _ := newTable(8, 8)
	for i := range 6 {
		open(t, table, i, Opening, 0)
	}
	table.Age(0, 3)
	first, second := NewCensus(8), NewCensus(8)
	table.Take(first)
	table.Take(second) // instead
	if table.Age(0, 3); table.Taken() != nil {
		t.Fatal("half a pass fills a census")
	}
	table.Age(0, 3)
	third := NewCensus(8)
	table.Take(third) // after it
	if table.Taken() != nil {
		t.Fatal("a census that is being filled is handed over")
	}
	table.Age(0, 3)
	if table.Taken() != second || len(second.Flows) != 6 {
		t.Fatalf("the census has %d flows, want 6", len(second.Flows))
	}
	if table.Age(0, 6); table.Taken() != third || len(third.Flows) != 6 {
		t.Fatal("what was asked for meanwhile is not filled next")
	}
	if len(first.Flows) != 0 {
		t.Fatal("what was replaced was filled")
	}
	table.Take(first)
	table.Age(0, 0) // begins it
	table.Take(second)
	table.Age(0, 0)
	if table.Age(0, 6); table.Taken() != first || len(first.Flows) != 6 {
		t.Fatal("a census that was begun is not filled")
	}
}

// What was in a census before is not in it again.
func TestCensusIsUsedAgain(t *testing.T) {
	table, _ := newTable(8, 8)
	for i := range 6 {
		open(t, table, i, Established, 0)
	}
	c := census(t, table, 3, 0)
	for i := range 6 {
		table.Drop(table.Find(key(i), 0))
	}
	open(t, table, 7, Opening, 0)
	table.Take(c)
	if pass(table, 0); table.Taken() != c || len(c.Flows) != 1 || c.Flows[0].Key != *key(7) || len(c.Clients) != 3 {
		t.Errorf("the census has %+v", c)
	}
}

// With -race: another goroutine asks and takes while the owner works.
func TestCensusAndStatsFromAnotherGoroutine(t *testing.T) {
	table, _ := newTable(64, 64)
	var group sync.WaitGroup
	done := make(chan struct{})
	group.Go(func() {
		defer close(done)
		c := NewCensus(4)
		for range 20 {
			table.Take(c)
			for c = nil; c == nil; c = table.Taken() {
				if s := table.Stats(); s.Opening > s.Room {
					t.Error("more flows than room")
				}
			}
			for i := 1; i < len(c.Flows); i++ {
				if c.Flows[i].Recent > c.Flows[i-1].Recent {
					t.Error("flows are not sorted")
				}
			}
		}
	})
	for i := 0; ; i++ {
		select {
		case <-done:
			group.Wait()
			return
		default:
		}
		now := Moment(i)
		if f := table.Find(key(i%64), now); f != nil {
			table.Segment(f, ACK, 1, 1, 100+i%1000, now)
		} else {
			table.Add(key(i%64), 0, now)
		}
		table.Publish()
		table.Age(now, 3)
	}
}
