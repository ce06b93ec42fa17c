// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"net/netip"
	"sync"
	"time"

	"cygnet/engine"
	"cygnet/internal/wire"
)

var (
	vip4    = netip.MustParseAddr("10.77.0.100")
	vip6    = netip.MustParseAddr("fd77::100")
	source4 = netip.MustParseAddr("10.77.0.9")
	source6 = netip.MustParseAddr("fd77::9")
	server4 = netip.MustParseAddr("10.77.0.11")
	other4  = netip.MustParseAddr("10.77.0.12")
	ourMAC  = wire.MAC{2, 0, 0, 0, 0, 1}
	itsMAC  = wire.MAC{2, 0, 0, 0, 0, 11}
)

// fakeSegment is a segment with servers that answer ARP unless silent, and, where
// there is a serve, take frames.
type fakeSegment struct {
	mu      sync.Mutex
	sources []netip.Addr
	silent  bool
	unsent  bool // Emit refuses
	known   map[netip.Addr]time.Time
	asked   []time.Time
	looks   []time.Time // at what is known of a server
	sent    [][]byte
	vlan    uint16 // of the last one sent
	healths map[key][]engine.Health

	serve func(frame []byte) // takes what is emitted; the frame is its own
}

func newFake() *fakeSegment {
	now := time.Now()
	return &fakeSegment{
		sources: []netip.Addr{source4, source6}, healths: map[key][]engine.Health{},
		known: map[netip.Addr]time.Time{server4: now, other4: now},
	}
}

func (s *fakeSegment) MAC() wire.MAC { return ourMAC }

func (s *fakeSegment) Source(_ uint16, vip netip.Addr) (netip.Addr, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.sources {
		if a.Is4() == vip.Is4() {
			return a, true
		}
	}
	return netip.Addr{}, false
}

func (s *fakeSegment) Neighbour(_ uint16, a netip.Addr) (wire.MAC, time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.looks = append(s.looks, time.Now())
	at, ok := s.known[a]
	if !ok {
		return wire.MAC{}, time.Time{}
	}
	return itsMAC, at
}

func (s *fakeSegment) Ask(_ uint16, a netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, time.Now())
	if !s.silent {
		s.known[a] = time.Now()
	}
}

func (s *fakeSegment) Emit(vlan uint16, frame []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unsent {
		return false
	}
	frame = append([]byte(nil), frame...)
	s.sent, s.vlan = append(s.sent, frame), vlan
	if s.serve != nil {
		s.serve(frame)
	}
	return true
}

func (s *fakeSegment) SetHealth(service string, server netip.Addr, h engine.Health) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := key{service: service, server: server}
	s.healths[k] = append(s.healths[k], h)
}

// set changes s under its lock.
func (s *fakeSegment) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// lastVLAN is the VLAN of the last frame sent.
func (s *fakeSegment) lastVLAN() uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.vlan
}

// health is what was last told of server 1 of the service web.
func (s *fakeSegment) health() engine.Health { return s.lastTold(key{service: "web", server: server4}) }

func (s *fakeSegment) lastTold(k key) engine.Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.healths[k]
	if len(all) == 0 {
		return engine.Health{}
	}
	return all[len(all)-1]
}
