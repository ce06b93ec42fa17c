// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"cmp"
	"math"
	"net/netip"
	"slices"

	"cygnet/internal/capture"
	"cygnet/internal/flow"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// builder makes tables. What two successive tables have in common they share:
// slot tables of equal server sets, counters of a service, of its servers and
// of rules, first fragments, neighbours and claims.
type builder struct {
	workers    int
	registry   *registry
	compiler   *sched.Compiler // of the last table's key
	neighbours *neighbours
	states     *capture.States
	blocks     []ruleBlocks     // by worker
	last       *table           // nil before the first
	lists      map[*List]*list  // of the table that is being built, or the last
	lastLists  map[string]*list // of the one before that, by name
}

func newBuilder(workers int, neighbours *neighbours, states *capture.States) *builder {
	return &builder{workers: workers, registry: newRegistry(workers), neighbours: neighbours, states: states, blocks: make([]ruleBlocks, workers)}
}

// build derives the table of cfg. The neighbours must have been configured
// for it already.
func (b *builder) build(cfg Config, captured *addressSet) *table {
	t := &table{
		cfg:       cfg,
		mac:       cfg.MAC,
		key:       cfg.Key,
		addresses: count(cfg.Tarpit.Captured),
		states:    b.states,
	}
	if t.remembered = captured; !cfg.Standby {
		t.captured = captured
	}
	if b.last != nil {
		t.generation = b.last.generation + 1
	}
	b.useKey(t)
	b.addLists(t)
	b.addServices(t)
	b.compiler.Sweep()
	b.depart(t)
	t.index(b.registry, b.workers)
	b.last = t
	return t
}

// useKey makes what depends on the key, unless the last table had the same.
func (b *builder) useKey(t *table) {
	if b.last != nil && b.last.key == t.key {
		t.firsts = b.last.firsts
		return
	}
	b.compiler = sched.NewCompiler(t.key)
	for range b.workers {
		t.firsts = append(t.firsts, flow.NewFragments[*server](fragmentEntries, t.key))
	}
}

// addLists derives the lists.
func (b *builder) addLists(t *table) {
	b.lastLists = make(map[string]*list, len(b.lists))
	for l, derived := range b.lists {
		b.lastLists[l.Name] = derived
	}
	b.lists = make(map[*List]*list, len(t.cfg.Lists))
	for _, l := range t.cfg.Lists {
		t.lists = append(t.lists, b.list(l))
	}
	if list := b.list(t.cfg.Tarpit.List); list != nil {
		t.tarpit = &tarpit{
			list: list, cfg: t.cfg.Tarpit, key: newTarpitKey(t.key),
			ports: newOpenPorts(t.cfg.Tarpit.Ports), rates: newRates(t.cfg.Tarpit.Limits, b.workers),
		}
	}
}

// addServices derives the services, and whose addresses are ours.
func (b *builder) addServices(t *table) {
	drafts := b.drafts(&t.cfg)
	for _, cfg := range t.cfg.Services {
		s, d := b.service(cfg), drafts[cfg.VLAN]
		s.claim, s.neighbours, s.off = d.claims[cfg.VIP], d.neighbours, !t.cfg.active(cfg)
		t.services = append(t.services, s)
	}
	for _, s := range byExactness(t.services) {
		s.enter(drafts[s.cfg.VLAN].vips)
	}
	t.addNetworks(drafts)
	servers := map[netip.Addr]struct{}{}
	for _, a := range t.cfg.servers(0) {
		servers[a] = struct{}{}
	}
	t.serverAddrs = newAddrMap(servers)
}

// count returns how many addresses there are in the prefixes, which are
// disjoint; what a uint64 cannot count, it counts as its highest number.
func count(prefixes []netip.Prefix) (n uint64) {
	for _, p := range prefixes {
		width := p.Addr().BitLen() - p.Bits()
		if width >= 64 || n > math.MaxUint64-1<<width {
			return math.MaxUint64
		}
		n += 1 << width
	}
	return n
}

// edges returns the network and the broadcast address of an IPv4 subnet that
// has them: a /31 has neither, RFC 3021.
func edges(p netip.Prefix) []netip.Addr {
	if !p.Addr().Is4() || p.Bits() > 30 {
		return nil
	}
	first := p.Masked().Addr()
	last := first.As4()
	for bit := p.Bits(); bit < 32; bit++ {
		last[bit/8] |= 0x80 >> (bit % 8)
	}
	return []netip.Addr{first, netip.AddrFrom4(last)}
}

// byExactness orders services so that one for both protocols comes after
// those for one: an exact protocol then is entered first and stays.
func byExactness(services []*service) []*service {
	return slices.SortedStableFunc(slices.Values(services), func(a, c *service) int {
		return -cmp.Compare(min(a.cfg.Proto, 1), min(c.cfg.Proto, 1))
	})
}

// enter enters s where frames are looked up.
func (s *service) enter(vips map[netip.Addr]*vip) {
	v := vips[s.cfg.VIP]
	if v == nil {
		v = &vip{claim: s.claim}
		vips[s.cfg.VIP] = v
	}
	v.hostHeld = v.hostHeld || s.cfg.HostHeld
	v.whole = v.whole || s.cfg.Port == 0
	protos := []uint8{s.cfg.Proto}
	if s.cfg.Proto == 0 {
		protos = []uint8{wire.ProtoTCP, wire.ProtoUDP}
	}
	for _, p := range protos {
		if s.cfg.Port == 0 {
			v.every.add(portOf(0, p), s)
		} else {
			v.exact.add(portOf(s.cfg.Port, p), s)
		}
	}
}

// before returns the service of this name in the last table, if it had one.
func (b *builder) before(name string) *service {
	if b.last == nil {
		return nil
	}
	return b.last.byName[name]
}
