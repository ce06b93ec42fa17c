// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import "sync/atomic"

// Table remembers which server each flow was given, and which clients were
// heard. Its size is fixed: nothing is allocated after New. State: owned, by one
// goroutine, without a lock; only Stats, Take and Taken are for others too.
type Table struct {
	hooks Hooks

	// The flows. Those from high on were never used, so a table that is not
	// filled is not resident; those given back form a list.
	flows []Flow
	index index
	high  uint32
	free  uint32 // the first that was given back, from 1; 0 is none

	hand uint32 // where Add looks next for a flow that may go
	next uint32 // where Age goes on

	clients clients

	// What Stats tells.
	counts    [states]uint64 // flows in each state
	added     uint64
	unstored  uint64
	published published

	kept uint32 // by Warm, for nobody

	census *Census // that this pass fills; nil if none
	asked  atomic.Pointer[Census]
	taken  atomic.Pointer[Census]
}

// Hooks are what a Table asks of whoever owns it; all but Exists and Memory are needed. They are called
// on the owner's goroutine, from within the Table's methods, must not wait and
// must not call the Table.
type Hooks struct {
	// Count hears that a server has one more flow, or one less.
	Count func(server uint32, delta int32)

	// Idle gives the idle times of a service; nil when the service is no more:
	// its flows are over.
	Idle func(service uint32) *Idle

	// Serves says whether a server still is one; the flows of one that is not
	// are over. It is asked by Age, and not about flows without a server.
	Serves func(server uint32) bool

	// Exists says whether a server is still there, also one that serves nobody for
	// a while: its clients stay its own. Nil is Serves.
	Exists func(server uint32) bool

	// Memory is told, by New, where a large table lies that nobody has touched yet:
	// entries are looked up at random, and a million of them are in 25 000 small pages,
	// each of which takes the processor a walk through its tables. It must not write
	// there. Nil does nothing.
	Memory func([]byte)
}

// New returns a table for that many flows and clients, each at least 1 and below
// 2^32. It takes 80 bytes a flow and 80 a client.
func New(flows, clients int, hooks Hooks) *Table {
	flows, clients = max(1, flows), max(1, clients)
	if hooks.Exists == nil {
		hooks.Exists = hooks.Serves
	}
	t := &Table{
		hooks:   hooks,
		flows:   make([]Flow, flows),
		index:   newIndex(flows),
		clients: newClients(clients),
	}
	tell(hooks.Memory, t.flows)
	tell(hooks.Memory, t.index.buckets)
	return t
}

// Hash returns what k is found by in this table.
func (t *Table) Hash(k *Key) uint64 {
	var b [keySize]byte
	k.pack(&b)
	return t.index.hash(b[:])
}

// lookup returns the flow of that key, over or not, and how many cache lines of
// the table it touched: the bucket's, and that of the only entry that may be it.
func (t *Table) lookup(k *Key, h uint64) (f *Flow, lines int) {
	b := t.index.at(h)
	i := b.find(tag(h))
	if i < 0 {
		return nil, 1
	}
	if f = &t.flows[b.refs[i]]; !f.is(k) {
		return nil, 2
	}
	return f, 2
}

// Find returns the flow of that key; nil when there is none, or its time is
// over, or its service is no more. It touches at most two cache lines of the
// table, unless it forgets the flow. Whether the server still is one is for the
// caller to see.
func (t *Table) Find(k *Key, now Moment) *Flow { return t.FindHashed(k, t.Hash(k), now) }

// FindHashed is Find for who has k's Hash.
func (t *Table) FindHashed(k *Key, hash uint64, now Moment) *Flow {
	f, _ := t.lookup(k, hash)
	if f != nil && t.over(f, now) {
		t.forget(f)
		return nil
	}
	return f
}

// over says whether the time of f is over, or its service is no more.
func (t *Table) over(f *Flow, now Moment) bool {
	idle := t.hooks.Idle(f.service)
	return idle == nil || now.Since(f.seen) >= idle.of(f)
}

// Add returns a new flow of that key, which Find did not find: Opening, with seq
// and without a server, and no frame counted: see Assign, and Segment or
// Datagram, which are to be told of the first frame too. It returns nil where
// there is no room; a flow that is Opening or Established, and not over, never
// makes room.
//
// seq is the number of the SYN. For a flow whose SYN was not seen, it is one less
// than that of the segment that is there instead: so its next segment makes it
// Established, as an ACK does after a SYN, and a stray one alone makes no entry
// that stays.
func (t *Table) Add(k *Key, seq uint32, now Moment) *Flow {
	return t.AddHashed(k, t.Hash(k), seq, now)
}

// AddHashed is Add for who has k's Hash.
func (t *Table) AddHashed(k *Key, h uint64, seq uint32, now Moment) *Flow {
	b := t.index.at(h)
	i := t.slot(b, tag(h), now)
	if i < 0 {
		t.unstored++
		return nil
	}
	ref, ok := t.entry(now)
	if !ok {
		t.unstored++
		return nil
	}
	b.tags[i], b.refs[i] = tag(h), ref
	f := &t.flows[ref]
	*f = Flow{
		client: k.Client, service: k.Service, clientPort: k.ClientPort, port: k.Port, proto: k.Proto,
		state: Opening, seq: seq, seen: now, started: now,
	}
	t.counts[Opening]++
	t.added++
	return f
}

// Assign gives f to a server; it may have had another, or none. 0 is none.
func (t *Table) Assign(f *Flow, server uint32) {
	if f.server == server {
		return
	}
	t.count(f.server, -1)
	t.count(server, 1)
	f.server = server
	if f.owner != 0 {
		t.clients.entries[f.owner-1].follow(f)
	}
}

// count tells the owner, of servers that are one.
func (t *Table) count(server uint32, delta int32) {
	if server != 0 {
		t.hooks.Count(server, delta)
	}
}

// Drop forgets f.
func (t *Table) Drop(f *Flow) {
	if f.state != Free {
		t.forget(f)
	}
}

// forget gives the entry of f back.
func (t *Table) forget(f *Flow) {
	t.count(f.server, -1)
	t.part(f)
	t.counts[f.state]--
	k := f.key()
	ref := t.index.remove(t.Hash(&k))
	*f = Flow{seq: t.free}
	t.free = ref + 1
}

// set changes the state of f.
func (t *Table) set(f *Flow, s State) {
	t.counts[f.state]--
	t.counts[s]++
	f.state = s
}
