// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import "encoding/binary"

// standing is how well a client is known.
type standing uint8

const (
	nobody     standing = iota // not a client
	introduced                 // by Introduce: it has not answered, its address may be forged
	confirmed                  // a flow of it was Established
)

// client is one client of one service. It is 64 bytes, a cache line. State:
// owned, by the Table.
type client struct {
	addr     [16]byte
	service  uint32
	server   uint32 // of its newest flow that has one
	open     uint32 // flows that point here; the next free entry, from 1, while nobody
	opened   uint32 // flows that were Established
	started  Moment
	seen     Moment // the latest frame of its flows, as far as they told
	bytes    uint64 // as far as its flows told
	prior    uint64 // bytes, when Age was here last
	standing standing
	_        [7]byte
}

// clients are those that are known. Those with flows stay; the others until
// their place is needed. State: owned, by the Table.
type clients struct {
	entries []client
	index   index
	high    uint32 // entries from here on were never used
	free    uint32 // the first that was given back, from 1; 0 is none
	hand    uint32 // where room is looked for next
	next    uint32 // where Age goes on

	known      uint32
	introduced uint32 // of them
}

func newClients(n int) clients { return clients{entries: make([]client, n), index: newIndex(n)} }

// hash returns the hash of a client of a service in the index.
func (c *clients) hash(addr *[16]byte, service uint32) uint64 {
	var b [16 + 4]byte
	copy(b[:16], addr[:])
	binary.LittleEndian.PutUint32(b[16:], service)
	return c.index.hash(b[:])
}

// find returns a known client, and where it is; nil if it is not known.
func (c *clients) find(addr *[16]byte, service uint32) (e *client, ref uint32) {
	h := c.hash(addr, service)
	b := c.index.at(h)
	i := b.find(tag(h))
	if i < 0 {
		return nil, 0
	}
	ref = b.refs[i]
	e = &c.entries[ref]
	if e.addr != *addr || e.service != service {
		return nil, 0
	}
	return e, ref
}

// add makes a client known that find did not find; nil where there is no room.
// Nobody makes room for one that is only introduced, and these take half of all
// at most: forged addresses push out nobody.
func (c *clients) add(addr *[16]byte, service uint32, as standing, now Moment) (e *client, ref uint32) {
	if as == introduced && c.introduced >= uint32(len(c.entries)+1)/2 {
		return nil, 0
	}
	h := c.hash(addr, service)
	b := c.index.at(h)
	i := c.slot(b, tag(h), as, now)
	if i < 0 {
		return nil, 0
	}
	ref, ok := c.entry(as)
	if !ok {
		return nil, 0
	}
	b.tags[i], b.refs[i] = tag(h), ref
	e = &c.entries[ref]
	*e = client{addr: *addr, service: service, standing: introduced, started: now, seen: now}
	c.known++
	c.introduced++
	return e, ref
}

// slot returns a slot of b without an entry, for an entry of that tag; -1 if
// there is none. Of a full bucket, the client without flows that was heard
// longest ago goes.
func (c *clients) slot(b *bucket, tag uint16, as standing, now Moment) int {
	if b.find(tag) >= 0 {
		return -1
	}
	i := b.find(0)
	if i >= 0 || as == introduced {
		return i
	}
	longest := uint32(0)
	for j, ref := range b.refs {
		e := &c.entries[ref]
		if d := now.Since(e.seen); e.open == 0 && (i < 0 || d > longest) {
			i, longest = j, d
		}
	}
	if i >= 0 {
		c.forget(&c.entries[b.refs[i]])
	}
	return i
}

// entry returns one that is not in use; false if there is none.
func (c *clients) entry(as standing) (ref uint32, ok bool) {
	if c.free == 0 && c.high == uint32(len(c.entries)) && as == confirmed {
		c.turn()
	}
	switch {
	case c.free != 0:
		ref = c.free - 1
		c.free = c.entries[ref].open
	case c.high < uint32(len(c.entries)):
		ref = c.high
		c.high++
	default:
		return 0, false
	}
	return ref, true
}

// turn moves the hand on, as far as it reaches, to a client without flows.
func (c *clients) turn() {
	for range min(reach, len(c.entries)) {
		e := &c.entries[c.hand]
		if c.hand++; c.hand == uint32(len(c.entries)) {
			c.hand = 0
		}
		if e.open == 0 {
			c.forget(e)
			return
		}
	}
}

// forget gives the entry of a client without flows back.
func (c *clients) forget(e *client) {
	c.known--
	if e.standing == introduced {
		c.introduced--
	}
	ref := c.index.remove(c.hash(&e.addr, e.service))
	*e = client{open: c.free}
	c.free = ref + 1
}

// confirm notes that one more flow of a client is Established.
func (c *clients) confirm(e *client) {
	if e.standing == introduced {
		e.standing = confirmed
		c.introduced--
	}
	e.opened++
}

// follow notes the server of f as the client's.
func (e *client) follow(f *Flow) {
	if f.server != 0 {
		e.server = f.server
	}
}

// hear notes that the client was heard.
func (e *client) hear(at Moment) {
	if at.Since(e.seen) > 0 {
		e.seen = at
	}
}
