// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"math"
	"math/bits"
	"net/netip"
	"slices"
)

// openPorts says which ports of captured addresses are open. State: derived.
type openPorts struct {
	all       bool
	set       *[1 << 16 / 64]uint64 // by port, a bit each; with plausible, all that may be
	plausible int                   // how many of them an address has
}

func newOpenPorts(cfg TarpitPorts) openPorts {
	o := openPorts{all: len(cfg.Ranges) == 0 && cfg.Plausible == 0, plausible: cfg.Plausible}
	if o.all {
		return o
	}
	o.set = new([1 << 16 / 64]uint64)
	for _, r := range cfg.Ranges {
		for p := int(r.First); p <= int(r.Last); p++ {
			o.set[p/64] |= 1 << (p % 64)
		}
	}
	if cfg.Plausible > 0 {
		for _, p := range plausiblePorts {
			o.set[p.port/64] |= 1 << (p.port % 64)
		}
	}
	return o
}

// open says whether the port is open at address a.
func (o openPorts) open(key tarpitKey, a netip.Addr, port uint16) bool {
	if o.all {
		return true
	}
	if o.set[port/64]>>(port%64)&1 == 0 {
		return false
	}
	return o.plausible == 0 || o.plausibleAt(key, a, port)
}

// plausibleAt says whether the port is among those that address a has: the same as
// long as the key is, others than its neighbours have, and the common ones more often.
// Each port draws a number that is the lower the heavier it is (Efraimidis and
// Spirakis, Weighted random sampling with a reservoir, 2006); the lowest are open.
func (o openPorts) plausibleAt(key tarpitKey, a netip.Addr, port uint16) bool {
	b := a.As16()
	seed := key.hash(b[:])
	i := slices.IndexFunc(plausiblePorts[:], func(p plausiblePort) bool { return p.port == port })
	own, lower := plausiblePorts[i].draw(seed), 0
	for j := range plausiblePorts {
		if plausiblePorts[j].draw(seed) < own {
			lower++
		}
	}
	return lower < o.plausible
}

// plausiblePort is a port that hosts have open, and how much more often than others.
type plausiblePort struct {
	port   uint16
	weight float64
}

func (p *plausiblePort) draw(seed uint64) float64 {
	high, low := bits.Mul64(seed^uint64(p.port)*0x9e3779b97f4a7c15, 0xd1342543de82ef95) // a multiplier of L'Ecuyer's tables, 1999
	uniform := (float64((high^low)>>11) + 0.5) / (1 << 53)
	return -math.Log(uniform) / p.weight
}
