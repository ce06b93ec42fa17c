// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import (
	"hash/fnv"
	"net/netip"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// servers returns n servers of weight 1: 10.0.0.1, 10.0.0.2, ...
func servers(n int) []Server {
	s := make([]Server, n)
	for i := range s {
		s[i].Addr = netip.AddrFrom4([4]byte{10, 0, byte((i + 1) >> 8), byte(i + 1)})
	}
	return s
}

func all(int) bool { return true }

// clients returns the hashes of n clients.
func clients(n int) []uint64 {
	hashes := make([]uint64, n)
	for i := range hashes {
		hashes[i] = key().Client(netip.AddrFrom4([4]byte{192, byte(i >> 16), byte(i >> 8), byte(i)}), 0)
	}
	return hashes
}

func TestPickWithNobody(t *testing.T) {
	c := NewCompiler(key())
	for _, mode := range []Mode{Hash, RoundRobin, Weight, Prio} {
		if got := c.Compile(mode, nil).Pick(1, all); got != -1 {
			t.Errorf("%v, no servers: Pick = %d, want -1", mode, got)
		}
		if got := c.Compile(mode, servers(3)).Pick(1, func(int) bool { return false }); got != -1 {
			t.Errorf("%v, none usable: Pick = %d, want -1", mode, got)
		}
	}
}

func TestPickFindsTheOnlyOneUsable(t *testing.T) {
	const n = 300
	p := NewCompiler(key()).Compile(Hash, servers(n))
	for only := range n {
		for _, h := range []uint64{0, 1, 1 << 63, ^uint64(0), uint64(only) << 40} {
			if got := p.Pick(h, func(i int) bool { return i == only }); got != only {
				t.Fatalf("Pick(%#x) = %d, want %d", h, got, only)
			}
		}
	}
}

func TestPrio(t *testing.T) {
	s := servers(6)
	for i, prio := range []int{2, -1, 2, 1, -1, 1} {
		s[i].Prio = prio
	}
	c := NewCompiler(key())
	tests := []struct {
		name string
		mode Mode
		down []int
		want []int
	}{
		{"the lowest serves", Prio, nil, []int{1, 4}},
		{"one of the lowest is enough", Prio, []int{1}, []int{4}},
		{"the next when the lowest is gone", Prio, []int{1, 4}, []int{3, 5}},
		{"the last", Prio, []int{1, 3, 4, 5}, []int{0, 2}},
		{"other modes do not look at it", Weight, nil, []int{0, 1, 2, 3, 4, 5}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := c.Compile(tt.mode, s)
			served := map[int]bool{}
			for _, h := range clients(1000) {
				served[p.Pick(h, func(i int) bool { return !slices.Contains(tt.down, i) })] = true
			}
			var got []int
			for i := range served {
				got = append(got, i)
			}
			slices.Sort(got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("serving (-want +got):\n%s", diff)
			}
		})
	}
}

// What a server leaves behind is spread over the others by weight, not handed to
// a neighbour.
func TestUnusableServersFlowsAreSpread(t *testing.T) {
	s := servers(4)
	s[1].Weight = 3
	p := NewCompiler(key()).Compile(Hash, s)
	got := make([]float64, len(s))
	orphans := 0.0
	for _, h := range clients(200_000) {
		if p.Pick(h, all) == 1 {
			got[p.Pick(h, func(i int) bool { return i != 1 })]++
			orphans++
		}
	}
	for i, n := range got {
		want := orphans / 3
		if i == 1 {
			want = 0
		}
		if n < want*0.97 || n > want*1.03 {
			t.Errorf("server %d took over %.0f of %.0f flows, want %.0f", i, n, orphans, want)
		}
	}
}

// Where chance finds nobody usable, the search begins at another server for each
// flow, so that the few that are left share the load.
func TestFewUsableServersShare(t *testing.T) {
	const n = 64
	p := NewCompiler(key()).Compile(Hash, servers(n))
	got := map[int]int{}
	flows := clients(20_000)
	for _, h := range flows {
		got[p.Pick(h, func(i int) bool { return i%(n/2) == 0 })]++
	}
	for _, i := range []int{0, n / 2} {
		if share := float64(got[i]) / float64(len(flows)); share < 0.45 || share > 0.55 {
			t.Errorf("server %d of the two usable ones has %.3f of the flows, want 0.5", i, share)
		}
	}
}

// A version that chooses otherwise for the same key would move every client of
// everybody who upgrades one of two balancers. If that is wanted, say so in the
// changelog.
func TestChoiceIsTheSameInEveryVersion(t *testing.T) {
	s := servers(5)
	s[2].Weight, s[4].Prio = 3, 1
	s[3].Addr = netip.MustParseAddr("fd00::1")
	p := NewCompiler(key()).Compile(Prio, s)
	sum := fnv.New64a()
	for _, h := range clients(10_000) {
		i := p.Pick(h, func(i int) bool { return i != 0 })
		sum.Write([]byte{byte(i)})
	}
	if got, want := sum.Sum64(), uint64(0x6ed47c4794dc6613); got != want {
		t.Errorf("choices sum to %#x, want %#x", got, want)
	}
}

func TestEqualSetsShareATable(t *testing.T) {
	c := NewCompiler(key())
	table := func(s []Server) *uint64 { return &c.Compile(Hash, s).groups[0].slots.words[0] }

	s := servers(3)
	first := table(s)
	slices.Reverse(s)
	if table(s) != first {
		t.Error("another order has another table")
	}
	s[0].Weight = 1
	if table(s) != first {
		t.Error("weight 1 has another table than weight 0")
	}
	s[0].Weight = 2
	if table(s) == first {
		t.Error("weight 2 has the table of weight 1")
	}
	if table(servers(2)) == first {
		t.Error("fewer servers have the same table")
	}
}

func TestSweepForgetsWhatIsNotUsed(t *testing.T) {
	c := NewCompiler(key())
	c.Compile(Hash, servers(2))
	kept := &c.Compile(Hash, servers(3)).groups[0].slots.words[0]
	c.Sweep()
	if len(c.tables) != 2 {
		t.Errorf("%d tables after the first sweep, want 2: both are in use", len(c.tables))
	}
	again := &c.Compile(Hash, servers(3)).groups[0].slots.words[0]
	c.Sweep()
	if len(c.tables) != 1 || again != kept {
		t.Errorf("%d tables after the second sweep, the used one kept: %v; want 1, true", len(c.tables), again == kept)
	}
	c.Sweep()
	if len(c.tables) != 0 {
		t.Errorf("%d tables after the third sweep, want 0", len(c.tables))
	}
}

func TestPickDoesNotAllocate(t *testing.T) {
	p := NewCompiler(key()).Compile(Hash, servers(8))
	a := netip.MustParseAddr("10.0.0.9")
	down := 3
	usable := func(i int) bool { return i > down }
	if n := testing.AllocsPerRun(100, func() {
		h := key().Client(a, 1234)
		p.Pick(h, all)
		p.Pick(h, usable)
	}); n != 0 {
		t.Errorf("%v allocations a pick, want 0", n)
	}
}

// Only sets of servers that are new cost a table, and one server needs none.
func TestOnlyNewSetsAreFilled(t *testing.T) {
	c := NewCompiler(key())
	build := func(sets ...[]Server) {
		for _, s := range sets {
			c.Later(Hash, s)
		}
		c.Sweep()
	}
	steps := []struct {
		what string
		sets [][]Server
		want int
	}{
		{"two sets, one of them twice", [][]Server{servers(2), servers(3), servers(2)}, 2},
		{"the same", [][]Server{servers(2), servers(3), servers(2)}, 2},
		{"one server", [][]Server{servers(2), servers(3), servers(1)}, 2},
		{"another set", [][]Server{servers(2), servers(4), servers(1)}, 3},
		{"a set that was forgotten", [][]Server{servers(3)}, 4},
	}
	for _, s := range steps {
		if build(s.sets...); c.Filled() != s.want {
			t.Errorf("%s: %d tables were filled in all, want %d", s.what, c.Filled(), s.want)
		}
	}
}

// Packed in few bits or in many, each slot holds its seat.
func TestSlotsHoldWhatWasPacked(t *testing.T) {
	for _, seats := range []int{1, 2, 3, 4, 5, 16, 17, 256, 257, maxRanked} {
		table := make([]uint16, Slots)
		for i := range table {
			table[i] = uint16(i * 7 % seats)
		}
		s := pack(table, seats)
		for i, want := range table {
			if got := s.at(uint32(i)); got != int(want) {
				t.Fatalf("of %d seats, slot %d holds %d, want %d", seats, i, got, want)
			}
		}
	}
}

func TestPlansOfLaterAreThoseOfCompile(t *testing.T) {
	c, later := NewCompiler(key()), NewCompiler(key())
	var plans []*Plan
	for n := range 20 {
		plans = append(plans, later.Later(Hash, servers(1+n)))
	}
	later.Sweep()
	for n, p := range plans {
		want := c.Compile(Hash, servers(1+n))
		for h := range uint64(1000) {
			if hash := h << 54; p.First(hash) != want.First(hash) {
				t.Fatalf("of %d servers, %#x has %d, want %d", 1+n, hash, p.First(hash), want.First(hash))
			}
		}
	}
}
