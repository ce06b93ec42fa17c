// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"sync"
	"testing"
)

func TestStatesOfDoesNotAllocate(t *testing.T) {
	s := newSegment(t)
	s.free()
	states, a, b := s.States(), addr(free4), addr("2001:db8::77")
	if n := testing.AllocsPerRun(1000, func() {
		if states.Of(a, s.now) != Free || states.Of(b, s.now) != Unknown {
			t.Error("a wrong state")
		}
	}); n != 0 {
		t.Errorf("Of allocates %v times", n)
	}
}

func TestStatesOfAnyAddress(t *testing.T) {
	s := newSegment(t)
	s.free()
	if got := s.States().Of(netip.Addr{}, s.now); got != Unknown {
		t.Errorf("the zero address is %d", got)
	}
	if got := s.States().Of(addr("::ffff:"+free4), s.now); got != Free {
		t.Errorf("mapped to IPv6 it is %d", got)
	}
}

// Addresses of one set push each other out while others read: no reader ever sees one
// address in the state of another.
func TestReadersSeeNoOthersState(t *testing.T) {
	s := newSegment(t, func(c *Config) {
		c.Verifications = 0
		c.Ask = func(netip.Addr, func([]byte)) bool { return true }
	})
	same := sameSet(2 * stateWays)
	owned, asked := same[:stateWays], same[stateWays:]
	read, stop := readUntil(func() string {
		for i := range owned {
			if got := s.States().Of(owned[i], 0); got != Unknown && got != Owned {
				return "an owned address is asked for"
			}
			if s.States().Of(asked[i], 0) == Owned {
				return "an address without an owner is owned"
			}
		}
		return ""
	})
	none := func([]byte) {}
	set := &s.memory.entries[setOf(keyOf(same[0]))]
	for range 3000 {
		for _, e := range set {
			if e != nil {
				s.memory.remove(e)
			}
		}
		for _, a := range asked {
			s.begin(s.memory.enter(a, false, 0), Verifying, 0, none)
		}
		for _, a := range owned { // pushes one of the others out
			s.own(s.memory.enter(a, true, 0), 0)
		}
	}
	stop()
	if wrong := read(); wrong != "" {
		t.Error(wrong)
	}
}

// The same of one slot, as fast as can be.
func TestASlotChangesHands(t *testing.T) {
	var sl slot
	a, b := addr("10.0.0.1"), addr("10.0.0.2")
	hi, lo := keyOf(a)
	read, stop := readUntil(func() string {
		if word := sl.load(hi, lo); word != 0 && State(word&wordState) != Owned {
			return "the word of another"
		}
		return ""
	})
	for range 200_000 {
		for _, e := range []*entry{{addr: a, slot: &sl, state: Owned}, {addr: b, slot: &sl, state: Verifying}} {
			sl.word.Store(0)
			sl.take(e.addr)
			e.publish()
		}
	}
	stop()
	if wrong := read(); wrong != "" {
		t.Error(wrong)
	}
}

// readUntil lets another goroutine look until stop is called, or something is wrong;
// found returns what.
func readUntil(look func() string) (found func() string, stop func()) {
	ended := make(chan struct{})
	var wrong string
	var reader sync.WaitGroup
	reader.Go(func() {
		for wrong == "" {
			select {
			case <-ended:
				return
			default:
			}
			for range 1000 {
				if wrong = look(); wrong != "" {
					return
				}
			}
		}
	})
	return func() string { reader.Wait(); return wrong }, func() { close(ended) }
}
