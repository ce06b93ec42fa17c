// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import "math/bits"

// portKey is a port and a protocol, as one number that is not 0.
type portKey uint32

func portOf(port uint16, proto uint8) portKey { return portKey(port)<<8 | portKey(proto) }

// portMap finds the service of a port of one address. It is made once and then only
// read, by any number of goroutines. Most addresses have one service: that is in the
// cache line of the map itself. Ports come from the wire, but those in it do not, and
// it is at most half full.
type portMap struct {
	key   portKey // the first one's
	shift uint8
	first *service
	more  []portSlot // all, where there are several
	n     int
}

type portSlot struct {
	key     portKey // 0 in a free slot
	service *service
}

// add enters s, unless there is another already.
func (m *portMap) add(k portKey, s *service) {
	if m.get(k) != nil {
		return
	}
	if m.n++; m.n == 1 {
		m.key, m.first = k, s
		return
	}
	if 2*m.n > len(m.more) {
		m.grow()
	}
	m.enter(k, s)
}

// grow makes room for twice as many.
func (m *portMap) grow() {
	old := m.more
	if old == nil {
		old = []portSlot{{m.key, m.first}}
	}
	size := max(4, 2*len(m.more))
	m.more, m.shift = make([]portSlot, size), uint8(32-bits.Len(uint(size-1)))
	for _, s := range old {
		if s.key != 0 {
			m.enter(s.key, s.service)
		}
	}
}

func (m *portMap) enter(k portKey, s *service) {
	i := m.start(k)
	for m.more[i].key != 0 {
		i = (i + 1) % len(m.more)
	}
	m.more[i] = portSlot{k, s}
}

// get returns the service of k; nil if there is none.
func (m *portMap) get(k portKey) *service {
	if k == m.key {
		return m.first
	}
	if m.more == nil {
		return nil
	}
	for i := m.start(k); ; i = (i + 1) & (len(m.more) - 1) {
		if s := &m.more[i]; s.key == k || s.key == 0 {
			return s.service
		}
	}
}

// start is as that of addrMap.
func (m *portMap) start(k portKey) int { return int(uint32(k) * 0x9e3779b1 >> m.shift) }
