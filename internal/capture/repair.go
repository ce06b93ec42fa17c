// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package capture

import (
	"maps"
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

// drop forgets whom we told of addresses that are none to answer for.
func (s *askers) drop(none func(netip.Addr) bool) {
	maps.DeleteFunc(s.of, func(a netip.Addr, _ *askersOf) bool { return none(a) })
}

// repair tells askers who really has an address.
type repair struct {
	addr netip.Addr
	mac  wire.MAC
	to   []asker
	told int // of them, in this round
	left int // rounds, this one too
	at   int64
}

// repair lets those whom we told that addr is ours be told who has it, now and twice
// again. There are never more of these frames than three for each answer of ours.
func (c *Capturer) repair(addr netip.Addr, owner wire.MAC, now int64, emit func([]byte)) {
	if c.cfg.Policy == Observe || c.down {
		return
	}
	c.correct(addr, owner)
	to := slices.DeleteFunc(c.askers.take(addr), func(a asker) bool { return a.mac == owner || a.old(now) })
	if len(to) == 0 || !owner.IsUnicast() || len(c.repairs) == askersAddrs {
		return
	}
	r := &repair{addr: addr, mac: owner, to: to, left: repairTimes, at: now}
	c.repairs = append(c.repairs, r)
	c.wake(now)
	c.tell(r, now, emit)
}

// correct lets nobody be told any more that another than owner has addr.
func (c *Capturer) correct(addr netip.Addr, owner wire.MAC) {
	c.repairs = slices.DeleteFunc(c.repairs, func(r *repair) bool {
		if r.addr != addr || r.mac == owner {
			return false
		}
		r.mac = owner
		return !owner.IsUnicast()
	})
}

// old says whether nobody can have our answer in its cache any more.
func (a asker) old(now int64) bool { return now-a.at > int64(repairAge) }

// tell goes on with the round of r, as far as the limit allows.
func (c *Capturer) tell(r *repair, now int64, emit func([]byte)) {
	for ; r.told < len(r.to); r.told++ {
		a := r.to[r.told]
		if a.mac == r.mac || a.old(now) {
			continue
		}
		if !c.mends.take(now) {
			return
		}
		what := told{addr: r.addr, mac: r.mac, to: a.addr, by: a.mac}
		if r.addr.Is4() {
			emit(arpReply(what, c.cfg.MAC))
		} else {
			emit(advertisement(what, c.cfg.MAC, wire.NDOverride))
		}
		c.counts.Repairs++
	}
	r.told = 0
	r.left--
	r.at = now + int64(repairEvery)
}

// tellDue goes on with the rounds that are due: whoever was told nothing yet comes
// before those who were told once.
func (c *Capturer) tellDue(now int64, emit func([]byte)) {
	for left := repairTimes; left > 0; left-- {
		for _, r := range c.repairs {
			if r.left == left && now >= r.at {
				c.tell(r, now, emit)
			}
		}
	}
	c.repairs = slices.DeleteFunc(c.repairs, func(r *repair) bool { return r.left == 0 })
	for _, r := range c.repairs {
		c.wake(max(r.at, c.mends.next(now)))
	}
}
