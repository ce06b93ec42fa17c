// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package neigh

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestOwnersRememberAWholeSegmentForTheirLife(t *testing.T) {
	o := NewOwners()
	var all []netip.Addr
	for a := netip.MustParseAddr("10.77.0.0"); len(all) < 4096; a = a.Next() {
		all = append(all, a)
		o.Seen(a, 0)
	}
	for _, a := range all {
		if !o.Has(a, int64(OwnerLife)-1) {
			t.Fatalf("%s was forgotten within its life", a)
		}
		if o.Has(a, int64(OwnerLife)) {
			t.Fatalf("%s is remembered beyond its life", a)
		}
	}
	if n := o.Count(0); n != len(all) {
		t.Errorf("Count is %d, want %d", n, len(all))
	}
	if o.Has(netip.MustParseAddr("10.78.0.1"), 0) || o.Has(netip.MustParseAddr("::ffff:10.77.0.1"), 0) {
		t.Error("an address that was never seen is remembered")
	}
}

// Against a map: an owner is remembered if it was seen within its life; since
// the segment here is small, none is ever pushed out.
func TestOwnersAgainstAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, model := NewOwners(), map[netip.Addr]int64{}
		now := int64(0)
		addr := func() netip.Addr {
			var b [4]byte
			binary.BigEndian.PutUint32(b[:], 0x0a4d0000+rapid.Uint32Range(0, 300).Draw(t, "addr"))
			return netip.AddrFrom4(b)
		}
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			now += rapid.Int64Range(0, int64(20*time.Minute)).Draw(t, "pause") / int64(time.Second) * int64(time.Second)
			if rapid.Bool().Draw(t, "seen") {
				a := addr()
				o.Seen(a, now)
				model[a] = now
			}
			a := addr()
			seen, ok := model[a]
			if want := ok && now-seen < int64(OwnerLife); o.Has(a, now) != want {
				t.Fatalf("Has(%s) is %v at %v, want %v", a, !want, time.Duration(now), want)
			}
		}
	})
}

func TestAFullSetForgetsTheOldest(t *testing.T) {
	o := NewOwners()
	_, first := o.set(netip.MustParseAddr("10.0.0.0"))
	var same []netip.Addr // of one set
	for a := netip.MustParseAddr("10.0.0.0"); len(same) <= ownerWays; a = a.Next() {
		if _, set := o.set(a); set == first {
			same = append(same, a)
			o.Seen(a, int64(len(same))*int64(time.Second))
		}
	}
	now := int64(20 * time.Second)
	if o.Has(same[0], now) {
		t.Error("the oldest is still there")
	}
	for _, a := range same[1:] {
		if !o.Has(a, now) {
			t.Errorf("%s was forgotten, which is not the oldest", a)
		}
	}
}

// Workers see a time that is up to a batch older than the writer's.
func TestAReaderBehindTheWriterSeesTheOwner(t *testing.T) {
	o, a := NewOwners(), netip.MustParseAddr("10.77.0.66")
	o.Seen(a, int64(10*time.Second))
	if !o.Has(a, int64(10*time.Second)-1) {
		t.Error("an owner heard just now is not seen")
	}
}
