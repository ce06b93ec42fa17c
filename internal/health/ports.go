// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"math/rand/v2"
	"sync"
)

// The ports that checks come from: dynamic ones (RFC 6335 section 6). As the source
// addresses are ours alone, nobody else uses them.
const (
	firstPort = 49152
	portCount = 1<<16 - firstPort
)

// ports knows which check a port belongs to. The zero value is ready; it is safe
// for concurrent use.
type ports struct {
	mu    sync.Mutex
	open  map[uint16]*probe
	after uint16 // how many ports after firstPort the next one is looked for
}

// claim gives p a port, or 0 where all are taken. They are used in turn, so that a
// server has long forgotten what last came from the same one.
func (s *ports) claim(p *probe) uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open, s.after = map[uint16]*probe{}, uint16(rand.N(portCount))
	}
	if len(s.open) == portCount {
		return 0
	}
	for {
		port := firstPort + s.after
		s.after = (s.after + 1) % portCount
		if s.open[port] == nil {
			s.open[port] = p
			return port
		}
	}
}

func (s *ports) release(port uint16) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, port)
}

// probe returns whose port it is, or nil.
func (s *ports) probe(port uint16) *probe {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[port]
}
