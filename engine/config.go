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
	Services []Service
	Tarpit   Tarpit
}

// Service is a virtual address, protocol and port, and who serves it.
type Service struct {
	Name     string
	VIP      netip.Addr
	Port     uint16     // 0 is every port
	Proto    uint8      // wire.ProtoTCP, wire.ProtoUDP, or 0 for both
	Mode     sched.Mode // how a flow finds its server
	Clients  *acl.Table // who may use it; nil permits everyone
	HostHeld bool       // this host's kernel holds the VIP too and answers ping for it
	Servers  []Server
}

// Server is a real host behind a service.
type Server struct {
	Number int    // Pen's number, unique within the service
	Name   string // the operator's name for it, or empty
	Addr   netip.Addr
	Weight int // 0 counts as 1
	Prio   int // the lowest serves first, under sched.Prio
}

// Tarpit is what to capture.
type Tarpit struct {
	List     string         // the list's name, for messages; empty when there is no tarpit
	Captured []netip.Prefix // disjoint: permitted by the list, within the segment, less what is never captured
}
