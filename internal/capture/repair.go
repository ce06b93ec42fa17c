// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"net/netip"
	"slices"
	"time"

	"cygnet/internal/wire"
)

// Whom we told wrong is told right once the owner is heard: as often, and as far
// apart, as the ARP announcements of RFC 5227 section 1.1, and once more.
const (
	repairTimes = 3
	repairEvery = time.Second
	repairAge   = 10 * time.Minute // older answers of ours are no longer in anybody's cache

	askersEach  = 8    // remembered of an address, the last ones
	askersAddrs = 1024 // addresses of which askers are remembered
)

// asker is somebody whom we told that a captured address is ours.
type asker struct {
	addr netip.Addr
	mac  wire.MAC
	at   int64
}

// askersOf are the last askers of one address.
type askersOf struct {
	addr netip.Addr
	last []asker // askersEach at most, the one longest ago first
}

// askers remembers whom we told, for so many addresses.
type askers struct {
	of   map[netip.Addr]*askersOf
	ring [askersAddrs]*askersOf // in the order of their first asker
	next int
}

// add notes that we told who that addr is ours.
func (s *askers) add(addr netip.Addr, who asker) {
	o := s.of[addr]
	if o == nil {
		o = &askersOf{addr: addr}
		if old := s.ring[s.next]; old != nil && s.of[old.addr] == old {
			delete(s.of, old.addr)
		}
		s.ring[s.next] = o
		s.next = (s.next + 1) % askersAddrs
		s.of[addr] = o
	}
	o.last = slices.DeleteFunc(o.last, func(a asker) bool { return a.addr == who.addr && a.mac == who.mac })
	if len(o.last) == askersEach {
		o.last = slices.Delete(o.last, 0, 1)
	}
	o.last = append(o.last, who)
}

// take returns whom we told that addr is ours, and forgets them.
func (s *askers) take(addr netip.Addr) []asker {
	o := s.of[addr]
	if o == nil {
		return nil
	}
	delete(s.of, addr)
	return o.last
}

// repair tells askers who really has an address.
type repair struct {
	addr netip.Addr
	mac  wire.MAC
	to   []asker
	left int
	at   int64
}

// repair tells whom we told that addr is ours who has it, now and twice again.
// There are never more of these frames than three for each answer of ours.
func (c *Capturer) repair(addr netip.Addr, owner wire.MAC, now int64, emit func([]byte)) {
	if c.cfg.Policy == Observe || c.down {
		return
	}
	to := slices.DeleteFunc(c.askers.take(addr), func(a asker) bool {
		return a.mac == owner || now-a.at > int64(repairAge)
	})
	if len(to) == 0 || !owner.IsUnicast() {
		return
	}
	r := &repair{addr: addr, mac: owner, to: to, left: repairTimes}
	c.tell(r, now, emit)
	if len(c.repairs) < askersAddrs {
		c.repairs = append(c.repairs, r)
		c.wake(r.at)
	}
}

// tell sends one round of a repair.
func (c *Capturer) tell(r *repair, now int64, emit func([]byte)) {
	for _, a := range r.to {
		what := told{addr: r.addr, mac: r.mac, to: a.addr, by: a.mac}
		if r.addr.Is4() {
			emit(arpReply(what, c.cfg.MAC))
		} else {
			emit(advertisement(what, c.cfg.MAC, wire.NDOverride))
		}
		c.counts.Repairs++
	}
	r.left--
	r.at = now + int64(repairEvery)
}

// tellDue sends the rounds that are due.
func (c *Capturer) tellDue(now int64, emit func([]byte)) {
	c.repairs = slices.DeleteFunc(c.repairs, func(r *repair) bool {
		if now >= r.at {
			c.tell(r, now, emit)
		}
		if r.left > 0 {
			c.wake(r.at)
		}
		return r.left == 0
	})
}
