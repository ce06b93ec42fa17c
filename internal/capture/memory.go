// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"container/list"
	"net/netip"

	"cygnet/internal/wire"
)

// entry is what the Capturer knows of one address, beyond what the States show.
type entry struct {
	addr  netip.Addr
	slot  *slot
	state State
	held  bool  // Owned for the rest of the run
	used  int64 // when its owner was last heard, or when it was last asked for

	at     int64 // when to go on: the timer's
	timer  int   // the place in timers, counted from 1; 0 = none
	asks   int   // questions put in this round
	queued bool  // waits for its first question
	waited bool  // and was counted for that
	doubt  bool  // waits because of a suspicion, and nobody asked for it since

	first   int64    // when somebody asked for it in vain; 0 = never
	firstBy wire.MAC // who

	answered  bool          // we told somebody that it is ours, since its last owner
	reported  bool          // Captured was reported, since its last owner
	suspected bool          // an IP frame came from it, since it was last found free
	calm      int64         // until then no IP frame makes it Suspended
	free6     *list.Element // among the free ones of IPv6
	gone      bool          // no more in the memory
}

// memory is the entries, by the slots of the States that show them.
type memory struct {
	states  *States
	entries [stateSets][stateWays]*entry
	counts  [Owned + 1]uint64 // entries by state
	held    int
	timers  timers
	free6   list.List // of *entry, the one asked for longest ago first
}

// So many addresses may be held for the rest of the run: a segment has a few routers
// and servers, and whoever invents more of them shall not fill the table. Half of
// them are for those that frames tell of.
const (
	maxHeld       = 1024
	maxHeldFrames = maxHeld / 2
)

// find returns the entry of a, nil if there is none.
func (m *memory) find(a netip.Addr) *entry {
	for _, e := range m.entries[setOf(keyOf(a))] {
		if e != nil && e.addr == a {
			return e
		}
	}
	return nil
}

// enter returns the entry of a, a new one if there is none. Where there is no room,
// what is least dangerous to forget goes: an address that is no longer owned or was
// not verified, then a free one, then one that is being asked for, always the one
// that was used longest ago; for the sake of an owner another owner. Otherwise it
// returns nil.
func (m *memory) enter(a netip.Addr, owner bool, now int64) *entry {
	if e := m.find(a); e != nil {
		return e
	}
	set := setOf(keyOf(a))
	way := 0
	for i, e := range m.entries[set] {
		if e == nil {
			way = i
			break
		}
		if least := m.entries[set][way]; e.worth() < least.worth() || e.worth() == least.worth() && e.used < least.used {
			way = i
		}
	}
	slot := &m.states.sets[set][way]
	e := &entry{addr: a, slot: slot, used: now}
	if old := m.entries[set][way]; old != nil {
		if old.held || old.state == Owned && !owner {
			return nil
		}
		m.forget(old)
	}
	slot.take(a)
	m.entries[set][way] = e
	m.counts[Unknown]++
	e.publish()
	return e
}

// worth orders entries by what it costs to forget them.
func (e *entry) worth() int {
	switch {
	case e.held:
		return 4
	case e.state == Owned:
		return 3
	case e.state == Verifying || e.state == Suspended:
		return 2
	case e.state == Free:
		return 1
	}
	return 0
}

// forget empties the place of e.
func (m *memory) forget(e *entry) {
	m.leave(e)
	e.slot.word.Store(0)
	e.gone = true
	m.timers.stop(e)
}

// remove forgets e, and leaves its place to nobody yet.
func (m *memory) remove(e *entry) {
	m.forget(e)
	set := &m.entries[setOf(keyOf(e.addr))]
	for i := range set {
		if set[i] == e {
			set[i] = nil
		}
	}
}

// set changes the state of e, and what the States show.
func (m *memory) set(e *entry, state State) {
	m.leave(e)
	e.state = state
	m.counts[state]++
	if state == Free && e.addr.Is6() {
		e.free6 = m.free6.PushBack(e)
	}
	e.publish()
}

// leave takes e out of what is kept for its state.
func (m *memory) leave(e *entry) {
	m.counts[e.state]--
	if e.free6 != nil {
		m.free6.Remove(e.free6)
		e.free6 = nil
	}
}

// use notes that the owner of e was heard, or that somebody asked for it.
func (m *memory) use(e *entry, now int64) {
	e.used = now
	if e.free6 != nil {
		m.free6.MoveToBack(e.free6)
	}
}

// hold makes e, which is Owned, so for the rest of the run, as long as there are
// fewer than most.
func (m *memory) hold(e *entry, most int) {
	if !e.held && m.held < most {
		e.held = true
		m.held++
		e.publish()
	}
}

// publish shows e to the readers of the States.
func (e *entry) publish() {
	word := uint64(e.state) | e.slot.generation<<generationAt | uint64(second(e.used))<<secondAt
	if e.held {
		word |= wordHeld
	}
	e.slot.word.Store(word)
}

// all calls do for each entry; do may remove it.
func (m *memory) all(do func(*entry)) {
	for s := range m.entries {
		for _, e := range m.entries[s] {
			if e != nil {
				do(e)
			}
		}
	}
}
