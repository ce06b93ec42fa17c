// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const life = int64(FragmentLife)

// datagram returns the name of the id-th datagram between two hosts.
func datagram(id uint32) Fragment {
	return Fragment{
		Src: netip.AddrFrom4([4]byte{10, 0, 0, 9}), Dst: netip.AddrFrom4([4]byte{10, 0, 0, 10}),
		Proto: 17, ID: id,
	}
}

func TestGetFindsWhatWasPutWhileItLives(t *testing.T) {
	tests := []struct {
		name string
		now  int64
		want bool
	}{
		{"at once", 100, true},
		{"just before the end of its life", 100 + life - 1, true},
		{"at the end of its life", 100 + life, false},
		{"long after", 100 + 10*life, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			table := NewFragments[string](64, [16]byte{})
			table.Put(datagram(7), "web1", 100)
			v, ok := table.Get(datagram(7), tt.now)
			if ok != tt.want || ok && v != "web1" || !ok && v != "" {
				t.Errorf("Get = %q, %v, want found %v", v, ok, tt.want)
			}
		})
	}
}

func TestEachPartOfTheNameCounts(t *testing.T) {
	table := NewFragments[int](4, [16]byte{}) // one set: only the name tells apart
	base := datagram(7)
	table.Put(base, 1, 0)
	others := map[string]func(*Fragment){
		"source":      func(k *Fragment) { k.Src = k.Src.Next() },
		"destination": func(k *Fragment) { k.Dst = k.Dst.Next() },
		"protocol":    func(k *Fragment) { k.Proto++ },
		"VLAN":        func(k *Fragment) { k.VLAN = 10 },
		"id":          func(k *Fragment) { k.ID += 1 << 16 },
		"family":      func(k *Fragment) { k.Src, k.Dst = netip.AddrFrom16(k.Src.As16()), netip.AddrFrom16(k.Dst.As16()) },
		"no address":  func(k *Fragment) { *k = Fragment{} },
	}
	for name, change := range others {
		k := base
		change(&k)
		if _, ok := table.Get(k, 0); ok {
			t.Errorf("another %s finds the entry", name)
		}
	}
	if _, ok := table.Get(base, 0); !ok {
		t.Error("the entry itself is not found")
	}
}

func TestGetDoesNotProlong(t *testing.T) {
	table := NewFragments[int](64, [16]byte{})
	table.Put(datagram(1), 1, 0)
	for now := int64(0); now < life; now += life / 10 {
		if _, ok := table.Get(datagram(1), now); !ok {
			t.Fatalf("gone after %v", time.Duration(now))
		}
	}
	if _, ok := table.Get(datagram(1), life); ok {
		t.Error("still there after its life, because it was asked for")
	}
}

func TestPutAgainReplacesAndProlongs(t *testing.T) {
	table := NewFragments[int](64, [16]byte{})
	table.Put(datagram(1), 1, 0)
	table.Put(datagram(1), 2, life-1)
	if v, ok := table.Get(datagram(1), life+1); !ok || v != 2 {
		t.Errorf("Get = %d, %v, want 2, true", v, ok)
	}
}

func TestFullSetLosesItsOldest(t *testing.T) {
	table := NewFragments[uint32](4, [16]byte{})
	for id := range uint32(4) {
		table.Put(datagram(id), id, int64(10-id)) // the last put in this order is the oldest
	}
	table.Put(datagram(9), 9, 20)
	for id, want := range map[uint32]bool{0: true, 1: true, 2: true, 3: false, 9: true} {
		if v, ok := table.Get(datagram(id), 20); ok != want || ok && v != id {
			t.Errorf("datagram %d: Get = %d, %v, want found %v", id, v, ok, want)
		}
	}
}

func TestSizeIsRoundedUp(t *testing.T) {
	for entries, want := range map[int]int{-1: 4, 0: 4, 1: 4, 4: 4, 5: 8, 8: 8, 9: 16, 1000: 1024, 4096: 4096} {
		if got := len(NewFragments[int](entries, [16]byte{}).slots); got != want {
			t.Errorf("NewFragments(%d) has %d entries, want %d", entries, got, want)
		}
	}
}

// A sender who cannot see the key fills one set no faster than any other.
func TestKeyDecidesTheSet(t *testing.T) {
	one := NewFragments[int](1024, [16]byte{})
	other := NewFragments[int](1024, [16]byte{1})
	same := 0
	used := map[int]bool{}
	for id := range uint32(1000) {
		i, j := setIndex(one, id), setIndex(other, id)
		used[i] = true
		if i == j {
			same++
		}
	}
	if same > 20 { // 1000/256 by chance
		t.Errorf("%d of 1000 datagrams have the same set under another key", same)
	}
	if len(used) < 240 { // 251 of 256 by chance
		t.Errorf("1000 datagrams reach only %d of 256 sets", len(used))
	}
}

// setIndex puts a datagram into a fresh round of the table and finds where.
func setIndex(t *Fragments[int], id uint32) int {
	clear(t.slots)
	t.Put(datagram(id), 1, 0)
	for i := range t.slots {
		if t.slots[i].used {
			return i / ways
		}
	}
	return -1
}

// Against a map that forgets nothing: what the table gives is what was put last
// and lives; what it should still have, it has, as long as the set was not full.
func TestFragmentsAgainstAMap(t *testing.T) {
	type put struct {
		value int
		at    int64
	}
	rapid.Check(t, func(t *rapid.T) {
		table := NewFragments[int](64, [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "key")))
		model := map[Fragment]put{}
		now := rapid.Int64Range(-life, life).Draw(t, "start")
		for i := range rapid.IntRange(1, 200).Draw(t, "steps") {
			now += rapid.Int64Range(0, life/8).Draw(t, "pass")
			k := datagram(rapid.Uint32Range(0, 40).Draw(t, "id"))
			if rapid.Bool().Draw(t, "put") {
				table.Put(k, i, now)
				model[k] = put{i, now}
				if v, ok := table.Get(k, now); !ok || v != i {
					t.Fatalf("Get = %d, %v right after Put of %d", v, ok, i)
				}
				continue
			}
			m, known := model[k]
			lives := known && now-m.at < life
			v, ok := table.Get(k, now)
			if ok && (!lives || v != m.value) {
				t.Fatalf("Get = %d, want %d, which lives: %v", v, m.value, lives)
			}
			if !ok && lives {
				newer := 0
				for other, p := range model {
					if other != k && p.at >= m.at && &table.set(other)[0] == &table.set(k)[0] {
						newer++
					}
				}
				if newer < ways {
					t.Fatalf("entry lost though only %d newer ones share its set", newer)
				}
			}
		}
	})
}

func TestFragmentsDoNotAllocate(t *testing.T) {
	table := NewFragments[*int](1024, [16]byte{})
	v := new(int)
	id := uint32(0)
	if n := testing.AllocsPerRun(1000, func() {
		id++
		table.Put(datagram(id), v, int64(id))
		table.Get(datagram(id), int64(id))
		table.Get(datagram(id+1), int64(id))
	}); n != 0 {
		t.Errorf("%v allocations a run, want 0", n)
	}
}

func BenchmarkFragments(b *testing.B) {
	for _, entries := range []int{64, 4096} {
		table := NewFragments[*int](entries, [16]byte{})
		b.Run(fmt.Sprintf("put/entries=%d", entries), func(b *testing.B) {
			b.ReportAllocs()
			for i := uint32(0); b.Loop(); i++ {
				table.Put(datagram(i), nil, int64(i))
			}
		})
		b.Run(fmt.Sprintf("get/entries=%d", entries), func(b *testing.B) {
			b.ReportAllocs()
			for i := uint32(0); b.Loop(); i++ {
				table.Get(datagram(i), int64(i))
			}
		})
	}
}
