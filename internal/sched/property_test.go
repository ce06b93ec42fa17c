// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import (
	"maps"
	"net/netip"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func drawKey(t *rapid.T) Key {
	return Key(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "key"))
}

// drawServers draws servers of different addresses, of both families.
func drawServers(t *rapid.T, n, maxWeight int) []Server {
	addrs := map[netip.Addr]bool{}
	for len(addrs) < n {
		b := rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")
		addr := netip.AddrFrom4([4]byte(b))
		if rapid.Bool().Draw(t, "v6") {
			addr = netip.AddrFrom16([16]byte{0: 0xfd, 12: b[0], 13: b[1], 14: b[2], 15: b[3]})
		}
		addrs[addr] = true
	}
	s := make([]Server, 0, n)
	for _, addr := range slices.SortedFunc(maps.Keys(addrs), netip.Addr.Compare) {
		s = append(s, Server{
			Addr:   addr,
			Weight: rapid.IntRange(0, maxWeight).Draw(t, "weight"),
			Prio:   rapid.IntRange(0, 2).Draw(t, "prio"),
		})
	}
	return s
}

// owners returns the address that owns each slot.
func owners(p *Plan, s []Server) []netip.Addr {
	g := p.groups[0]
	o := make([]netip.Addr, Slots)
	for i := range o {
		o[i] = s[g.members[g.slots.at(uint32(i))]].Addr
	}
	return o
}

func TestSharesFollowWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawServers(t, rapid.IntRange(1, 16).Draw(t, "servers"), 10)
		total := int64(0)
		for _, server := range s {
			total += server.weight()
		}
		got := map[netip.Addr]float64{}
		for _, addr := range owners(NewCompiler(drawKey(t)).Compile(Weight, s), s) {
			got[addr]++
		}
		for _, server := range s {
			want := float64(Slots) * float64(server.weight()) / float64(total)
			if n := got[server.Addr]; n < want*0.98 || n > want*1.02 {
				t.Fatalf("%v of weight %d in %d has %.0f slots, want %.0f within 2 %%", server.Addr, server.weight(), total, n, want)
			}
		}
	})
}

// Seen the other way round, this is a server that joins seven.
func TestOthersKeepTheirSlotsWhenOneOfEightLeaves(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawServers(t, 8, 0)
		c := NewCompiler(drawKey(t))
		before := owners(c.Compile(Hash, s), s)
		gone := rapid.IntRange(0, 7).Draw(t, "leaves")
		left := slices.Delete(slices.Clone(s), gone, gone+1)
		after := owners(c.Compile(Hash, left), left)
		others, moved := 0, 0
		for i, addr := range before {
			if addr == s[gone].Addr {
				continue
			}
			others++
			if after[i] != addr {
				moved++
			}
		}
		if moved*100 >= others {
			t.Fatalf("%d of the others' %d slots moved, want under 1 %%", moved, others)
		}
	})
}

func TestChoiceDoesNotDependOnTheOrderGiven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawServers(t, rapid.IntRange(1, 12).Draw(t, "servers"), 3)
		shuffled := rapid.Permutation(s).Draw(t, "shuffled")
		mode := Mode(rapid.IntRange(0, 3).Draw(t, "mode"))
		k := drawKey(t)
		down := map[netip.Addr]bool{}
		for _, server := range s {
			down[server.Addr] = rapid.IntRange(0, 3).Draw(t, "down") > 0
		}
		// Compiled apart, so that they cannot share a table.
		one, other := NewCompiler(k).Compile(mode, s), NewCompiler(k).Compile(mode, shuffled)
		choose := func(p *Plan, s []Server, h uint64) netip.Addr {
			i := p.Pick(h, func(i int) bool { return !down[s[i].Addr] })
			if i < 0 {
				return netip.Addr{}
			}
			return s[i].Addr
		}
		for _, h := range clients(500) {
			if a, b := choose(one, s, h), choose(other, shuffled, h); a != b {
				t.Fatalf("%v serves %#x, or %v in another order", a, h, b)
			}
		}
	})
}

// One server goes down, whatever else is down already: only its flows move, all
// of them to usable servers, and when it is back each flow is where it was.
func TestOnlyTheFlowsOfAnUnusableServerMove(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawServers(t, rapid.IntRange(1, 12).Draw(t, "servers"), 3)
		p := NewCompiler(drawKey(t)).Compile(Mode(rapid.IntRange(0, 3).Draw(t, "mode")), s)
		down := make([]bool, len(s))
		for i := range down {
			down[i] = rapid.IntRange(0, 2).Draw(t, "down") == 0
		}
		victim := rapid.IntRange(0, len(s)-1).Draw(t, "victim")
		down[victim] = false
		usable := func(i int) bool { return !down[i] }
		for _, h := range clients(500) {
			before := p.Pick(h, usable)
			down[victim] = true
			during := p.Pick(h, usable)
			down[victim] = false
			switch after := p.Pick(h, usable); {
			case after != before:
				t.Fatalf("flow %#x of server %d is server %d's after the outage of %d", h, before, after, victim)
			case before != victim && during != before:
				t.Fatalf("flow %#x moved from %d to %d because %d went down", h, before, during, victim)
			case during == victim || during >= 0 && down[during]:
				t.Fatalf("flow %#x went to server %d, which is down", h, during)
			case during < 0 && slices.Contains(down[:victim], false), during < 0 && slices.Contains(down[victim+1:], false):
				t.Fatalf("flow %#x found nobody, though not all are down", h)
			}
		}
	})
}
