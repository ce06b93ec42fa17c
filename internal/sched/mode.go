// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import (
	"fmt"
	"net/netip"
)

// Mode is how a service spreads its flows, in Pen's words. Weights count in
// every mode.
type Mode uint8

const (
	Hash       Mode = iota // on the client's address
	RoundRobin             // on the client's address and port
	Weight                 // on the client's address
	Prio                   // on the client's address, over the servers of the lowest prio that has a usable one
	LeastConn              // the server with the fewest flows for its weight; where that cannot be, on the client's address and port
)

// String returns Pen's word for the mode.
func (m Mode) String() string {
	switch m {
	case RoundRobin:
		return "roundrobin"
	case Weight:
		return "weight"
	case Prio:
		return "prio"
	case LeastConn:
		return "leastconn"
	default:
		return "hash"
	}
}

// MarshalText returns what String does.
func (m Mode) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (m *Mode) UnmarshalText(text []byte) error {
	for _, known := range []Mode{Hash, RoundRobin, Weight, Prio, LeastConn} {
		if known.String() == string(text) {
			*m = known
			return nil
		}
	}
	return fmt.Errorf("mode %q: expected hash, roundrobin, weight, prio or leastconn", text)
}

// Ports reports whether the client's port is part of what is hashed, so that
// each of a client's connections may go to another server.
func (m Mode) Ports() bool { return m == RoundRobin || m == LeastConn }

// Server is a server as the scheduler sees it.
type Server struct {
	Addr   netip.Addr // the identity by which servers are ranked
	Weight int        // its share relative to the others; 0, or less, counts as 1
	Prio   int        // the lowest serves, under Prio
}

// weight returns the weight that counts.
func (s Server) weight() int64 { return int64(max(s.Weight, 1)) }
