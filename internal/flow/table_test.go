// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"testing"
	"time"
	"unsafe"
)

var testIdle = Idle{Opening: 3000, Established: 900_000, Closing: 30_000, UDP: 60_000}

// newTable returns a table whose services and servers all are, and the counts
// of the servers. The keys up to 100 find room in it, unless a bucket is full:
// their tags differ.
func newTable(flows, clients int) (*Table, map[uint32]int32) {
	counts := map[uint32]int32{}
	table := New(flows, clients, Hooks{
		Count:  func(server uint32, delta int32) { counts[server] += delta },
		Idle:   func(uint32) *Idle { return &testIdle },
		Serves: func(uint32) bool { return true },
	})
	for _, x := range []*index{&table.index, &table.clients.index} {
		for !apart(table, x) {
			x.seed = maphash.MakeSeed()
		}
	}
	return table, counts
}

// apart says whether the tags of the first keys in x, or of their clients, differ.
func apart(table *Table, x *index) bool {
	tags := map[uint16]bool{}
	for i := range 100 {
		if x == &table.index {
			tags[tag(table.Hash(key(i)))] = true
		} else {
			tags[tag(table.clients.hash(&key(i).Client, 1))] = true
		}
	}
	return len(tags) == 100
}

// oneBucket makes a full bucket easy to come by.
func oneBucket(t *Table) *Table {
	t.index.buckets = t.index.buckets[:1]
	t.clients.index.buckets = t.clients.index.buckets[:1]
	return t
}

// key returns the i-th of many keys, each of another client.
func key(i int) *Key {
	k := &Key{Service: 1, ClientPort: 40000, Port: 80, Proto: 6}
	binary.BigEndian.PutUint32(k.Client[12:], uint32(i))
	return k
}

// open adds the i-th flow, which must have room, and brings it to a state.
func open(t *testing.T, table *Table, i int, s State, now Moment) *Flow {
	t.Helper()
	f := table.Add(key(i), 100, now)
	if f == nil {
		t.Fatalf("no room for flow %d", i)
	}
	table.Segment(f, SYN, 100, 1, 60, now)
	switch s {
	case Established:
		table.Segment(f, ACK, 101, 1, 60, now)
	case Closing:
		table.Segment(f, FIN|ACK, 101, 1, 60, now)
	case Reset:
		table.Segment(f, RST, 101, 1, 60, now)
	}
	if f.State() != s {
		t.Fatalf("flow is %v, want %v", f.State(), s)
	}
	return f
}

func TestSizes(t *testing.T) {
	for what, size := range map[string]uintptr{
		"Flow": unsafe.Sizeof(Flow{}), "bucket": unsafe.Sizeof(bucket{}), "client": unsafe.Sizeof(client{}),
	} {
		if size != 64 {
			t.Errorf("%s has %d bytes, want a cache line", what, size)
		}
	}
	for _, n := range []int{1, 2, 3, 5, 100, 1000, 65536} {
		table, _ := newTable(n, n)
		for what, p := range map[string]unsafe.Pointer{
			"flows": unsafe.Pointer(&table.flows[0]), "buckets": unsafe.Pointer(&table.index.buckets[0]),
			"clients": unsafe.Pointer(&table.clients.entries[0]),
		} {
			if uintptr(p)%64 != 0 {
				t.Errorf("%s of a table of %d do not begin with a cache line", what, n)
			}
		}
	}
}

// All that a table keeps: a million flows, and the usual number of clients.
func TestMillionFlowsTakeLessThan100MB(t *testing.T) {
	table, _ := newTable(1_000_000, 65536)
	total := 0
	for _, n := range []int{len(table.flows), len(table.index.buckets), len(table.clients.entries), len(table.clients.index.buckets)} {
		total += n * 64
	}
	if total += int(unsafe.Sizeof(*table)); total >= 100_000_000 {
		t.Errorf("%d bytes", total)
	}
}

// In a table as full as it gets, a lookup touches two cache lines at most,
// whether the flow is there or not; and as good as all have found room.
func TestLookupTouchesTwoCacheLinesAtFullLoad(t *testing.T) {
	const n = 65536
	table, _ := newTable(n, 1)
	for i := 0; i < 2*n && table.high < n; i++ {
		table.Add(key(i), 0, 0)
	}
	if table.unstored > n/500 {
		t.Errorf("%d of %d flows found no room in a table that had it", table.unstored, n)
	}
	seen := map[int]int{}
	for i := range 3 * n {
		f, lines := table.lookup(key(i), table.Hash(key(i)))
		seen[lines]++
		if f != nil && !f.is(key(i)) {
			t.Fatalf("flow %d is another", i)
		}
		if f != nil && lines != 2 {
			t.Fatalf("a flow was found by %d cache lines", lines)
		}
	}
	if len(seen) > 2 || seen[1] == 0 || seen[2] < n-n/500 {
		t.Errorf("lookups by cache lines touched: %v, want 1 or 2", seen)
	}
}

// Nothing but those two lines matters: with all others spoilt, the answer is the
// same.
func TestLookupNeedsNothingElse(t *testing.T) {
	const n = 1000
	full, _ := newTable(n, 1)
	for i := range n {
		full.Add(key(i), uint32(i), 0)
	}
	spoilt, _ := newTable(n, 1)
	spoilt.index.seed = full.index.seed
	for i := range n {
		f, _ := full.lookup(key(i), full.Hash(key(i)))
		if f == nil {
			continue // no room in its bucket
		}
		h := full.Hash(key(i))
		b := full.index.at(h)
		ref := b.refs[b.find(tag(h))]
		clear(spoilt.index.buckets)
		clear(spoilt.flows)
		*spoilt.index.at(h), spoilt.flows[ref] = *b, *f
		if got, _ := spoilt.lookup(key(i), spoilt.Hash(key(i))); got == nil || got.seq != uint32(i) {
			t.Fatalf("flow %d is not found by its two lines", i)
		}
	}
}

func TestEachPartOfAKeyCounts(t *testing.T) {
	table, _ := newTable(1, 1)
	table.Add(key(1), 0, 0)
	for what, change := range map[string]func(*Key){
		"client": func(k *Key) { k.Client[0]++ }, "client port": func(k *Key) { k.ClientPort++ },
		"service": func(k *Key) { k.Service++ }, "port": func(k *Key) { k.Port++ }, "protocol": func(k *Key) { k.Proto++ },
	} {
		k := *key(1)
		change(&k)
		if table.Hash(&k) == table.Hash(key(1)) {
			t.Errorf("another %s has the same hash", what)
		}
		if table.flows[0].is(&k) {
			t.Errorf("another %s is the same flow", what)
		}
	}
	if table.flows[0].key() != *key(1) {
		t.Error("the flow's key is not what it was added with")
	}
}

func TestHashIsKeyed(t *testing.T) {
	one, _ := newTable(1, 1)
	other, _ := newTable(1, 1)
	if one.Hash(key(1)) == other.Hash(key(1)) {
		t.Error("two tables hash alike: an outsider can aim at a bucket")
	}
}

func TestFlowsEndAfterTheirIdleTime(t *testing.T) {
	const step = 1<<32 - 1000 // the clock wraps on the way
	tests := []struct {
		name string
		open func(*testing.T, *Table, Moment) *Flow
		idle uint32
	}{
		{"opening", func(t *testing.T, table *Table, now Moment) *Flow { return open(t, table, 1, Opening, now) }, testIdle.Opening},
		{"established", func(t *testing.T, table *Table, now Moment) *Flow { return open(t, table, 1, Established, now) }, testIdle.Established},
		{"closing", func(t *testing.T, table *Table, now Moment) *Flow { return open(t, table, 1, Closing, now) }, testIdle.Closing},
		{"reset", func(t *testing.T, table *Table, now Moment) *Flow { return open(t, table, 1, Reset, now) }, testIdle.Closing},
		{"udp, one datagram", func(_ *testing.T, table *Table, now Moment) *Flow {
			f := addUDP(table, now)
			table.Datagram(f, 1, 60, now)
			return f
		}, testIdle.Opening},
		{"udp, two datagrams", func(_ *testing.T, table *Table, now Moment) *Flow {
			f := addUDP(table, now)
			table.Datagram(f, 1, 60, now)
			table.Datagram(f, 1, 60, now)
			return f
		}, testIdle.UDP},
	}
	for _, tt := range tests {
		for _, by := range []string{"Find", "Age"} {
			t.Run(tt.name+" by "+by, func(t *testing.T) {
				table, counts := newTable(4, 4)
				f := tt.open(t, table, step)
				k := f.key()
				table.Assign(f, 7)
				if by == "Age" {
					table.Age(step+Moment(tt.idle)-1, 100)
				}
				if table.Find(&k, step+Moment(tt.idle)-1) == nil {
					t.Fatal("it is over too soon")
				}
				if table.Find(&k, step-50) == nil {
					t.Fatal("it is over for a clock that is a little behind")
				}
				if by == "Age" {
					table.Age(step+Moment(tt.idle), 100)
				} else if table.Find(&k, step+Moment(tt.idle)) != nil {
					t.Fatal("it is not over")
				}
				if left, _ := table.lookup(&k, table.Hash(&k)); left != nil || counts[7] != 0 {
					t.Errorf("it was left, and its server counts %d", counts[7])
				}
			})
		}
	}
}

func addUDP(table *Table, now Moment) *Flow {
	k := key(1)
	k.Proto = 17
	return table.Add(k, 0, now)
}

func TestMoment(t *testing.T) {
	const second = int64(time.Second)
	if got := At(5 * second); got != 5000 {
		t.Errorf("At(5 s) = %d", got)
	}
	if got := At((1<<32)*int64(time.Millisecond) + 7*int64(time.Millisecond)); got != 7 {
		t.Errorf("49 days on, the moment is %d, want 7", got)
	}
	for _, tt := range []struct {
		m, o Moment
		want uint32
	}{{5, 3, 2}, {3, 3, 0}, {3, 5, 0}, {2, ^Moment(0), 3}, {^Moment(0), 2, 0}} {
		if got := tt.m.Since(tt.o); got != tt.want {
			t.Errorf("%d since %d = %d, want %d", tt.m, tt.o, got, tt.want)
		}
	}
}

// An established flow of a month says that it is old, not that it is new.
func TestWhatIsLongPastStaysPast(t *testing.T) {
	table, _ := newTable(1, 1)
	table.Assign(open(t, table, 1, Established, 0), 5)
	const hour, day = 3600 * 1000, 24 * 3600 * 1000
	var ms uint64
	for ; ms < 40*day; ms += hour / 6 {
		now := Moment(ms)
		f := table.Find(key(1), now)
		if f == nil {
			t.Fatalf("the flow is gone on day %d", ms/day)
		}
		table.Segment(f, ACK, 200, 1, 60, now)
		table.Age(now, 100)
		if e := &table.clients.entries[0]; now.Since(f.started) < uint32(min(ms, uint64(past))) || now.Since(e.started) < uint32(min(ms, uint64(past))) {
			t.Fatalf("on day %d it seems to have begun %d h ago, its client %d h", ms/day, now.Since(f.started)/hour, now.Since(e.started)/hour)
		}
	}
	table.Drop(table.Find(key(1), Moment(ms)))
	for ; ms < 100*day; ms += hour {
		now := Moment(ms)
		table.Age(now, 100)
		if _, ok := table.Tracked(key(1).Client, 1, uint32(MaxIdle/time.Millisecond), now); ok && ms > 48*day {
			t.Fatalf("on day %d a client that left on day 40 is tracked", ms/day)
		}
	}
}

func TestFlowString(t *testing.T) {
	for s, want := range map[State]string{Free: "free", Opening: "opening", Established: "established", Closing: "closing", Reset: "closing", 9: "unknown"} {
		if s.String() != want {
			t.Errorf("state %d is %q, want %q", s, s, want)
		}
		if f := (Flow{state: s}); f.Live() != (s == Opening || s == Established) {
			t.Errorf("%v goes on: %v", s, f.Live())
		}
	}
}

// BenchmarkFind measures a lookup that finds, at random among so many flows in a
// full table: at 1000 the table is in the CPU's nearest caches, at a million it
// is in none, so that each of the two lines comes from memory.
func BenchmarkFind(b *testing.B) {
	for _, n := range []int{1000, 65536, 1_000_000} {
		b.Run(fmt.Sprintf("flows=%d", n), func(b *testing.B) {
			table, _ := newTable(n, 1)
			for i := range n {
				table.Add(key(i), 0, 0)
			}
			k, x := key(0), uint32(1)
			b.ReportAllocs()
			for b.Loop() {
				x = x*1664525 + 1013904223
				binary.BigEndian.PutUint32(k.Client[12:], uint32(uint64(x)*uint64(n)>>32))
				table.Find(k, 0)
			}
		})
	}
}

// BenchmarkMiss measures a lookup that does not find, as BenchmarkFind does.
func BenchmarkMiss(b *testing.B) {
	const n = 1_000_000
	table, _ := newTable(n, 1)
	for i := range n {
		table.Add(key(i), 0, 0)
	}
	k, x := key(0), uint32(1)
	for b.Loop() {
		x = x*1664525 + 1013904223
		binary.BigEndian.PutUint32(k.Client[12:], x|1<<31)
		table.Find(k, 0)
	}
}

// BenchmarkChurn measures the whole life of a short flow: added, given a server,
// its SYN, ACK and FIN, and dropped, among 65 536 others.
func BenchmarkChurn(b *testing.B) {
	table, _ := newTable(1<<17, 1<<17)
	for i := range 1 << 16 {
		table.Add(key(i), 0, 0)
	}
	table.hooks.Count = func(uint32, int32) {}
	i := 1 << 16
	b.ReportAllocs()
	for b.Loop() {
		i++
		f := table.Add(key(i), 100, 0)
		if f == nil {
			continue
		}
		table.Assign(f, 1)
		table.Segment(f, SYN, 100, 1, 60, 0)
		table.Segment(f, ACK, 101, 1, 60, 0)
		table.Segment(f, FIN|ACK, 101, 1, 60, 0)
		table.Drop(f)
	}
}

// BenchmarkFlood measures an Add that finds no room in a full table, as in a
// flood of SYNs.
func BenchmarkFlood(b *testing.B) {
	const n = 65536
	table, _ := newTable(n, 1)
	for i := range 2 * n {
		table.Add(key(i), 0, 0)
	}
	i := 2 * n
	for b.Loop() {
		i++
		table.Add(key(i), 0, 0)
	}
}
