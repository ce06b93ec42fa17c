// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"

	"golang.org/x/net/bpf"
	"pgregory.net/rapid"

	"cygnet/internal/wire"
)

// sharer runs the program of a group on packets of one Ethernet type. The emulator
// does not know the extension that loads that, so a constant stands in its place.
func sharer(t interface{ Fatal(...any) }, members []int, seed uint32, etherType uint16) func(packet []byte) int {
	prog := slices.Clone(fanoutProgram(members, seed))
	for i, ins := range prog {
		if ins == (bpf.LoadExtension{Num: bpf.ExtProto}) {
			prog[i] = bpf.LoadConstant{Dst: bpf.RegA, Val: uint32(etherType)}
		}
	}
	vm, err := bpf.NewVM(prog)
	if err != nil {
		t.Fatal(err)
	}
	return func(packet []byte) int {
		n, err := vm.Run(packet)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
}

// clientOf finds whose a packet is, as slowly as fanoutProgram says it.
func clientOf(etherType uint16, p []byte) (client netip.Addr, ok bool) {
	switch {
	case etherType == wire.EtherTypeIPv4 && len(p) >= 20:
		client, _ = netip.AddrFromSlice(p[12:16])
		ihl := int(p[0]&15) * 4
		fragment := binary.BigEndian.Uint16(p[6:])&^0xc000 != 0
		if p[9] == 1 && !fragment && len(p) >= ihl+8+20 && slices.Contains([]byte{3, 4, 5, 11, 12}, p[ihl]) {
			client, _ = netip.AddrFromSlice(p[ihl+8+16:][:4])
		}
		return client, true
	case etherType == wire.EtherTypeIPv6 && len(p) >= 40:
		client, _ = netip.AddrFromSlice(p[8:24])
		if p[6] == 58 && len(p) >= 40+8+40 && p[40] >= 1 && p[40] <= 4 {
			client, _ = netip.AddrFromSlice(p[40+8+24:][:16])
		}
		return client, true
	}
	return client, false
}

// plainly makes a packet of a client with nothing special to it.
func plainly(client netip.Addr) (etherType uint16, packet []byte) {
	if client.Is4() {
		packet = make([]byte, 20)
		packet[0], packet[9] = 0x45, 6
		copy(packet[12:], client.AsSlice())
		return wire.EtherTypeIPv4, packet
	}
	packet = make([]byte, 40)
	packet[0], packet[6] = 0x60, 6
	copy(packet[8:], client.AsSlice())
	return wire.EtherTypeIPv6, packet
}

// meets checks that a packet, whatever it is, meets the worker that a plain one of
// the same client meets.
func meets(t interface {
	Fatal(...any)
	Fatalf(string, ...any)
}, members []int, seed uint32, etherType uint16, p []byte) {
	got, want := sharer(t, members, seed, etherType)(p), members[0]
	if client, ok := clientOf(etherType, p); ok {
		plainType, plain := plainly(client)
		want = sharer(t, members, seed, plainType)(plain)
	}
	if got != want || !slices.Contains(members, got) {
		t.Fatalf("%d, want %d, one of %v, for %#x % x", got, want, members, etherType, p)
	}
}

// TestFanoutProgramTakesAnything is given nonsense.
func TestFanoutProgramTakesAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		members := rapid.SliceOfNDistinct(rapid.IntRange(0, 200), 1, 64, rapid.ID[int]).Draw(t, "members")
		etherType := rapid.SampledFrom([]uint16{wire.EtherTypeIPv4, wire.EtherTypeIPv6, wire.EtherTypeARP}).Draw(t, "type")
		meets(t, members, rapid.Uint32().Draw(t, "seed"), etherType, rapid.SliceOfN(rapid.Byte(), 0, 160).Draw(t, "packet"))
	})
}

// TestFanoutProgramErrors is given every type of ICMP message and some that are none,
// whole or not, behind options or not, that quote enough or just not. What the address
// is in each place differs, and so do the workers, most likely.
func TestFanoutProgramErrors(t *testing.T) {
	members := rand.New(rand.NewPCG(1, 2)).Perm(64)
	p := make([]byte, 200)
	for i := range p {
		p[i] = byte(i * 7)
	}
	for typ := range 256 {
		for _, ihl := range []int{5, 6, 15} {
			for _, fragment := range []uint16{0, 0x4000, 0x2000, 0x0001, 0x1000, 0x2003} {
				for _, proto := range []byte{1, 17} {
					v4 := slices.Clone(p[:4*ihl+28+1])
					v4[0], v4[9], v4[4*ihl] = 0x40|byte(ihl), proto, byte(typ)
					binary.BigEndian.PutUint16(v4[6:], fragment)
					for cut := range 3 {
						meets(t, members, 1, wire.EtherTypeIPv4, v4[:len(v4)-cut])
					}
				}
			}
		}
		for _, next := range []byte{58, 44, 0, 6} {
			v6 := slices.Clone(p[:40+8+40+1])
			v6[0], v6[6], v6[40] = 0x60, next, byte(typ)
			for cut := range 3 {
				meets(t, members, 1, wire.EtherTypeIPv6, v6[:len(v6)-cut])
			}
		}
	}
}

// TestFanoutProgramSpreads gives each worker its share of clients that have
// addresses in a row, or with a stride, as subnets and hosts in them have.
func TestFanoutProgramSpreads(t *testing.T) {
	const clients = 4096
	from := map[string]func(i uint32) netip.Addr{
		"6, one /64 each": func(i uint32) netip.Addr { return address6(0x20010db8, i, 0, 1) },
		"6, one /48 each": func(i uint32) netip.Addr { return address6(0x20010000+i>>4, i<<28, 0, 1) },
		"6, in one /64":   func(i uint32) netip.Addr { return address6(0x20010db8, 7, 0, i) },
		"6, by MAC":       func(i uint32) netip.Addr { return address6(0xfe800000, 0, 0x020000ff, 0xfe000000+i) },
		"6, upper half":   func(i uint32) netip.Addr { return address6(0xfd000000, 0, i, i) },
	}
	for _, stride := range []uint32{1, 2, 4, 16, 255, 256, 257, 1000, 1 << 16} {
		from[fmt.Sprintf("4, stride %d", stride)] = func(i uint32) netip.Addr { return address4(10<<24 + i*stride) }
	}
	for name, address := range from {
		for _, n := range []int{2, 3, 4, 7, 8, 16, 64} {
			for _, seed := range []uint32{0, 1, 0xdeadbeef} {
				etherType, _ := plainly(address(0))
				share, met := sharer(t, inOrder(n), seed, etherType), make([]int, n)
				for i := range uint32(clients) {
					_, p := plainly(address(i))
					met[share(p)]++
				}
				// The sum of squared deviations of a fair choice is distributed as chi
				// squared: mean n-1, variance 2(n-1).
				var sum, mean float64 = 0, clients / float64(n)
				for _, m := range met {
					sum += (float64(m) - mean) * (float64(m) - mean) / mean
				}
				if limit := float64(n-1) + 6*math.Sqrt(2*float64(n)); sum > limit {
					t.Errorf("%s: %d workers, seed %#x: chi squared %.0f, want at most %.0f: %v", name, n, seed, sum, limit, met)
				}
			}
		}
	}
}

// TestFanoutProgramSeed: another seed makes other clients meet.
func TestFanoutProgramSeed(t *testing.T) {
	one := sharer(t, inOrder(4), 1, wire.EtherTypeIPv4)
	other := sharer(t, inOrder(4), 2, wire.EtherTypeIPv4)
	moved := 0
	for i := range uint32(256) {
		_, p := plainly(address4(10<<24 + i))
		if one(p) != other(p) {
			moved++
		}
	}
	if moved < 128 {
		t.Errorf("only %d of 256 clients met another worker, want some 192", moved)
	}
}

func address4(v uint32) netip.Addr {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], v)
	return netip.AddrFrom4(b)
}

func address6(words ...uint32) netip.Addr {
	var b [16]byte
	for i, w := range words {
		binary.BigEndian.PutUint32(b[4*i:], w)
	}
	return netip.AddrFrom16(b)
}

func TestPlacesFor(t *testing.T) {
	for _, tt := range []struct {
		n    int
		cpus []int
		want []int
	}{
		{1, []int{0}, []int{0}},
		{1, []int{0, 1}, []int{1}},
		{2, []int{0, 1}, []int{0, 1}},
		{3, []int{2, 3, 6, 7}, []int{3, 6, 7}},
		{2, []int{2, 3, 6, 7}, []int{3, 6}},
		{3, []int{4, 5}, []int{4, 5, 4}},
	} {
		if got := placesFor(tt.n, tt.cpus); !slices.Equal(got, tt.want) {
			t.Errorf("%d of %v: %v, want %v", tt.n, tt.cpus, got, tt.want)
		}
	}
}
