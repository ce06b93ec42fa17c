// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"net/netip"
	"strings"
	"unicode"

	"cygnet/internal/wire"
)

// Checker makes one kind of check of one server.
type Checker interface {
	// Check checks once, along way, and returns soon after ctx ends. Whoever cancels
	// ctx before its deadline forgets the outcome.
	Check(ctx context.Context, way way) outcome
}

// way is how a check gets to the VIP of a server, and of no other. A check by ARP
// needs none.
type way struct {
	source netip.Addr
	mac    wire.MAC
	vlan   uint16 // 0 is the untagged network
}

// outcome is how a check ended, in words that call the VIP so.
type outcome struct {
	verdict verdict
	text    string
}

type verdict uint8

const (
	nothing verdict = iota // it could not be made: that says nothing of the server
	failed
	passed
)

func pass(text string) outcome { return outcome{passed, printable(text)} }
func fail(text string) outcome { return outcome{failed, printable(text)} }

// longestText is how many runes of an outcome's text are kept.
const longestText = 160

// printable is text as it may be shown: parts of it are a server's own words, which
// could move an operator's cursor.
func printable(text string) string {
	r := []rune(strings.ToValidUTF8(text, "?"))
	for i := range r {
		if !unicode.IsPrint(r[i]) {
			r[i] = '?'
		}
	}
	if len(r) > longestText {
		r = append(r[:longestText:longestText], []rune("...")...)
	}
	return string(r)
}

// checker returns the Checker of a target.
func (m *Monitor) checker(t *Target) Checker {
	to := netip.AddrPortFrom(t.VIP, t.Port)
	switch t.Check.Kind {
	case "tcp":
		return tcpChecker{seg: m.seg, ports: m.ports, to: to}
	case "http", "https":
		return httpChecker{
			net: m.net, to: to, timeout: t.Timeout, tls: t.Check.Kind == "https",
			path: t.Check.Path, host: t.Check.Host, status: t.Check.Status, body: t.Check.Body,
		}
	case "dns":
		return dnsChecker{net: m.net, to: to, timeout: t.Timeout, name: t.Check.Name, kind: t.Check.Type, expect: t.Check.Expect}
	}
	return m.neighbour(t)
}

func (m *Monitor) neighbour(t *Target) arpChecker {
	return arpChecker{m: m, vlan: t.VLAN, addr: t.Addr, fresh: t.Check.Interval / 2}
}
