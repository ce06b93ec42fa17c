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
// value lacks its defaults. It is not safe for concurrent use.
type Config struct {
	// In force from the next start on.
	Interface string   // dsr_if; empty is not given
	Datapath  string   // auto, packet, ring, mmsg or kernel
	Workers   int      // how many share the work; 0 is one for each CPU but one, and 4 at most
	Pin       bool     // keep each worker on a CPU of its own
	User      string   // whom to run as; empty is whoever started it
	Chroot    string   // the folder to be shut into; empty is none
	PIDFile   string   // empty is none
	Control   []string // further control sockets, HOST:PORT, PORT or a path
	Socket    string   // path of the control socket; empty is the default one, SocketNone none

	Debug     int    // 0 to MaxDebug
	UDP       bool   // -U: `listen` without a protocol means UDP
	Log       string // a file, HOST:PORT, syslog or -; empty is -
	LogFormat string // text or json
	Secret    string // path of the key; empty is DefaultSecret
	GeoIP     string // path of the country database; empty is none
	Metrics   string // where metrics are served, HOST:PORT or PORT; empty is nowhere
	Events    string // path of the file of events; empty is none
	WebStats  string // path of the HTML status page; empty is none
	Standby   bool   // answer and announce nothing, and keep everything else warm

	Sources  []Source       // addresses of ours to ask from, in the order given
	Segments []netip.Prefix // where addresses may be captured, masked

	Lists       map[string]*acl.List // by number or name: those that were mentioned
	ControlList string               // which TCP clients may give commands
	TarpitList  string               // empty is not given: nothing is captured
	Countries   acl.Countries        // of those that lists name; shared, only read
	Tarpit      Tarpit

	// ConnMax and ClientsMax bound the flows and the clients that each worker
	// keeps; in force from the next start on.
	ConnMax, ClientsMax int

	Services []Service // in the order made, the default one first

	// Gone names the services that were removed and whose flows end now; those of
	// other services that were removed go on. It is about one change, and neither
	// written nor compared.
	Gone []string

	// Comments are those of the files that were read, by what the line after
	// them is about. Only package command reads them.
	Comments map[string][]string
}

// Source is an address of ours to ask from.
type Source struct {
	Addr netip.Addr
	VLAN int // 0 is untagged
}

// String returns s as it is written.
func (s Source) String() string { return s.Addr.String() + vlanWords(s.VLAN) }

// vlanWords is what follows an address: ` vlan 10`, or nothing where it is untagged.
func vlanWords(vlan int) string {
	if vlan == 0 {
		return ""
	}
	return " vlan " + strconv.Itoa(vlan)
}

// Tarpit is how captured addresses behave.
type Tarpit struct {
	Policy     string         // verify, immediate or observe
	Mode       string         // persist, synack or sink
	Ports      string         // all, ports and ranges, or plausible:K
	Exclude    []netip.Prefix // never captured, in the order given
	Ignore     []Ignore       // whom and what it never answers
	AllowLarge bool           // an entry may permit more than 4096 addresses
	Limits     map[string]int // by name; NoLimit is off
	Hook       string         // the program run for a caught client; empty is none
	Accept     string         // path of the file of ACCEPT lines; empty is none
}

// NoLimit is a limit of the tarpit that was switched off.
const NoLimit = -1

// Ignore is traffic that the tarpit leaves alone. What is not set matches
// everything.
type Ignore struct {
	From, To netip.Prefix
	Port     uint16
}

// Limits of what may be written. Weights above 65535 could not be told apart
// in the 65537 slots that a service shares out; numbers and prios have the
// same limit so that there is one to remember.
const (
	MaxDebug   = 9
	MaxNumber  = 65535
	MaxWeight  = 65535
	MaxPrio    = 65535
	MaxVLAN    = 4094 // IEEE 802.1Q: 4095 is reserved
	MaxWorkers = 64   // each is a thread, and a set of tables
)

// SocketNone is the Socket of a Cygnet without one.
const SocketNone = "none"

// New returns the configuration of an operator who has said nothing.
func New() *Config {
	return &Config{
		Datapath: "auto", LogFormat: "text", ControlList: DefaultList,
		ConnMax: 65536, ClientsMax: 65536,
		Lists:  map[string]*acl.List{},
		Tarpit: Tarpit{Policy: "verify", Mode: "persist", Ports: "all"},
	}
}

// Clone returns a copy that shares nothing with c but Countries and lists. Who changes
// one of the copy's lists puts a copy of that into Lists first: of the lists that there
// are, most changes are about none.
func (c *Config) Clone() *Config {
	n := *c
	n.Sources = slices.Clone(c.Sources)
	n.Segments = slices.Clone(c.Segments)
	n.Lists = maps.Clone(c.Lists)
	n.Control = slices.Clone(c.Control)
	n.Comments = maps.Clone(c.Comments)
	n.Tarpit.Exclude = slices.Clone(c.Tarpit.Exclude)
	n.Tarpit.Ignore = slices.Clone(c.Tarpit.Ignore)
	n.Tarpit.Limits = maps.Clone(c.Tarpit.Limits)
	n.Gone = slices.Clone(c.Gone)
	n.Services = slices.Clone(c.Services)
	for i := range n.Services {
		n.Services[i].Servers = slices.Clone(n.Services[i].Servers)
		n.Services[i].Gone = slices.Clone(n.Services[i].Gone)
	}
	return &n
}

// Service returns the service of that name, or nil. The pointer is good until
// a service is added or removed. Most lines are about the service made last.
func (c *Config) Service(name string) *Service {
	for i := len(c.Services) - 1; i >= 0; i-- {
		if c.Services[i].Name == name {
			return &c.Services[i]
		}
	}
	return nil
}

// ByName returns the services by their names, for who looks for many. The pointers are
// good until a service is added or removed.
func (c *Config) ByName() map[string]*Service {
	all := make(map[string]*Service, len(c.Services))
	for i := range c.Services {
		all[c.Services[i].Name] = &c.Services[i]
	}
	return all
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
	c.Services = slices.Insert(c.Services, at, NewService(name))
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
