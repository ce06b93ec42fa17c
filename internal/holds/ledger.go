// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

import (
	"net/netip"
	"time"
)

// Connections is how many connections are known to be held at once. One more, and
// the one that was not heard of for longest is over.
const Connections = 65536

// How many of each are known. All of them, full, take 30 MB.
const (
	sourceRoom  = 16384
	networkRoom = 4096
	countryRoom = 1024 // ISO 3166-1 has 249; a database may say what it likes
)

// Idle is after how long without a segment a connection is over. Linux asks after
// a closed window every 120 s at the latest (TCP_RTO_MAX); one question may be lost.
const Idle = 260 * time.Second

// longest is how long a client can say that it was held: its echo of our timestamp
// is unambiguous for 24 days (RFC 7323 section 5.5).
const longest = 24 * 24 * time.Hour

// Ledger keeps the book. Its methods are for one goroutine at a time.
type Ledger struct {
	country func(netip.Addr) string
	asks    uint // counts the calls of SetCountry

	began time.Time // zero until the time is known
	at    int64     // now, milliseconds since then

	counts            // of all together
	lasts       int64 // the sum of when those that are held were last heard of
	escaped     uint64
	backscatter uint64
	bytes       uint64
	connections map[key]*connection
	byAge       queue[connection] // the one that was not heard of for longest first
	sources     table[[16]byte]
	networks    table[[16]byte]
	countries   table[string]
	ports       ports
	over        []overHold // the longest that are over, at most Rows

	changes uint64 // so far
	told    told
}

// New returns an empty book.
func New() *Ledger {
	l := &Ledger{}
	l.sources.room, l.networks.room, l.countries.room = sourceRoom, networkRoom, countryRoom
	return l
}

// SetCountry says how to find out in which country a source is, as two letters,
// empty if it is not known; nil is not at all. It is asked once for each source,
// and again for those that it did not know when it is set again.
func (l *Ledger) SetCountry(of func(netip.Addr) string) {
	l.country = of
	l.asks++
}

// Note enters a record. It returns whether the record is the first that proves
// this connection's source, or the one that ends it, and how long the connection
// was held so far. Now must not run backwards; the zero time is the newest known.
func (l *Ledger) Note(r Record, now time.Time) (news bool, held time.Duration) {
	l.setTime(now)
	l.changes++
	switch r.Kind {
	case SYN:
		l.syn(&r)
		return false, 0
	case Backscatter:
		l.backscatter++
		return false, 0
	}
	c := l.connections[r.key()]
	switch {
	case c != nil:
		l.heard(c)
	case r.Proven:
		c, news = l.open(&r), true
	default:
		return false, 0
	}
	l.bytes += uint64(r.Bytes)
	held = span(l.at - c.start)
	if r.Kind == Escaped {
		l.escaped++
		l.close(c)
		news = true
	}
	return news, held
}

// Tick closes connections that were not heard of for so long that their clients
// must have given up silently.
func (l *Ledger) Tick(now time.Time) {
	l.setTime(now)
	for c := l.byAge.first(); c != nil && l.at-c.last >= Idle.Milliseconds(); c = l.byAge.first() {
		l.close(c)
	}
}

// setTime lets the time pass.
func (l *Ledger) setTime(now time.Time) {
	if now.IsZero() {
		return
	}
	if l.began.IsZero() {
		l.began = now
	}
	l.at = max(l.at, now.Sub(l.began).Milliseconds())
}

// syn counts a SYN for all whom it concerns.
func (l *Ledger) syn(r *Record) {
	l.counts.syn(l.at)
	p := l.partiesOf(r, false)
	p.each(func(c *counts) { c.syn(l.at) })
	l.touch(&p)
}

// open enters a connection whose client has just proved its source.
func (l *Ledger) open(r *Record) *connection {
	if len(l.connections) == Connections {
		l.close(l.byAge.first())
	}
	if l.connections == nil {
		l.connections = map[key]*connection{}
	}
	c := &connection{key: r.key(), start: l.startOf(r), last: l.at, parties: l.partiesOf(r, true)}
	c.link.of = c
	l.connections[c.key] = c
	l.byAge.push(&c.link)
	l.counts.open(c.start, l.at)
	l.lasts += l.at
	c.each(func(one *counts) { one.open(c.start, l.at) })
	l.touch(&c.parties)
	return c
}

// startOf says since when a connection is held of which nothing was known. What
// its client says of a time before this book began is taken for true as long as
// those who were held then come forward. Later we would have heard of it: then it
// was entered already, and over, or is a lie.
func (l *Ledger) startOf(r *Record) int64 {
	claim := int64(r.Held)
	idle := Idle.Milliseconds()
	if claim < 0 || claim > longest.Milliseconds() || claim > idle && l.at > idle {
		return l.at
	}
	return l.at - claim
}

// heard enters that a held client is still there.
func (l *Ledger) heard(c *connection) {
	l.lasts += l.at - c.last
	c.last = l.at
	l.byAge.remove(&c.link)
	l.byAge.push(&c.link)
	l.counts.seen(l.at)
	c.each(func(one *counts) { one.seen(l.at) })
	l.touch(&c.parties)
}

// close enters that a connection is over; it was held until it was last heard of.
func (l *Ledger) close(c *connection) {
	l.changes++
	delete(l.connections, c.key)
	l.byAge.remove(&c.link)
	l.lasts -= c.last
	l.counts.end(c.start, c.last)
	c.each(func(one *counts) { one.end(c.start, c.last) })
	l.sources.settle(c.source)
	l.networks.settle(c.network)
	if c.country != nil {
		l.countries.settle(c.country)
	}
	l.remember(c)
}

// partiesOf finds those whom a record concerns.
func (l *Ledger) partiesOf(r *Record, proof bool) parties {
	p := parties{
		source: l.sources.get(r.Source, proof), network: l.networks.get(network(r.Source), proof),
		service: l.ports.of(r.Port),
	}
	if p.source != nil {
		p.country = l.countryOf(p.source, proof)
	}
	return p
}

// countryOf finds where a source is; nil where nobody can tell.
func (l *Ledger) countryOf(s *entry[[16]byte], proof bool) *entry[string] {
	if l.country == nil {
		return s.place
	}
	if known := s.place != nil && s.place.key != ""; !known && s.asked != l.asks {
		s.asked = l.asks
		s.place = l.countries.get(l.country(netip.AddrFrom16(s.key).Unmap()), proof)
	}
	return s.place
}

// touch puts those whom a record concerned behind all others.
func (l *Ledger) touch(p *parties) {
	if p.source != nil {
		l.sources.touch(p.source)
	}
	if p.network != nil {
		l.networks.touch(p.network)
	}
	if p.country != nil {
		l.countries.touch(p.country)
	}
}

// network is the /24 that an IPv4 address is in, or the /48 of another.
func network(a [16]byte) [16]byte {
	keep := 6
	if netip.AddrFrom16(a).Is4In6() {
		keep = 15
	}
	clear(a[keep:])
	return a
}
