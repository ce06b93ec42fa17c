// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package holds

import (
	"net/netip"
	"time"
)

// Rows is how many rows each list of Stats has at most.
const Rows = 20

// Stats is the book at one moment. It never changes and may be kept.
type Stats struct {
	Now         uint64        `json:"held_now"`     // connections that are held
	Total       time.Duration `json:"held_total"`   // how long all were held together, those of now included; at most 292 years
	Seconds     uint64        `json:"held_seconds"` // the same without that end, up to each one's last segment, so that it never falls
	Verified    uint64        `json:"verified"`     // connections whose client proved its source
	Unverified  uint64        `json:"unverified"`   // SYNs, sent again or not, less Verified: scanners that never answer, and forged sources
	Escaped     uint64        `json:"escaped"`      // connections that their client gave up
	Backscatter uint64        `json:"backscatter"`  // segments that answer what somebody sent in a captured address's name
	Bytes       uint64        `json:"bytes"`        // of payload that clients sent

	Sources   []Source  `json:"sources"`   // who was caught most, by Verified, then SYNs
	Networks  []Network `json:"networks"`  // the same by /24, IPv6 by /48
	Ports     []Port    `json:"ports"`     // what was asked for most
	Countries []Country `json:"countries"` // where sources are, as far as a database tells
	Longest   []Hold    `json:"longest"`   // the longest holds, over or not
}

// Tally is what one source, network, port or country did.
type Tally struct {
	SYNs     uint64        `json:"syns"`
	Verified uint64        `json:"verified"`
	Now      uint64        `json:"held_now"`
	Held     time.Duration `json:"held"` // all together
	First    time.Time     `json:"first"`
	Last     time.Time     `json:"last"`
}

// Source is a client.
type Source struct {
	Addr    netip.Addr `json:"addr"`
	Country string     `json:"country,omitempty"` // two letters, ISO 3166-1
	Tally
}

// Network is a /24 or a /48 of clients.
type Network struct {
	Prefix netip.Prefix `json:"prefix"`
	Tally
}

// Port is a port of captured addresses.
type Port struct {
	Port uint16 `json:"port"`
	Tally
}

// Country is where clients are.
type Country struct {
	Code string `json:"code"` // two letters, ISO 3166-1; empty is not known
	Tally
}

// Hold is one connection.
type Hold struct {
	Source   netip.AddrPort `json:"source"`
	Captured netip.AddrPort `json:"captured"`
	Country  string         `json:"country,omitempty"`
	Held     time.Duration  `json:"held"`
	Open     bool           `json:"open"` // it goes on
	Last     time.Time      `json:"last"` // its last segment
}
