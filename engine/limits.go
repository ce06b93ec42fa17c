// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"encoding/binary"
	"net/netip"
	"time"
)

// How many sources and networks a worker tells apart, powers of two. Beyond them the
// one that is furthest from its limit is forgotten, which is nothing lost as long as
// it has been quiet for a while.
const (
	limitedSources  = 1 << 14
	limitedNetworks = 1 << 12
	bucketWays      = 4 // in one cache line
)

// How much of what is allowed in a second may come at once: whoever was quiet before
// gets 5 seconds' worth (with the default, 1000 answers), all together one's.
const (
	burstEach = 5 * int64(time.Second)
	burstAll  = int64(time.Second)
)

// frameBits is what the shortest frame has.
const frameBits = 8 * minFrame

// rates are what each answer costs of a second, and the shortest frame of the bits in
// it, in nanoseconds; 0 is nothing. State: derived.
type rates struct{ source4, source6, network, answer, frame int64 }

// newRates makes the rates of each of so many workers. All together answer no more
// than l says, and each has the same share: what one answer takes counts with each.
// Only an IPv4 address meets no other worker. Of a network, as of a /64, each worker
// meets some addresses.
func newRates(l TarpitLimits, workers int) (r rates) {
	each := func(perSecond int) int64 {
		if perSecond <= 0 {
			return 0
		}
		return max(int64(time.Second)/int64(perSecond), 1)
	}
	all := int64(workers)
	r = rates{source4: each(l.Source), source6: all * each(l.Source), network: all * each(l.Network), answer: all * each(l.Total)}
	if l.Bits > 0 {
		r.frame = all * max(frameBits*int64(time.Second)/int64(l.Bits), 1)
	}
	return r
}

// source is what an answer to a costs of its source's second.
func (r *rates) source(a netip.Addr) int64 {
	if a.Is4() {
		return r.source4
	}
	return r.source6
}

// A bucket leaks a nanosecond's worth each nanosecond, and is kept as the time at
// which it will be empty (the generic cell rate algorithm, ITU-T I.371): so it needs
// no tick, and one that is empty need not be kept.
type bucket struct {
	whose uint64 // a keyed hash
	empty int64
}

// limits hold the answers of one worker to what tarpit_limit says. State: owned.
type limits struct {
	rates    rates // by which the rest was counted
	sources  []bucket
	networks []bucket
	answers  int64 // when it will be empty, as a bucket
	bits     int64
}

func newLimits() *limits {
	return &limits{sources: make([]bucket, limitedSources), networks: make([]bucket, limitedNetworks)}
}

// mayAnswer says whether the frame at hand may be answered, and counts the answer.
func (w *worker) mayAnswer() bool {
	l, r := w.limits, &w.t.tarpit.rates
	if *r == (rates{}) {
		return true
	}
	if l.rates != *r { // what a tight limit filled would take long to leak under a wide one
		l.rates, l.answers, l.bits = *r, 0, 0
	}
	if l.answers-w.now > burstAll || l.bits-w.now > burstAll {
		return false
	}
	var source, network *bucket
	ofSource := r.source(w.frame.Src)
	if ofSource != 0 {
		if source = w.bucketOf(l.sources, sourceKey(w.frame.Src)); source.empty-w.now > burstEach {
			return false
		}
	}
	if r.network != 0 {
		if network = w.bucketOf(l.networks, networkKey(w.frame.Src)); network.empty-w.now > burstEach {
			return false
		}
		network.empty = max(network.empty, w.now) + r.network
	}
	if source != nil {
		source.empty = max(source.empty, w.now) + ofSource
	}
	l.answers = max(l.answers, w.now) + r.answer
	l.bits = max(l.bits, w.now) + r.frame*int64(min(max(w.frame.End, minFrame), longestAnswer))/minFrame
	return true
}

// bucketOf finds whose bucket it is, or makes one of that of its set which is empty
// first.
func (w *worker) bucketOf(all []bucket, key [8]byte) *bucket {
	h := w.t.tarpit.key.hash(key[:])
	i := int(h) & (len(all) - 1) &^ (bucketWays - 1)
	set := all[i : i+bucketWays : i+bucketWays]
	oldest := &set[0]
	for j := range set {
		if set[j].whose == h {
			return &set[j]
		}
		if set[j].empty < oldest.empty {
			oldest = &set[j]
		}
	}
	*oldest = bucket{whose: h}
	return oldest
}

// sourceKey is a client: an address, or of IPv6 a /64, which is one subnet
// (RFC 4291 section 2.5.4).
func sourceKey(a netip.Addr) [8]byte { return keyOf(a, 32, 64) }

// networkKey is a /24, or of IPv6 a /48, which is one site (RFC 6177).
func networkKey(a netip.Addr) [8]byte { return keyOf(a, 24, 48) }

func keyOf(a netip.Addr, bits4, bits6 int) (key [8]byte) {
	if a.Is4() {
		b := a.As4()
		binary.BigEndian.PutUint32(key[:], binary.BigEndian.Uint32(b[:])&^(1<<(32-bits4)-1))
		key[7] = 4
		return key
	}
	b := a.As16()
	binary.BigEndian.PutUint64(key[:], binary.BigEndian.Uint64(b[:8])&^(1<<(64-bits6)-1))
	return key
}
