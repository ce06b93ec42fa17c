// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"sync"
	"testing"
	"time"
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
		c.Captured = func(netip.Addr) bool { return true }
		c.Verifications = 0
	})
	same := sameSet(40)
	owned, asked := same[:20], same[20:]
	stop := make(chan struct{})
	var readers sync.WaitGroup
	states := s.States()
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				for i := range owned {
					if got := states.Of(owned[i], 0); got != Unknown && got != Owned {
						t.Errorf("an owned address is %d", got)
						return
					}
					if got := states.Of(asked[i], 0); got == Owned {
						t.Error("an address without an owner is owned")
						return
					}
				}
			}
		})
	}
	none := func([]byte) {}
	for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); { //nolint:forbidigo // a race takes real time
		for i := range owned {
			s.memory.all(func(e *entry) { s.memory.remove(e) })
			for j := range stateWays {
				e := s.memory.enter(owned[(i+j)%20], true, 0)
				s.own(e, 0)
			}
			s.memory.all(func(e *entry) { s.memory.set(e, Unknown) })
			for j := range stateWays {
				e := s.memory.enter(asked[(i+j)%20], false, 0)
				s.begin(e, Verifying, 0, none)
			}
		}
	}
	close(stop)
	readers.Wait()
}
