// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"net/netip"
	"slices"
	"strconv"
	"time"

	"cygnet/engine"
)

// Service is a virtual address, protocol and port, and who serves it.
type Service struct {
	Name     string
	VIP      netip.Addr // invalid until its first `listen`
	Port     uint16     // 0 is every port
	Proto    uint8      // 6 is TCP, 17 is UDP, 0 is both
	VLAN     int        // 0 is untagged
	Disabled bool       // taken out as a whole

	// Pen's modes, and leastconn; any of them may be set together, see Mode.
	Hash, RoundRobin, Weight, Prio, LeastConn, Stubborn bool

	ClientList string        // who may use it
	Blacklist  time.Duration // how long a server is out when nothing else is said
	Tracking   time.Duration // how long a client keeps its server between flows; 0 is for ever, Untracked not at all
	Timeout    time.Duration // of a health check
	Idle       Idle
	Panic      int // per cent of servers up below which health is ignored; 0 is never
	Emergency  Host
	Abuse      Host
	Check      Check
	Servers    []Server // by number

	// Gone are the numbers of servers that were removed and whose flows end now;
	// those of others that were removed go on. As Config.Gone.
	Gone []int
}

// Untracked is the Tracking of a service whose clients are not kept track of.
const Untracked = engine.Untracked

// MinIdle and MaxIdle bound the idle times of flows: workers look for those that
// are over about once a second, and MaxIdle is that of package flow.
const (
	MinIdle = time.Second
	MaxIdle = 7 * 24 * time.Hour
)

// Idle says after how long without a frame a flow is over.
type Idle struct{ Opening, Established, Closing, UDP time.Duration }

// Host is a server outside a service's own: Addr is invalid where there is none.
type Host struct {
	Addr netip.Addr
	Port uint16 // 0 is the service's
}

// Check is how the health of a service's servers is found out.
type Check struct {
	Kind             string // arp, tcp, http, https, dns or none; empty is what suits the service
	Interval, Jitter time.Duration
	Rise, Fall       int    // how many in a row make a server up, or down
	Path, Host       string // http: what to ask for
	Status           int    // http: the answer that passes
	Name, Type       string // dns: what to ask for
	Expect           string // dns: the answer that passes; empty is any
	Body             string // http: what the answer must hold; empty is anything
}

// Server is a real host behind a service.
type Server struct {
	Number int    // 0 to MaxNumber, unique within the service
	Name   string // the operator's name for it, or empty
	Addr   netip.Addr
	Port   uint16 // 0 is the service's
	Max    int    // flows at which it is given no client that is new to it; 0 is no limit
	Hard   int    // flows at which it is given no client that it knows; 0 is no limit
	Weight int    // 0 to MaxWeight; 0 is unset and counts as 1
	Prio   int    // 0 to MaxPrio; the lowest serves
	List   string // which clients it may be given
	State  State
	Out    time.Time // blacklisted until then; zero is not. Never written to a file
}

// State is what the operator wants of a server.
type State string

// The states, in the words of the command language.
const (
	Enable  State = ""
	Drain   State = "drain"
	Disable State = "disable"
)

// NewService returns a service of which nothing was said but its name.
func NewService(name string) Service {
	return Service{
		Name: name, ClientList: DefaultList,
		Blacklist: 30 * time.Second, // Pen's
		Tracking:  Untracked,
		Timeout:   time.Second,
		Idle:      Idle{3 * time.Second, 15 * time.Minute, 30 * time.Second, 2 * time.Minute},
		Check: Check{
			Interval: 2 * time.Second, Rise: 2, Fall: 3, Path: "/", Status: 200, Type: "A",
		},
	}
}

// Equal says whether both are the same in everything.
func (s *Service) Equal(o *Service) bool {
	return s.Name == o.Name && s.VIP == o.VIP && s.Port == o.Port && s.Proto == o.Proto && s.VLAN == o.VLAN && s.Disabled == o.Disabled &&
		s.Hash == o.Hash && s.RoundRobin == o.RoundRobin && s.Weight == o.Weight && s.Prio == o.Prio && s.LeastConn == o.LeastConn &&
		s.Stubborn == o.Stubborn && s.ClientList == o.ClientList && s.Blacklist == o.Blacklist && s.Tracking == o.Tracking &&
		s.Timeout == o.Timeout && s.Idle == o.Idle && s.Panic == o.Panic && s.Emergency == o.Emergency && s.Abuse == o.Abuse &&
		s.Check == o.Check && slices.Equal(s.Servers, o.Servers) && slices.Equal(s.Gone, o.Gone)
}

// Label is how messages call the server: its name, else its number.
func (s *Server) Label() string {
	if s.Name != "" {
		return s.Name
	}
	return strconv.Itoa(s.Number)
}

// prefix is how a message begins that is about a part of s. The service
// `default` is what a bare line means, so it needs no name.
func (s *Service) prefix() string {
	if s.Name == DefaultService {
		return ""
	}
	return "service " + s.Name + ": "
}
