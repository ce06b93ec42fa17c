// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package config holds what the operator wrote, as plain values: desired
// state, owned by whoever holds the Config. Package command fills it in,
// Validate and ValidateOn judge it, and Engine turns it into what package
// engine runs on.
package config

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"

	"cygnet/acl"
)

// DefaultSecret is the file with the key of every choice of a server, used
// when Config.Secret is empty.
const DefaultSecret = "/var/lib/cygnet/secret"

// DefaultService is the service that a line without `service NAME` means.
const DefaultService = "default"

// DefaultList is the list that client_acl and `server ID acl` name until told
// otherwise. Pen's own files leave it without entries, so it permits everyone.
const DefaultList = "0"

// Config is everything an operator can say. Only New makes one; the zero
// value lacks its map. It is not safe for concurrent use.
type Config struct {
	Interface string // dsr_if; empty is not given
	Debug     int    // 0 to MaxDebug
	UDP       bool   // -U: `listen` without a protocol means UDP
	Secret    string // path of the key; empty is DefaultSecret

	Sources  []netip.Addr   // addresses of ours to ask from, in the order given
	Segments []netip.Prefix // where addresses may be captured, masked

	Lists      map[string]*acl.List // by number or name: those that were mentioned
	TarpitList string               // empty is not given: nothing is captured

	// Countries are the prefixes of the countries that lists name, loaded from
	// GeoIP; shared, only read.
	Countries acl.Countries

	Services []Service // in the order made, the default one first
}

// Service is a virtual address, protocol and port, and who serves it.
type Service struct {
	Name  string
	VIP   netip.Addr // invalid until its first `listen`
	Port  uint16     // 0 is every port
	Proto uint8      // 6 is TCP, 17 is UDP, 0 is both

	// Pen's modes; any of them may be set together, see Mode.
	Hash, RoundRobin, Weight, Prio, Stubborn bool

	ClientList string   // who may use it
	Servers    []Server // by number
}

// Server is a real host behind a service.
type Server struct {
	Number int    // 0 to MaxNumber, unique within the service
	Name   string // the operator's name for it, or empty
	Addr   netip.Addr
	Port   uint16 // 0 is the service's
	Max    int    // flows, 0 is no limit
	Hard   int    // flows, 0 is no limit
	Weight int    // 0 to MaxWeight; 0 is unset and counts as 1
	Prio   int    // 0 to MaxPrio; the lowest serves
	List   string // which clients it may be given
}

// Limits of what may be written. Weights above 65535 could not be told apart
// in the 65537 slots that a service shares out; numbers and prios have the
// same limit so that there is one to remember.
const (
	MaxDebug  = 9
	MaxNumber = 65535
	MaxWeight = 65535
	MaxPrio   = 65535
)

// New returns the configuration of an operator who has said nothing.
func New() *Config {
	return &Config{Lists: map[string]*acl.List{}}
}

// Clone returns a copy that shares nothing with c but Countries.
func (c *Config) Clone() *Config {
	n := *c
	n.Sources = slices.Clone(c.Sources)
	n.Segments = slices.Clone(c.Segments)
	n.Lists = maps.Clone(c.Lists)
	for name, l := range n.Lists {
		n.Lists[name] = l.Clone()
	}
	n.Services = slices.Clone(c.Services)
	for i := range n.Services {
		n.Services[i].Servers = slices.Clone(n.Services[i].Servers)
	}
	return &n
}

// Service returns the service of that name, or nil. The pointer is good until
// a service is added or removed.
func (c *Config) Service(name string) *Service {
	for i := range c.Services {
		if c.Services[i].Name == name {
			return &c.Services[i]
		}
	}
	return nil
}

// MakeService returns the service of that name, made if need be. The pointer
// is good until another is added or removed.
func (c *Config) MakeService(name string) *Service {
	if s := c.Service(name); s != nil {
		return s
	}
	at := len(c.Services)
	if name == DefaultService {
		at = 0
	}
	c.Services = slices.Insert(c.Services, at, Service{Name: name, ClientList: DefaultList})
	return &c.Services[at]
}

// RemoveService forgets the service of that name, if there is one.
func (c *Config) RemoveService(name string) {
	c.Services = slices.DeleteFunc(c.Services, func(s Service) bool { return s.Name == name })
}

// List returns the list of that number or name, made if need be.
func (c *Config) List(name string) *acl.List {
	l := c.Lists[name]
	if l == nil {
		l = &acl.List{}
		c.Lists[name] = l
	}
	return l
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
