// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

// Introduce makes the client of f known, with the server of f, before it has
// answered. A client becomes known by itself when its flow is Established. One
// that never is, is forgotten with its last flow. Where there is no room, and
// that no client makes, nothing happens.
func (t *Table) Introduce(f *Flow, now Moment) {
	if f.owner == 0 {
		t.meet(f, now)
	}
}

// meet makes f, which has none, a flow of its client.
func (t *Table) meet(f *Flow, now Moment) {
	c := &t.clients
	e, ref := c.find(&f.client, f.service)
	if e == nil {
		as := introduced
		if f.answered {
			as = confirmed
		}
		if e, ref = c.add(&f.client, f.service, as, now); e == nil {
			return
		}
	}
	f.owner = ref + 1
	e.open++
	e.follow(f)
	e.hear(f.seen)
	e.bytes += f.bytes - uint64(f.untold()) // the rest comes with tell
	if f.answered {
		c.confirm(e)
	}
}

// untold returns how many bytes of f its client has not been told. Age passes
// often enough for them to be below 2^32.
func (f *Flow) untold() uint32 { return uint32(f.bytes) - f.told }

// tell tells the client of f what is new in f, and returns how many bytes. Where
// there is nothing, it does not touch the client's entry.
func (t *Table) tell(f *Flow) (bytes uint32) {
	bytes = f.untold()
	f.told = uint32(f.bytes)
	if f.owner != 0 && bytes != 0 {
		e := &t.clients.entries[f.owner-1]
		e.bytes += uint64(bytes)
		e.hear(f.seen)
	}
	return bytes
}

// part ends that f is a flow of its client.
func (t *Table) part(f *Flow) {
	if f.owner == 0 {
		return
	}
	t.tell(f)
	e := &t.clients.entries[f.owner-1]
	f.owner = 0
	if e.open--; e.open == 0 && e.standing == introduced {
		t.clients.forget(e)
	}
}

// Tracked returns the server of the newest flow of a known client, if it has a
// flow, or was heard at most within milliseconds ago, or within is 0. Within is
// at most MaxIdle. It prolongs nothing. Whether the server still is one is for
// the caller to see.
func (t *Table) Tracked(addr [16]byte, service uint32, within uint32, now Moment) (server uint32, ok bool) {
	e, _ := t.clients.find(&addr, service)
	if e == nil || e.server == 0 {
		return 0, false
	}
	if within != 0 && e.open == 0 && now.Since(e.seen) > within {
		return 0, false
	}
	return e.server, true
}
