// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"

	"cygnet/acl"
	"cygnet/internal/sched"
	"cygnet/internal/wire"
)

// Config is everything the engine needs to know, as plain values: the form in
// which package config hands over what an operator wrote. New and Apply take
// it as valid; the engine keeps no reference to its slices.
type Config struct {
	MAC      wire.MAC       // the interface's own address, the source of every frame we send
	Key      sched.Key      // keys every choice and every sequence number
	Addrs    []netip.Prefix // the interface's own addresses with their subnets
	Sources  []netip.Addr   // addresses of ours to ask from, at most one a subnet
	Standby  bool           // answer and announce nothing but for Sources, and keep everything else warm
	Lists    []*List        // all there are, by name; services, servers and the tarpit point into them
	Services []Service
	Tarpit   Tarpit
}

// List is an access list. It never changes once it is part of a Config.
type List struct {
	Name  string
	Rules []acl.Rule // by position: each has a counter of its own
	Table *acl.Table // compiled from Rules
}

// Service is a virtual address, protocol and port, and who serves it.
type Service struct {
	Name     string
	VIP      netip.Addr
	Port     uint16     // 0 is every port
	Proto    uint8      // wire.ProtoTCP, wire.ProtoUDP, or 0 for both
	Mode     sched.Mode // how a flow finds its server
	Clients  *List      // who may use it; nil permits everyone
	HostHeld bool       // this host's kernel holds the VIP too and answers ping for it
	Disabled bool       // taken out as a whole: no ARP, no answers
	Servers  []Server
}

// Server is a real host behind a service.
type Server struct {
	Number  int    // Pen's number, unique within the service
	Name    string // the operator's name for it, or empty
	Addr    netip.Addr
	Weight  int // 0 counts as 1
	Prio    int // the lowest serves first, under sched.Prio
	State   ServerState
	Clients *List // which clients it may be given; nil is all
}

// ServerState is what the operator wants of a server.
type ServerState uint8

// The states. Only an enabled server is chosen.
const (
	Enabled     ServerState = iota
	Draining                // no new flows
	Blacklisted             // out for a time
	Disabled                // out until it is enabled
)

// String returns the state's word in the command language.
func (s ServerState) String() string {
	return [...]string{"enabled", "drain", "blacklist", "disabled"}[s&3]
}

// Tarpit is what to capture.
type Tarpit struct {
	List     *List          // the list that permits what is captured; nil when there is no tarpit
	Captured []netip.Prefix // disjoint: permitted by the list, within the segment, less what is never captured
}
