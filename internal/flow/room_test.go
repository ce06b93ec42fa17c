// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import "testing"

// Of a full bucket goes what is over, else what was quiet longest, and nothing
// that lives.
func TestFullBucketMakesRoom(t *testing.T) {
	const now = 100_000
	tests := []struct {
		name   string
		states [slots]State  // Free is taken for Established
		quiet  [slots]Moment // how long
		want   int           // who goes; -1 for nobody
	}{
		{"all live", [slots]State{}, [slots]Moment{}, -1},
		{"opening in time", [slots]State{4: Opening}, [slots]Moment{4: 2999}, -1},
		{"opening over", [slots]State{4: Opening}, [slots]Moment{4: 3000}, 4},
		{"closing, just heard", [slots]State{4: Closing}, [slots]Moment{4: 999}, -1},
		{"closing, quiet", [slots]State{4: Closing}, [slots]Moment{4: 1000}, 4},
		{"reset, quiet", [slots]State{4: Reset}, [slots]Moment{4: 1000}, 4},
		{"the quietest", [slots]State{2: Closing, 4: Reset, 6: Closing}, [slots]Moment{2: 1500, 4: 1501, 6: 1500}, 4},
		{"over before quiet", [slots]State{2: Closing, 6: Opening}, [slots]Moment{2: 20_000, 6: 3000}, 6},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, _ := newTable(2*slots, 1)
			oneBucket(table)
			for i := range slots {
				s := tt.states[i]
				if s == Free {
					s = Established
				}
				open(t, table, i, s, now-tt.quiet[i])
			}
			got := table.Add(key(slots), 0, now)
			if (got != nil) != (tt.want >= 0) {
				t.Fatalf("Add = %v, want room: %v", got, tt.want >= 0)
			}
			if (got == nil) != (table.unstored == 1) {
				t.Errorf("%d are counted as not stored", table.unstored)
			}
			for i := range slots {
				if f, _ := table.lookup(key(i), table.Hash(key(i))); (f == nil) != (i == tt.want) {
					t.Errorf("flow %d is there: %v, and %d is to go", i, f != nil, tt.want)
				}
			}
		})
	}
}

// pass makes a whole pass of Age, wherever it stands.
func pass(table *Table, now Moment) {
	for range 2 {
		for !table.Age(now, 100) {
		}
	}
}

// Two keys of one tag in one bucket: the second is not stored, so that neither is
// ever taken for the other, unless the first may go.
func TestTagsOfABucketDiffer(t *testing.T) {
	table, _ := newTable(2*slots, 1)
	oneBucket(table)
	tags := map[uint16]int{}
	i := 0
	for ; ; i++ {
		tg := tag(table.Hash(key(i)))
		if _, ok := tags[tg]; ok {
			break
		}
		tags[tg] = i
	}
	first := tags[tag(table.Hash(key(i)))]
	open(t, table, first, Closing, 0)
	if table.Add(key(i), 0, 999) != nil {
		t.Fatal("a second flow of the same tag was stored")
	}
	if table.Find(key(i), 999) != nil || table.Find(key(first), 999) == nil {
		t.Fatal("one was taken for the other")
	}
	if table.Add(key(first), 0, 999) != nil {
		t.Fatal("a flow was stored twice")
	}
	if table.Add(key(i), 0, 1000) == nil || table.Find(key(first), 1000) != nil {
		t.Error("the first did not make room, though it may go")
	}
}

// A flood of SYNs that nobody answers takes what room there is, for as long as
// it lasts, and no flow that is established.
func TestFloodOfSYNsEvictsNobody(t *testing.T) {
	table, _ := newTable(1000, 100)
	for i := range 100 {
		open(t, table, i, Established, 0)
	}
	now := Moment(0)
	for i := range 200_000 {
		now = Moment(i / 20) // 20 000 a second, for 10 s
		table.Add(key(1000+i), 7, now)
		if i%100 == 0 {
			table.Age(now, 50)
		}
	}
	for i := range 100 {
		if f := table.Find(key(i), now); f == nil || f.State() != Established {
			t.Errorf("flow %d is gone", i)
		}
	}
	if table.unstored == 0 || table.counts[Opening] < 800 {
		t.Errorf("%d not stored, %d opening: that was no flood", table.unstored, table.counts[Opening])
	}
	now += Moment(testIdle.Opening)
	pass(table, now)
	before := table.unstored
	for i := range 500 {
		table.Add(key(5000+i), 0, now)
	}
	if table.unstored > before+5 {
		t.Errorf("%d of 500 flows found no room after it", table.unstored-before)
	}
}

// Short connections, more than the table can hold while they are closing, all
// find room once those before have been quiet.
func TestClosingFlowsMakeRoom(t *testing.T) {
	table, _ := newTable(1000, 1000)
	for i := range 20_000 {
		now := Moment(2 * i) // 500 a second, closing for 30 s
		if f := table.Add(key(i), 100, now); f != nil {
			table.Segment(f, FIN|ACK, 101, 1, 60, now)
		}
	}
	if table.unstored > 10 { // where two have the same tag
		t.Errorf("%d of 20000 found no room", table.unstored)
	}
}

// Of a hash, 0 says that there is no entry.
func TestTagIsNeverNothing(t *testing.T) {
	for _, hash := range []uint64{0, 1 << 16, 1 << 63, 1, 0xffff} {
		if tag(hash) == 0 {
			t.Errorf("the tag of %x is 0", hash)
		}
	}
}

func TestSmallestTable(t *testing.T) {
	table, counts := newTable(0, 0)
	table.Assign(open(t, table, 1, Established, 0), 3)
	if table.Add(key(2), 0, 0) != nil {
		t.Error("a table of one flow has room for two")
	}
	table.Drop(table.Find(key(1), 0))
	if counts[3] != 0 || table.Add(key(2), 0, 0) == nil {
		t.Error("there is no room after Drop")
	}
	if table.Publish(); table.Stats().Room != 1 || table.Stats().Unstored != 1 {
		t.Errorf("stats are %+v", table.Stats())
	}
}
