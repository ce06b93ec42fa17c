// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"cygnet/acl"
	"cygnet/engine"
	"cygnet/internal/capture"
)

// Limit is one of what tarpit_limit holds the tarpit to, each a second.
type Limit struct {
	Name    string
	Default int // in force until an operator says another

	field func(*engine.TarpitLimits) *int
}

// Limits are all of them, in the order in which they are told.
func Limits() []Limit {
	type limits = engine.TarpitLimits
	return []Limit{
		{"source", 200, func(l *limits) *int { return &l.Source }},
		{"network", 1000, func(l *limits) *int { return &l.Network }},
		{"total", 20_000, func(l *limits) *int { return &l.Total }},
		{"bits", 10_000_000, func(l *limits) *int { return &l.Bits }},
		{"arp", 100, func(l *limits) *int { return &l.ARP }},
		{"verify", 50, func(l *limits) *int { return &l.Verify }},
	}
}

// Limit is what l is in t: a number from 1, or NoLimit.
func (t *Tarpit) Limit(l Limit) int {
	if n, said := t.Limits[l.Name]; said {
		return n
	}
	return l.Default
}

// engine is t as the engine has it, but for what it captures.
func (t *Tarpit) engine() engine.Tarpit {
	ports, _ := ParsePorts(t.Ports) // it was read so, or is the default
	e := engine.Tarpit{Policy: t.policy(), Mode: t.mode(), Ports: ports}
	for _, i := range t.Ignore {
		e.Ignore = append(e.Ignore, engine.Ignore(i))
	}
	for _, l := range Limits() {
		*l.field(&e.Limits) = max(t.Limit(l), 0) // the engine's 0 is NoLimit
	}
	return e
}

func (t *Tarpit) policy() capture.Policy {
	switch t.Policy {
	case "immediate":
		return capture.Immediate
	case "observe":
		return capture.Observe
	}
	return capture.Verify
}

func (t *Tarpit) mode() engine.TarpitMode {
	switch t.Mode {
	case "synack":
		return engine.SYNACK
	case "sink":
		return engine.Sink
	}
	return engine.Persist
}

// maxPlausible bounds plausible:K: a host with more open ports is known for a
// tarpit by that.
const maxPlausible = 100

// ParsePorts reads what tarpit_ports says: `all`, ports and ranges with commas
// between them, or plausible:K with K from 1 to 100. The ranges it returns are
// sorted and do not touch; ok is false for anything else.
func ParsePorts(word string) (p engine.TarpitPorts, ok bool) {
	if word == "all" {
		return p, true
	}
	if k, plausible := strings.CutPrefix(word, "plausible:"); plausible {
		p.Plausible, ok = positive(k, maxPlausible)
		return p, ok
	}
	for part := range strings.SplitSeq(word, ",") {
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		first, ok := positive(low, math.MaxUint16)
		last, ok2 := positive(high, math.MaxUint16)
		if !ok || !ok2 || last < first {
			return engine.TarpitPorts{}, false
		}
		p.Ranges = append(p.Ranges, engine.PortRange{First: uint16(first), Last: uint16(last)})
	}
	p.Ranges = joined(p.Ranges)
	return p, true
}

// joined sorts ranges and makes one of those that overlap or touch.
func joined(ranges []engine.PortRange) (all []engine.PortRange) {
	slices.SortFunc(ranges, func(a, b engine.PortRange) int { return int(a.First) - int(b.First) })
	for _, r := range ranges {
		if n := len(all); n > 0 && int(r.First) <= int(all[n-1].Last)+1 {
			all[n-1].Last = max(all[n-1].Last, r.Last)
			continue
		}
		all = append(all, r)
	}
	return all
}

// positive reads digits only, as a number from 1 to limit.
func positive(word string, limit int) (n int, ok bool) {
	if word == "" || strings.Trim(word, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(word)
	return n, err == nil && n > 0 && n <= limit
}

// How many addresses an entry may permit without tarpit_allow_large: of IPv4 a
// /20, of IPv6 a /112.
const (
	mostIPv4 = 4096
	mostIPv6 = 65536
)

// validateTarpit refuses entries of the tarpit's list that permit more than a
// segment's worth, as they were entered: what is outside the segment is cut off,
// but who permits a /8 may not have meant to.
func (c *Config) validateTarpit(ps *problems) {
	list := c.Lists[c.TarpitList]
	if list == nil || c.Tarpit.AllowLarge {
		return
	}
	for i, r := range list.Rules() {
		if family, n, most := large(r, c.Countries); n > most {
			what := "country " + r.Country
			if r.Country == "" {
				what = r.Prefix.String()
			}
			ps.add(SubjectTarpit, "a smaller prefix; or, if that is meant: tarpit_allow_large",
				"tarpit_acl %s: acl %s line %d permits %s, which is %s %s addresses, more than %d",
				c.TarpitList, c.TarpitList, i+1, what, number(n), family, most)
		}
	}
}

// large returns how many addresses r permits of a family, and how many it may
// without being large: of IPv6, if there are too many of these.
func large(r acl.Rule, countries acl.Countries) (family string, n, most uint64) {
	if r.Action != acl.Permit {
		return "", 0, 0
	}
	prefixes := []netip.Prefix{r.Prefix}
	if r.Country != "" {
		prefixes = countries[r.Country]
	}
	v6 := slices.DeleteFunc(slices.Clone(prefixes), func(p netip.Prefix) bool { return p.Addr().Is4() })
	if n := count(v6); n > mostIPv6 {
		return "IPv6", n, mostIPv6
	}
	v4 := slices.DeleteFunc(slices.Clone(prefixes), func(p netip.Prefix) bool { return p.Addr().Is6() })
	return "IPv4", count(v4), mostIPv4
}

// number is n in digits; what count could not count is told so.
func number(n uint64) string {
	if n == math.MaxUint64 {
		return "2^64 or more"
	}
	return strconv.FormatUint(n, 10)
}
