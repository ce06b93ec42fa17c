// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import "testing"

// track asks for the client of key(i).
func track(table *Table, i int, within uint32, now Moment) uint32 {
	server, _ := table.Tracked(key(i).Client, 1, within, now)
	return server
}

// visitor is the flow of a client of a server, which said goodbye.
func visitor(t *testing.T, table *Table, i int, server uint32, now Moment) {
	t.Helper()
	f := open(t, table, i, Established, now)
	table.Assign(f, server)
	table.Drop(f)
}

func TestClientIsKnownOnceItsFlowIsEstablished(t *testing.T) {
	table, _ := newTable(8, 8)
	f := table.Add(key(1), 100, 0)
	table.Assign(f, 5)
	table.Segment(f, SYN, 100, 1, 60, 0)
	table.Segment(f, SYN, 100, 1, 60, 0)
	table.Segment(f, ACK, 100, 1, 60, 0) // not beyond the SYN
	if track(table, 1, 0, 0) != 0 {
		t.Fatal("a client is known by a SYN")
	}
	table.Segment(f, ACK, 101, 1, 60, 0)
	if track(table, 1, 0, 0) != 5 {
		t.Fatal("the client is not known")
	}
	if track(table, 2, 0, 0) != 0 {
		t.Fatal("another client is known")
	}
	if _, ok := table.Tracked(key(1).Client, 2, 0, 0); ok {
		t.Fatal("the client is known to another service")
	}
}

func TestTrackingLastsAsLongAsSaid(t *testing.T) {
	table, _ := newTable(8, 8)
	open(t, table, 1, Established, 1000)
	table.Assign(table.Find(key(1), 1000), 5)
	if track(table, 1, 10, 5000) != 5 {
		t.Error("a client with a flow is not tracked")
	}
	table.Drop(table.Find(key(1), 5000))
	for _, tt := range []struct {
		within uint32
		now    Moment
		want   uint32
	}{{0, 1 << 30, 5}, {500, 1500, 5}, {500, 1501, 0}, {500, 900, 5}, {501, 1501, 5}} {
		if got := track(table, 1, tt.within, tt.now); got != tt.want {
			t.Errorf("within %d ms at %d: server %d, want %d", tt.within, tt.now, got, tt.want)
		}
	}
}

func TestClientFollowsItsNewestFlow(t *testing.T) {
	table, _ := newTable(8, 8)
	visitor(t, table, 1, 5, 0)
	k := key(1)
	k.ClientPort++
	f := table.Add(k, 0, 10)
	table.Segment(f, SYN, 0, 1, 60, 10)
	table.Assign(f, 6)
	if track(table, 1, 0, 10) != 5 {
		t.Error("a flow that is not established moves its client")
	}
	table.Segment(f, ACK, 1, 1, 60, 10)
	if track(table, 1, 0, 10) != 6 {
		t.Error("the client does not follow its newest flow")
	}
	table.Assign(f, 7)
	if track(table, 1, 0, 10) != 7 {
		t.Error("the client does not follow its flow to another server")
	}
	table.Assign(f, 0)
	if track(table, 1, 0, 10) != 7 {
		t.Error("the client follows its flow to nowhere")
	}
}

func TestIntroducedClientIsForgottenWithItsLastFlow(t *testing.T) {
	table, _ := newTable(8, 8)
	f := open(t, table, 1, Opening, 0)
	table.Assign(f, 5)
	table.Introduce(f, 0)
	if track(table, 1, 100, 50) != 5 {
		t.Fatal("the client is not known")
	}
	pass(table, Moment(testIdle.Opening))
	if track(table, 1, 0, Moment(testIdle.Opening)) != 0 || table.clients.known != 0 || table.clients.introduced != 0 {
		t.Error("a client that never answered is still known")
	}
	if table.Len() != 0 {
		t.Errorf("Age looks at %d entries of an empty table", table.Len())
	}
}

// A full table of clients forgets those without flows, for others that answered
// and not for those that may be forged.
func TestClientsMakeRoom(t *testing.T) {
	table, _ := newTable(100, 6)
	for i := range 3 {
		visitor(t, table, i, 5, 0)
	}
	for i := 3; i < 6; i++ {
		table.Assign(open(t, table, i, Established, 0), 5)
	}
	f := open(t, table, 6, Opening, 0)
	table.Assign(f, 6)
	table.Introduce(f, 0)
	if track(table, 6, 0, 0) != 0 || table.clients.known != 6 {
		t.Fatal("an introduced client took another's place")
	}
	for i := 7; i < 10; i++ {
		table.Assign(open(t, table, i, Established, 0), 7)
		if track(table, i, 0, 0) != 7 {
			t.Errorf("client %d found no room", i)
		}
	}
	table.Assign(open(t, table, 10, Established, 0), 7)
	for i, want := range []uint32{0, 0, 0, 5, 5, 5, 0, 7, 7, 7, 0} {
		if got := track(table, i, 0, 0); got != want {
			t.Errorf("client %d has server %d, want %d", i, got, want)
		}
	}
}

func TestFullBucketForgetsTheClientHeardLongestAgo(t *testing.T) {
	table, _ := newTable(100, 100)
	table.clients.index.buckets = table.clients.index.buckets[:1]
	for i := range slots {
		now := Moment(1000 - i)
		if i == slots-1 { // the oldest has a flow
			table.Assign(open(t, table, i, Established, now), 5)
			break
		}
		visitor(t, table, i, 5, now)
	}
	f := open(t, table, slots, Opening, 1000)
	table.Assign(f, 6)
	if table.Introduce(f, 1000); track(table, slots, 0, 1000) != 0 {
		t.Error("an introduced client took another's place")
	}
	visitor(t, table, slots+1, 6, 1000)
	for i := range slots + 2 {
		if got := track(table, i, 0, 1000) != 0; got != (i != slots-2 && i != slots) {
			t.Errorf("client %d is known: %v", i, got)
		}
	}
}

// Two clients of one tag in one bucket: the second is not known, and neither is
// taken for the other.
func TestTagsOfClientsDiffer(t *testing.T) {
	table, _ := newTable(8, 8)
	oneBucket(table)
	visitor(t, table, 1, 5, 0)
	c := &table.clients
	k := key(1)
	for k.Service++; tag(c.hash(&k.Client, k.Service)) != tag(c.hash(&k.Client, 1)); k.Service++ {
	}
	if server, ok := table.Tracked(k.Client, k.Service, 0, 0); ok {
		t.Errorf("the client of another service has server %d", server)
	}
	table.index = newIndex(1000)
	f := table.Add(k, 0, 0)
	table.Assign(f, 6)
	table.Introduce(f, 0)
	if _, ok := table.Tracked(k.Client, k.Service, 0, 0); ok || f.owner != 0 || track(table, 1, 0, 0) != 5 {
		t.Error("a second client of the same tag is known")
	}
}

// Forged addresses take half of the room at most, so those who answer find some.
func TestIntroducedClientsTakeHalfOfTheRoom(t *testing.T) {
	table, _ := newTable(100, 8)
	for i := range 8 {
		f := open(t, table, i, Opening, 0)
		table.Assign(f, 5)
		table.Introduce(f, 0)
	}
	if table.clients.introduced != 4 {
		t.Errorf("%d of 8 are introduced, want 4", table.clients.introduced)
	}
	for i := 10; i < 14; i++ {
		table.Assign(open(t, table, i, Established, 0), 6)
		if track(table, i, 0, 0) != 6 {
			t.Errorf("client %d, which answered, found no room", i)
		}
	}
}

// A client's row has the bytes of all its flows, whenever they were told.
func TestClientCountsItsFlows(t *testing.T) {
	table, _ := newTable(8, 8)
	f := table.Add(key(1), 100, 0)
	table.Segment(f, SYN, 100, 1, 7, 0)
	pass(table, 0) // tells nobody: the client is not known
	table.Segment(f, SYN, 100, 1, 10, 0)
	table.Segment(f, ACK, 101, 1, 100, 20)
	pass(table, 20)
	e, _ := table.clients.find(&key(1).Client, 1)
	if e.bytes != 117 || e.open != 1 || e.opened != 1 || e.seen != 20 {
		t.Errorf("client is %+v, want 117 bytes, 1 flow, seen at 20", *e)
	}
	table.Segment(f, ACK, 101, 1, 1<<30, 30)
	pass(table, 30)
	table.Segment(f, ACK, 101, 3, 1<<30, 40)
	table.Reopen(f, 500, 50)
	table.Segment(f, SYN, 500, 1, 1000, 60)
	table.Segment(f, ACK, 501, 1, 0, 60)
	table.Drop(f)
	if e.bytes != 1<<31+1117 || e.open != 0 || e.opened != 2 || e.seen != 60 {
		t.Errorf("client is %+v, want 2^31+1117 bytes, no flow of 2, seen at 60", *e)
	}
}

// What a service leaves behind when it is no more goes in one pass.
func TestClientsOfNoServiceAreForgotten(t *testing.T) {
	table, counts := newTable(8, 8)
	visitor(t, table, 1, 5, 0)
	table.Assign(open(t, table, 2, Established, 0), 5)
	table.hooks.Idle = func(uint32) *Idle { return nil }
	table.Age(0, table.Len())
	if table.Len() != 0 || table.clients.known != 0 || counts[5] != 0 {
		t.Errorf("%d entries left, %d clients known, server counts %d", table.Len(), table.clients.known, counts[5])
	}
}

// A client keeps its server while that is there, also when it serves nobody, and
// none that is no more: its number will be another's.
func TestClientsKeepNoServerThatIsNoMore(t *testing.T) {
	exists := true
	table := New(8, 8, Hooks{
		Count: func(uint32, int32) {}, Idle: func(uint32) *Idle { return &Idle{1000, 1000, 1000, 1000} },
		Serves: func(uint32) bool { return false }, Exists: func(uint32) bool { return exists },
	})
	k := key(1)
	f := table.Add(k, 1, 1)
	table.Assign(f, 7)
	table.Segment(f, SYN, 1, 1, 60, 1)
	table.Segment(f, ACK, 2, 1, 60, 1)
	for !table.Age(2, 8) {
	}
	if server, ok := table.Tracked(k.Client, k.Service, 0, 3); !ok || server != 7 {
		t.Errorf("server %d, %v; want 7: it is still there", server, ok)
	}
	exists = false
	for !table.Age(4, 8) {
	}
	if server, ok := table.Tracked(k.Client, k.Service, 0, 5); ok {
		t.Errorf("server %d, which is no more", server)
	}
}
