// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"
	"sync/atomic"
)

// suspectRoom is how many suspicions may wait for the control goroutine, which
// comes every 20 ms then. It is a power of two.
const suspectRoom = 64

// suspects carries captured addresses that IP frames came from, from one worker to
// the control goroutine, without a lock. What finds it full is lost: the next frame
// says it again.
type suspects struct {
	ring    [suspectRoom][16]byte
	written atomic.Uint64 // the worker's
	read    atomic.Uint64 // the reader's
}

func (s *suspects) add(a netip.Addr) {
	n := s.written.Load()
	if n-s.read.Load() == suspectRoom {
		return
	}
	s.ring[n%suspectRoom] = a.As16()
	s.written.Store(n + 1)
}

// drain hands those that are there now to each.
func (s *suspects) drain(each func(netip.Addr)) {
	written := s.written.Load()
	for n := s.read.Load(); n != written; n++ {
		each(netip.AddrFrom16(s.ring[n%suspectRoom]).Unmap())
		s.read.Store(n + 1)
	}
}
