// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The rules of a Table once more, with maps, times that do not wrap, and no
// thought of speed. Where a Table may choose (which of those that may go makes
// room, whether a bucket has room), the model checks the choice and follows it.
type model struct {
	table   *Table
	start   Moment // of the table's clock, at 0 of the model's
	now     int64  // milliseconds
	idle    map[uint32]*Idle
	dead    map[uint32]bool
	flows   map[Key]*modelFlow
	clients map[modelName]*modelClient
	counts  map[uint32]int32 // by the table's Hooks

	added, unstored uint64
}

type modelName struct {
	addr    [16]byte
	service uint32
}

type modelFlow struct {
	state    State
	server   uint32
	seq      uint32
	seen     int64
	started  int64
	frames   uint64
	bytes    uint64
	answered bool
	client   *modelClient
}

type modelClient struct {
	server    uint32
	open      uint32
	opened    uint32
	bytes     uint64
	seen      int64 // of those flows' frames, while it is known
	confirmed bool
}

var modelIdle = Idle{Opening: 3000, Established: 20000, Closing: 5000, UDP: 8000}

func newModel(flows, clients int, start Moment) *model {
	m := &model{
		start:  start,
		idle:   map[uint32]*Idle{0: &modelIdle, 1: &modelIdle},
		dead:   map[uint32]bool{},
		flows:  map[Key]*modelFlow{},
		counts: map[uint32]int32{}, clients: map[modelName]*modelClient{},
	}
	m.table = New(flows, clients, Hooks{
		Exists: func(uint32) bool { return true }, // see TestClientsKeepNoServerThatIsNoMore
		Count:  func(server uint32, delta int32) { m.counts[server] += delta },
		Idle:   func(service uint32) *Idle { return m.idle[service] },
		Serves: func(server uint32) bool { return !m.dead[server] },
	})
	return m
}

func (m *model) at(ms int64) Moment { return m.start + Moment(uint32(ms)) }

func (m *model) quietFor(f *modelFlow) int64 { return max(0, m.now-f.seen) }

func (m *model) over(k Key, f *modelFlow) bool {
	if m.idle[k.Service] == nil {
		return true
	}
	limit := int64(3000)
	switch f.state {
	case Established:
		limit = 20000
		if k.Proto == 17 {
			limit = 8000
		}
	case Closing, Reset:
		limit = 5000
	}
	return m.quietFor(f) >= limit
}

func (m *model) mayGo(k Key, f *modelFlow) bool {
	return m.over(k, f) || (f.state == Closing || f.state == Reset) && m.quietFor(f) >= 1000
}

// remove forgets a flow in the model.
func (m *model) remove(k Key) {
	f := m.flows[k]
	delete(m.flows, k)
	m.leave(k, f)
}

func (m *model) leave(k Key, f *modelFlow) {
	if c := f.client; c != nil {
		c.open--
		if c.open == 0 && !c.confirmed {
			delete(m.clients, modelName{k.Client, k.Service})
		}
	}
}

// gone returns the flows that the table has forgotten.
func (m *model) gone() (keys []Key) {
	for k := range m.flows {
		if f, _ := m.table.lookup(&k, m.table.Hash(&k)); f == nil {
			keys = append(keys, k)
		}
	}
	return keys
}

// goneClients returns the clients that the table has forgotten.
func (m *model) goneClients() (names []modelName) {
	for n := range m.clients {
		if e, _ := m.table.clients.find(&n.addr, n.service); e == nil {
			names = append(names, n)
		}
	}
	return names
}

func (m *model) find(t *rapid.T, k Key) *Flow {
	f := m.flows[k]
	got := m.table.Find(&k, m.at(m.now))
	if f != nil && m.over(k, f) {
		m.remove(k)
		f = nil
	}
	if (got != nil) != (f != nil) {
		t.Fatalf("Find(%v) = %v, want %v", k, got, f)
	}
	return got
}

func (m *model) add(t *rapid.T, k Key, seq uint32) {
	full, spare := len(m.flows) == len(m.table.flows), false
	for o, f := range m.flows {
		spare = spare || m.mayGo(o, f)
	}
	refused, pressed := m.refuses(k)

	got := m.table.Add(&k, seq, m.at(m.now))

	gone := m.gone()
	for _, o := range gone {
		if !m.mayGo(o, m.flows[o]) {
			t.Fatalf("a flow that lives was forgotten: %v %+v", o, m.flows[o])
		}
		if got == nil || !full && !pressed {
			t.Fatalf("a flow was forgotten for nothing: %v", o)
		}
		m.remove(o)
	}
	if len(gone) > 1 {
		t.Fatalf("%d flows were forgotten for one", len(gone))
	}
	if want := refused || full && !spare; want != (got == nil) { // the hand reaches all: there are at most 16
		t.Fatalf("Add among %d of %d = %v; some may go: %v, the bucket has no room: %v", len(m.flows), len(m.table.flows), got, spare, refused)
	}
	if got == nil {
		m.unstored++
		return
	}
	m.added++
	m.flows[k] = &modelFlow{state: Opening, seq: seq, seen: m.now, started: m.now}
}

// refuses says whether the key's bucket has no room at all, and whether it has
// none unless a flow goes.
func (m *model) refuses(k Key) (refused, pressed bool) {
	b := m.table.index.at(m.table.Hash(&k))
	mayGo := func(i int) bool {
		o := m.table.flows[b.refs[i]].key()
		return m.mayGo(o, m.flows[o])
	}
	if i := b.find(tag(m.table.Hash(&k))); i >= 0 {
		return !mayGo(i), true
	}
	if b.find(0) >= 0 {
		return false, false
	}
	for i := range slots {
		if mayGo(i) {
			return false, true
		}
	}
	return true, true
}

// sight is what clients there were before one more might be known.
type sight struct {
	clients    map[modelName]modelClient
	clash      bool // another has the tag in the bucket
	full       bool // the bucket
	idleThere  bool // one in the bucket is without flows
	idle       bool // one anywhere is
	introduced int
}

func (m *model) look(k Key) sight {
	s := sight{clients: map[modelName]modelClient{}}
	c := &m.table.clients
	h := c.hash(&k.Client, k.Service)
	b := c.index.at(h)
	s.clash = b.find(tag(h)) >= 0
	s.full = b.find(0) < 0
	for n, e := range m.clients {
		s.clients[n] = *e
		if !e.confirmed {
			s.introduced++
		}
		if e.open == 0 {
			s.idle = true
			s.idleThere = s.idleThere || c.index.at(c.hash(&n.addr, n.service)) == b
		}
	}
	return s
}

// meet makes a flow one of its client, if the table does.
func (m *model) meet(t *rapid.T, k Key, f *modelFlow, before sight) {
	n := modelName{k.Client, k.Service}
	got, _ := m.table.lookup(&k, m.table.Hash(&k))
	for _, o := range m.goneClients() {
		if m.clients[o].open != 0 || !f.answered {
			t.Fatalf("a client was forgotten: %v %+v", o, m.clients[o])
		}
		delete(m.clients, o)
	}
	room := len(m.table.clients.entries)
	full := len(before.clients) == room
	if lost := len(before.clients) - len(m.clients); lost > 1 || lost == 1 && !full && !before.full {
		t.Fatalf("%d clients were forgotten for one", lost)
	}
	_, known := before.clients[n]
	want := known
	switch {
	case known || before.clash:
	case f.answered:
		want = (!before.full || before.idleThere) && (!full || before.idle)
	default:
		want = !before.full && !full && before.introduced < (room+1)/2
	}
	if want != (got.owner != 0) {
		t.Fatalf("client of %v is known: %v, among %d of %d, %+v", k, !want, len(before.clients), room, before)
	}
	if !want {
		return
	}
	c := m.clients[n]
	if c == nil {
		c = &modelClient{seen: m.now}
		m.clients[n] = c
	}
	f.client = c
	c.open++
	c.bytes += f.bytes
	c.seen = max(c.seen, f.seen)
	if f.server != 0 {
		c.server = f.server
	}
	if f.answered {
		c.confirmed = true
		c.opened++
	}
}

func (m *model) establish(t *rapid.T, k Key, f *modelFlow, before sight) {
	f.state = Established
	if f.answered {
		return
	}
	f.answered = true
	if f.client == nil {
		m.meet(t, k, f, before)
		return
	}
	f.client.confirmed = true
	f.client.opened++
}

func (m *model) note(f *modelFlow, frames, bytes int) (first bool) {
	first = f.frames == 0
	f.frames += uint64(frames)
	f.bytes += uint64(bytes)
	f.seen = max(f.seen, m.now)
	if c := f.client; c != nil {
		c.bytes += uint64(bytes)
		c.seen = max(c.seen, f.seen)
	}
	return first
}

func (m *model) segment(t *rapid.T, k Key, got *Flow, flags uint8, seq uint32, frames, bytes int) {
	f, before := m.flows[k], m.look(k)
	again := m.table.Segment(got, flags, seq, frames, bytes, m.at(m.now))
	first, want := m.note(f, frames, bytes), false
	has := func(bits uint8) bool { return flags&bits != 0 }
	switch distance := seq - f.seq; {
	case has(RST):
		f.state = Reset
	case has(FIN):
		f.state = Closing
	case first:
	case has(SYN) && !has(ACK) && f.state == Opening && seq == f.seq:
		want = true
	case has(SYN) && !has(ACK) && f.state == Opening:
		f.seq = seq
	case has(SYN) && !has(ACK):
	case has(ACK) && f.state == Opening && distance >= 1 && distance < 1<<30:
		m.establish(t, k, f, before)
	case has(ACK) && f.state == Reset:
		m.establish(t, k, f, before)
	}
	if again != want {
		t.Fatalf("again = %v, want %v", again, want)
	}
}

func (m *model) datagram(t *rapid.T, k Key, got *Flow, bytes int) {
	f, before := m.flows[k], m.look(k)
	m.table.Datagram(got, 1, bytes, m.at(m.now))
	if !m.note(f, 1, bytes) && f.state == Opening {
		m.establish(t, k, f, before)
	}
}

// age makes one whole pass, or a part of one.
func (m *model) age(t *rapid.T, n int) {
	whole := m.table.next == 0 && m.table.clients.next == 0 && n >= m.table.Len()
	if ended := m.table.Age(m.at(m.now), n); whole && !ended {
		t.Fatalf("Age did not end a pass over %d with %d", m.table.Len(), n)
	}
	doomed := func(k Key, f *modelFlow) bool {
		return m.over(k, f) || f.server != 0 && m.dead[f.server]
	}
	for _, k := range m.gone() {
		if !doomed(k, m.flows[k]) {
			t.Fatalf("Age forgot a flow that lives: %v %+v", k, m.flows[k])
		}
		m.remove(k)
	}
	for _, n := range m.goneClients() {
		if m.idle[n.service] != nil || m.clients[n].open != 0 {
			t.Fatalf("Age forgot client %v %+v", n, m.clients[n])
		}
		delete(m.clients, n)
	}
	if !whole {
		return
	}
	for k, f := range m.flows {
		if doomed(k, f) {
			t.Fatalf("a whole pass left %v %+v", k, f)
		}
	}
	for n, c := range m.clients {
		if m.idle[n.service] == nil {
			t.Fatalf("a whole pass left a client of no service: %v", n)
		}
		e, _ := m.table.clients.find(&n.addr, n.service)
		if e.bytes != c.bytes || e.seen != m.at(c.seen) {
			t.Fatalf("client has %d bytes, seen %d, want %d, %d", e.bytes, e.seen, c.bytes, m.at(c.seen))
		}
	}
}

// check compares all there is to see.
func (m *model) check(t *rapid.T) {
	counts := map[uint32]int32{}
	stats := Stats{
		Room: uint64(len(m.table.flows)), Open: uint64(len(m.flows)),
		Added: m.added, Unstored: m.unstored, Clients: uint64(len(m.clients)),
	}
	for k, f := range m.flows {
		got, _ := m.table.lookup(&k, m.table.Hash(&k))
		if got == nil {
			t.Fatalf("%v is not there", k)
		}
		want := Flow{
			client: k.Client, service: k.Service, clientPort: k.ClientPort, port: k.Port, proto: k.Proto,
			state: f.state, answered: f.answered, server: f.server, seq: f.seq,
			seen: m.at(f.seen), started: m.at(f.started), frames: uint32(f.frames), bytes: f.bytes,
			owner: got.owner, told: got.told,
		}
		if *got != want || (got.owner != 0) != (f.client != nil) {
			t.Fatalf("flow is\n%+v, want\n%+v, with a client: %v", *got, want, f.client != nil)
		}
		if f.server != 0 {
			counts[f.server]++
		}
		switch f.state {
		case Opening:
			stats.Opening++
		case Closing, Reset:
			stats.Closing++
		}
	}
	for s, n := range m.counts {
		if n != counts[s] {
			t.Fatalf("server %d was counted %d, want %d", s, n, counts[s])
		}
	}
	for s, n := range counts {
		if n != m.counts[s] {
			t.Fatalf("server %d was counted %d, want %d", s, m.counts[s], n)
		}
	}
	m.table.Publish()
	if got := m.table.Stats(); got != stats {
		t.Fatalf("stats are %+v, want %+v", got, stats)
	}
	for n, c := range m.clients {
		e, _ := m.table.clients.find(&n.addr, n.service)
		if e == nil {
			t.Fatalf("client %v is not there", n)
		}
		if e.server != c.server || e.open != c.open || e.opened != c.opened || (e.standing == confirmed) != c.confirmed {
			t.Fatalf("client is %+v, want %+v", *e, *c)
		}
	}
}

// drawKey returns a key, mostly of a flow that is there.
func (m *model) drawKey(t *rapid.T) Key {
	if len(m.flows) > 0 && rapid.SampledFrom([]bool{true, false}).Draw(t, "known") {
		keys := slices.SortedFunc(maps.Keys(m.flows), func(a, b Key) int { return strings.Compare(a.String(), b.String()) })
		return rapid.SampledFrom(keys).Draw(t, "key")
	}
	return Key{
		Client:     [16]byte{15: rapid.ByteRange(1, 12).Draw(t, "client")},
		Service:    rapid.Uint32Range(0, 1).Draw(t, "service"),
		ClientPort: rapid.Uint16Range(1, 2).Draw(t, "client port"),
		Port:       80,
		Proto:      rapid.SampledFrom([]uint8{6, 6, 17}).Draw(t, "proto"),
	}
}

func TestTableAgainstModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newModel(rapid.SampledFrom([]int{1, 2, 7, 16, 16}).Draw(t, "flows"), rapid.SampledFrom([]int{1, 2, 7, 16, 16}).Draw(t, "clients"),
			rapid.SampledFrom([]Moment{0, 1, ^Moment(0) - 20000, 1<<31 - 20000}).Draw(t, "start"))
		if rapid.Bool().Draw(t, "one bucket") { // which overflows before the table is full
			m.table.index.buckets = m.table.index.buckets[:1]
			m.table.clients.index.buckets = m.table.clients.index.buckets[:1]
		}
		m.now = 10
		latest := m.now
		for range rapid.SampledFrom([]int{10, 100, 400}).Draw(t, "steps") {
			latest += rapid.SampledFrom([]int64{0, 0, 0, 0, 0, 1, 300, 999, 1000, 2999, 3000, 5000, 8000, 20000}).Draw(t, "pass")
			m.now = latest - rapid.SampledFrom([]int64{0, 0, 0, 5}).Draw(t, "behind")
			m.step(t)
			m.check(t)
		}
	})
}

// step does one thing to the table and the model.
func (m *model) step(t *rapid.T) {
	k := m.drawKey(t)
	server := rapid.Uint32Range(0, 3).Draw(t, "server")
	seq := rapid.SampledFrom([]uint32{0, 1, 2, 1<<30 - 1, 1 << 30, 1<<32 - 1}).Draw(t, "seq")
	bytes := rapid.IntRange(1, 1500).Draw(t, "bytes")
	switch what := rapid.IntRange(0, 20).Draw(t, "what"); what {
	case 19:
		clear(m.dead)
		m.dead[server] = true
	case 20:
		m.idle[k.Service] = nil
		m.age(t, rapid.SampledFrom([]int{0, 3, m.table.Len()}).Draw(t, "n"))
		m.find(t, k)
		m.idle[k.Service] = &modelIdle
	case 2:
		m.age(t, rapid.IntRange(0, 5).Draw(t, "n"))
	case 3:
		m.age(t, m.table.Len())
	case 4:
		m.track(t, k)
	default:
		got := m.find(t, k)
		if got == nil {
			m.add(t, k, seq)
			return
		}
		m.touch(t, k, got, what, server, seq, bytes)
	}
}

// touch does one thing to a flow that is there.
func (m *model) touch(t *rapid.T, k Key, got *Flow, what int, server, seq uint32, bytes int) {
	f := m.flows[k]
	switch {
	case what == 5:
		m.table.Drop(got)
		m.remove(k)
	case what == 6:
		m.table.Reopen(got, seq, m.at(m.now))
		f.state, f.seq, f.seen, f.started = Opening, seq, m.now, m.now
		f.frames, f.bytes, f.answered = 0, 0, false
	case what == 7:
		before := m.look(k)
		m.table.Introduce(got, m.at(m.now))
		if f.client == nil {
			m.meet(t, k, f, before)
		}
	case what >= 8 && what < 11:
		m.table.Assign(got, server)
		f.server = server
		if f.client != nil && server != 0 {
			f.client.server = server
		}
	case k.Proto == 17:
		m.datagram(t, k, got, bytes)
	default:
		flags := rapid.SampledFrom([]uint8{SYN, SYN, ACK, ACK, ACK, SYN | ACK, FIN | ACK, RST, 0, SYN | RST, SYN | FIN}).Draw(t, "flags")
		m.segment(t, k, got, flags, seq, rapid.IntRange(1, 3).Draw(t, "frames"), bytes)
	}
}

// track compares the answer about a client.
func (m *model) track(t *rapid.T, k Key) {
	m.age(t, m.table.Len()) // as a Table hears from its flows then
	within := rapid.SampledFrom([]uint32{0, 1, 1000, 3000}).Draw(t, "within")
	server, ok := m.table.Tracked(k.Client, k.Service, within, m.at(m.now))
	want := uint32(0)
	if c := m.clients[modelName{k.Client, k.Service}]; c != nil {
		if within == 0 || c.open > 0 || m.now-c.seen <= int64(within) {
			want = c.server
		}
	}
	if server != want || ok != (want != 0) {
		t.Fatalf("Tracked = %d, %v, want %d", server, ok, want)
	}
}

func (k Key) String() string {
	return fmt.Sprintf("client %d:%d service %d proto %d", k.Client[15], k.ClientPort, k.Service, k.Proto)
}
