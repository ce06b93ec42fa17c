// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package geoip

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/oschwald/maxminddb-golang/v2"
	"go4.org/netipx"

	"cygnet/acl"
)

// format is the version of the file format that there is a specification of.
const format = 2

// visits is how often a walk may come to a network, for each that the tree
// could have: the four aliases of IPv4 make it five times at most. A crafted
// tree of a few nodes could have 2^128 paths.
const visits = 8

// read collects the prefixes of these countries in one walk over all networks.
func read(db *maxminddb.Reader, codes []string) (acl.Countries, error) {
	if v := db.Metadata.BinaryFormatMajorVersion; v != format {
		return nil, fmt.Errorf("database format %d, expected %d", v, format)
	}
	w := walk{ranges: map[string][]netipx.IPRange{}, codes: map[uintptr]string{}}
	for _, code := range codes {
		w.ranges[code] = nil
	}
	// A tree has one leaf more than it has inner nodes. The walk goes through
	// the empty networks and the aliases too, for to skip them in the
	// iterator would leave a crafted tree no end.
	left := visits * (db.Metadata.NodeCount + 1)
	for n := range db.Networks(maxminddb.IncludeNetworksWithoutData(), maxminddb.IncludeAliasedNetworks()) {
		if left == 0 {
			return nil, errors.New("damaged: its search tree is no tree")
		}
		left--
		if err := w.visit(n); err != nil {
			return nil, fmt.Errorf("damaged: %w", err)
		}
	}
	if !w.tells {
		return nil, fmt.Errorf("a %q database tells no countries, expected GeoLite2-Country or one like it", db.Metadata.DatabaseType)
	}
	return w.countries(codes)
}

// walk is what was found so far.
type walk struct {
	ranges map[string][]netipx.IPRange // of the countries asked for, ascending, none touching the next
	codes  map[uintptr]string          // country of each record, by offset: many networks share one
	tells  bool                        // some record has a country
}

// visit takes in a network, all others before it having had lower addresses.
func (w *walk) visit(n maxminddb.Result) error {
	if err := n.Err(); err != nil {
		return err
	}
	if !n.Found() || aliased(n.Prefix()) {
		return nil
	}
	code, ok := w.codes[n.Offset()]
	if !ok {
		var r record
		if err := n.Decode(&r); err != nil {
			return err
		}
		code = r.code()
		w.codes[n.Offset()] = code
		w.tells = w.tells || code != ""
	}
	if ranges, asked := w.ranges[code]; asked && code != "" {
		w.ranges[code] = extend(ranges, netipx.RangeOfPrefix(n.Prefix()))
	}
	return nil
}

// extend appends r, or lets the last range grow by it where they touch.
func extend(ranges []netipx.IPRange, r netipx.IPRange) []netipx.IPRange {
	if n := len(ranges); n > 0 && ranges[n-1].To().Next() == r.From() {
		ranges[n-1] = netipx.IPRangeFrom(ranges[n-1].From(), r.To())
		return ranges
	}
	return append(ranges, r)
}

// aliased reports whether p is IPv4 once more: within an IPv6 tree, which has
// IPv4 at ::/96, other forms of its addresses lead to the same place (MaxMind
// DB specification, "IPv4 addresses in an IPv6 tree").
func aliased(p netip.Prefix) bool {
	if p.Addr().Is4() {
		return false
	}
	b := p.Addr().As16()
	within := func(head ...byte) bool {
		return p.Bits() >= 8*len(head) && slices.Equal(b[:len(head)], head)
	}
	return within(0x20, 0x02) || // 6to4, 2002::/16: RFC 3056 section 2
		within(0x20, 0x01, 0, 0) || // Teredo, 2001::/32: RFC 4380 section 2.6
		within(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff) || // IPv4-mapped, ::ffff:0:0/96: RFC 4291 section 2.5.5.2
		within(0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0) // NAT64, 64:ff9b::/96: RFC 6052 section 2.1
}

// countries turns the ranges into as few prefixes as make them up.
func (w *walk) countries(codes []string) (acl.Countries, error) {
	c := acl.Countries{}
	var none []string
	for _, code := range codes {
		var prefixes []netip.Prefix
		for _, r := range w.ranges[code] {
			prefixes = r.AppendPrefixes(prefixes)
		}
		if prefixes == nil && !slices.Contains(none, code) {
			none = append(none, code)
		}
		c[code] = slices.Clip(prefixes)
	}
	if none != nil {
		return nil, fmt.Errorf("no network of country %s in this database", strings.Join(none, ", "))
	}
	return c, nil
}
