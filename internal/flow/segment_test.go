// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"math"
	"testing"
)

// segment is one call of Segment, and whether it is to be the SYN again.
type segment struct {
	flags uint8
	seq   uint32
	again bool
}

func TestSegments(t *testing.T) {
	const opening = math.MaxUint32 // so that numbers wrap
	after := func(n uint32) uint32 { return opening + n }
	syn := segment{SYN, opening, false}
	ack := segment{ACK, after(1), false}
	tests := []struct {
		name     string
		segments []segment
		want     State
	}{
		{"SYN", []segment{syn}, Opening},
		{"SYN again", []segment{syn, {SYN, opening, true}, {SYN, opening, true}}, Opening},
		{"SYN with another number", []segment{syn, {SYN, 5, false}, {SYN, 5, true}}, Opening},
		{"ACK of the number before", []segment{syn, {SYN, 5, false}, ack}, Opening},
		{"ACK of another number", []segment{syn, {SYN, 5, false}, {ACK, 6, false}}, Established},
		{"ACK", []segment{syn, ack}, Established},
		{"ACK as far as can be", []segment{syn, {ACK, after(1<<30 - 1), false}}, Established},
		{"ACK too far", []segment{syn, {ACK, after(1 << 30), false}}, Opening},
		{"ACK that is not beyond the SYN", []segment{syn, {ACK, opening, false}}, Opening},
		{"ACK from before", []segment{syn, {ACK, opening - 1, false}}, Opening},
		{"no ACK", []segment{syn, {0, after(1), false}}, Opening},
		{"SYN while established", []segment{syn, ack, {SYN, opening, false}, {SYN, 77, false}}, Established},
		{"FIN", []segment{syn, ack, {FIN | ACK, 9, false}}, Closing},
		{"FIN at once", []segment{syn, {FIN | ACK, 9, false}}, Closing},
		{"after FIN", []segment{syn, ack, {FIN | ACK, 9, false}, {ACK, 10, false}, {SYN, opening, false}}, Closing},
		{"RST", []segment{syn, ack, {RST, 9, false}}, Reset},
		{"RST at once", []segment{syn, {RST, 9, false}}, Reset},
		{"RST after FIN", []segment{syn, ack, {FIN | ACK, 9, false}, {RST, 9, false}}, Reset},
		{"SYN after RST", []segment{syn, ack, {RST, 9, false}, {SYN, opening, false}}, Reset},
		{"a RST that was not the client's", []segment{syn, ack, {RST, 9, false}, {ACK, 12, false}}, Established},
		{"SYN and RST", []segment{syn, {SYN | RST, opening, false}}, Reset},
		{"SYN and FIN", []segment{syn, {SYN | FIN, opening, false}}, Closing},
		{"FIN and RST", []segment{syn, {FIN | RST, opening, false}}, Reset},
		{"first a FIN", []segment{{FIN | ACK, after(1), false}}, Closing},
		{"first a RST", []segment{{RST, after(1), false}}, Reset},
		{"first a middle segment", []segment{ack}, Opening},
		{"a middle segment, and more", []segment{ack, {ACK, after(1), false}}, Established},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table, _ := newTable(1, 1)
			f := table.Add(key(1), opening, 0)
			for i, s := range tt.segments {
				now := Moment(10 * (i + 1))
				if again := table.Segment(f, s.flags, s.seq, 2, 100, now); again != s.again {
					t.Errorf("segment %d: again = %v", i, again)
				}
				if n := i + 1; f.seen != now || int(f.frames) != 2*n || int(f.bytes) != 100*n {
					t.Errorf("after segment %d the flow has %d frames of %d bytes, seen at %d", i, f.frames, f.bytes, f.seen)
				}
			}
			if f.State() != tt.want {
				t.Errorf("the flow is %v, want %v", f.State(), tt.want)
			}
			table.Publish()
			want := Stats{Room: 1, Open: 1, Added: 1, Clients: uint64(table.clients.known)}
			switch tt.want {
			case Opening:
				want.Opening = 1
			case Closing, Reset:
				want.Closing = 1
			}
			if got := table.Stats(); got != want {
				t.Errorf("stats are %+v, want %+v", got, want)
			}
		})
	}
}

func TestFramesStayAtTheirMaximum(t *testing.T) {
	table, _ := newTable(1, 1)
	f := table.Add(key(1), 0, 0)
	f.frames = math.MaxUint32 - 1
	for range 3 {
		table.Segment(f, ACK, 1, 1, 60, 0)
	}
	if f.frames != math.MaxUint32 {
		t.Errorf("the flow has %d frames", f.frames)
	}
}

// A client that uses its port again has a new flow, by the same entry.
func TestReopen(t *testing.T) {
	table, counts := newTable(1, 1)
	f := open(t, table, 1, Closing, 0)
	table.Assign(f, 5)
	table.Reopen(f, 900, 50)
	if f.State() != Opening || f.Server() != 5 || counts[5] != 1 || f.started != 50 || f.bytes != 0 {
		t.Errorf("the flow is %+v, and its server counts %d", *f, counts[5])
	}
	if table.Segment(f, SYN, 900, 1, 60, 50) {
		t.Error("the SYN that it was reopened for is taken for one that came again")
	}
	if !table.Segment(f, SYN, 900, 1, 60, 60) {
		t.Error("its SYN is not known again")
	}
	table.Segment(f, ACK, 901, 1, 60, 70)
	if f.State() != Established {
		t.Errorf("the flow is %v", f.State())
	}
}

func TestAssignCounts(t *testing.T) {
	table, counts := newTable(2, 1)
	calls := 0
	table.hooks.Count = func(server uint32, delta int32) {
		calls++
		if server == 0 {
			t.Error("no server is counted")
		}
		counts[server] += delta
	}
	f := open(t, table, 1, Opening, 0)
	for _, server := range []uint32{0, 5, 5, 6, 0, 7} {
		table.Assign(f, server)
		for s, n := range counts {
			if want := map[bool]int32{true: 1}[s == server]; n != want {
				t.Errorf("given to %d, server %d counts %d", server, s, n)
			}
		}
	}
	table.Drop(f)
	table.Drop(f) // it is gone
	if calls != 6 {
		t.Errorf("Count was called %d times for three servers that came and went", calls)
	}
	if counts[7] != 0 || table.Find(key(1), 0) != nil {
		t.Errorf("dropped, server 7 counts %d", counts[7])
	}
}
