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

// A reader that was between its two looks at the word notices that the key changed.
func TestASlotChangesHands(t *testing.T) {
	s := newSegment(t)
	same := sameSet(stateWays + 1)
	for _, a := range same[:stateWays] {
		s.memory.enter(a, false, 0)
	}
	first := s.memory.find(same[0])
	before := first.slot.word.Load()
	s.memory.set(first, Verifying)
	if word := first.slot.again(before); State(word&wordState) != Verifying {
		t.Errorf("the word is %x after a change of the state", word)
	}
	s.memory.set(first, Unknown)
	last := s.memory.enter(same[stateWays], false, 0)
	if last.slot != first.slot {
		t.Fatal("the first one was not pushed out")
	}
	if word := last.slot.again(before); word != 0 {
		t.Errorf("the word of another: %x", word)
	}
	before = last.slot.word.Load()
	s.memory.forget(last)
	if word := last.slot.word.Load(); word != 0 {
		t.Errorf("the word is %x while the key changes", word)
	}
	last.publish()
	last.slot.take(same[0])
	if word := last.slot.word.Load(); word != 0 {
		t.Errorf("the word is %x with a new key", word)
	}
	last.publish()
	if word := last.slot.again(before); word != 0 {
		t.Errorf("the word of another: %x", word)
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
