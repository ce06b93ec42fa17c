// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

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
	Name     string
	Rules    []acl.Rule // by position: each has a counter of its own
	Table    *acl.Table // compiled from Rules
	Explicit bool       // the operator has set what an address that matches nothing gets
	Dead     []int      // the positions, from 1, of the rules that can never match
	Uses     []string   // who names it, in the operator's words; not without end
}

// Service is a virtual address, protocol and port, and who serves it.
type Service struct {
	Name     string     `json:"name"`
	VIP      netip.Addr `json:"vip"`
	Port     uint16     `json:"port"`      // 0 is every port
	Proto    uint8      `json:"proto"`     // wire.ProtoTCP, wire.ProtoUDP, or 0 for both
	Mode     sched.Mode `json:"mode"`      // how a flow finds its server
	Clients  *List      `json:"-"`         // who may use it; nil permits everyone
	HostHeld bool       `json:"host_held"` // this host's kernel holds the VIP too and answers ping for it
	Disabled bool       `json:"disabled"`  // taken out as a whole: no ARP, no answers
	Servers  []Server   `json:"-"`
}

// PortWord is the port as it is shown: `every` where the service takes all.
func (s Service) PortWord() string {
	if s.Port == 0 {
		return "every"
	}
	return strconv.Itoa(int(s.Port))
}

// ProtoWord is the protocol in the command language's words.
func (s Service) ProtoWord() string {
	switch s.Proto {
	case wire.ProtoTCP:
		return "tcp"
	case wire.ProtoUDP:
		return "udp"
	}
	return "any"
}

// Server is a real host behind a service.
type Server struct {
	Number  int         `json:"number"` // Pen's number, unique within the service
	Name    string      `json:"name"`   // the operator's name for it, or empty
	Addr    netip.Addr  `json:"addr"`
	Weight  int         `json:"weight"` // 0 counts as 1
	Prio    int         `json:"prio"`   // the lowest serves first, under sched.Prio
	State   ServerState `json:"state"`
	Until   time.Time   `json:"until,omitzero"` // when its blacklisting ends; zero is not
	Clients *List       `json:"-"`              // which clients it may be given; nil is all
}

// ServerState is what the operator wants of a server.
type ServerState uint8

// The states. Only an enabled server is chosen. The others keep their share of
// the slot tables, so that one that is enabled again gets its old clients back.
const (
	Enabled     ServerState = iota
	Draining                // not chosen: without a flow table, its open flows move as well
	Blacklisted             // out for a time
	Disabled                // out until it is enabled
)

var serverStateWords = [...]string{"enabled", "drain", "blacklist", "disabled"}

// String returns the state's word in the command language.
func (s ServerState) String() string { return serverStateWords[s&3] }

// MarshalText returns what String does.
func (s ServerState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *ServerState) UnmarshalText(text []byte) error {
	i := slices.Index(serverStateWords[:], string(text))
	if i < 0 {
		return fmt.Errorf("server state %q: expected one of %s", text, strings.Join(serverStateWords[:], ", "))
	}
	*s = ServerState(i)
	return nil
}

// Tarpit is what to capture.
type Tarpit struct {
	List     *List          // the list that permits what is captured; nil when there is no tarpit
	Captured []netip.Prefix // disjoint: permitted by the list, within the segment, less what is never captured
}
