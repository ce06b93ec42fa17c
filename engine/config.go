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
	"cygnet/internal/capture"
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
	Sources  []Source       // addresses of ours to ask from, at most one a subnet
	Standby  bool           // answer and announce nothing but for Sources, and keep everything else warm
	Lists    []*List        // all there are, by name; services, servers and the tarpit point into them
	Services []Service
	Gone     []string // services that left this list and whose flows end now; those of others go on
	Tarpit   Tarpit

	// Flows and Clients are how many each worker has room for. Only New reads
	// them; 0 is 65536.
	Flows, Clients int
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

// Source is an address of ours to ask from, in one network on the link.
type Source struct {
	Addr netip.Addr
	VLAN uint16 // VID; 0 is the untagged network
}

// Service is a virtual address, protocol and port, and who serves it.
type Service struct {
	Name     string     `json:"name"`
	VIP      netip.Addr `json:"vip"`
	VLAN     uint16     `json:"vlan,omitempty"` // VID (IEEE 802.1Q) of the VLAN that clients and servers are on; 0 is the untagged network
	Port     uint16     `json:"port"`           // 0 is every port
	Proto    uint8      `json:"proto"`          // wire.ProtoTCP, wire.ProtoUDP, or 0 for both
	Mode     sched.Mode `json:"mode"`           // how a flow finds its server
	Clients  *List      `json:"-"`              // who may use it; nil permits everyone
	HostHeld bool       `json:"host_held"`      // this host's kernel holds the VIP too and answers ping for it
	Disabled bool       `json:"disabled"`       // taken out as a whole: no ARP, no answers
	Leaving  bool       `json:"leaving"`        // it was removed, and its last flows go on; only in a Snapshot
	Servers  []Server   `json:"-"`

	Stubborn  bool          `json:"stubborn"` // a client whose server cannot serve is given no other
	Tracking  time.Duration `json:"tracking"` // how long a client keeps its server between flows; 0 is for ever, Untracked not at all
	Idle      Idle          `json:"idle"`     // when a flow is over
	Panic     int           `json:"panic"`    // per cent of enabled servers up, below which health is ignored; 0 is never
	Emergency *Server       `json:"-"`        // who serves when no server can; nil is nobody
	Abuse     *Server       `json:"-"`        // who serves those that Clients refuses; nil is nobody
	Gone      []int         `json:"-"`        // numbers of servers that left Servers and whose flows end now
}

// Untracked is the Tracking of a service whose clients are not kept track of.
const Untracked = -1

// Idle says after how long without a frame a flow is over; each is at most
// flow.MaxIdle, and a zero one the default of package config.
type Idle struct {
	Opening     time.Duration `json:"opening"`
	Established time.Duration `json:"established"`
	Closing     time.Duration `json:"closing"`
	UDP         time.Duration `json:"udp"`
}

// PortWord is the port as it is shown: `every` where the service takes all.
func (s Service) PortWord() string {
	if s.Port == 0 {
		return "every"
	}
	return strconv.Itoa(int(s.Port))
}

// VLANWord is ` vlan 10`, to follow the VIP, and empty for the untagged network.
func (s Service) VLANWord() string { return vlanWord(s.VLAN) }

func vlanWord(vlan uint16) string {
	if vlan == 0 {
		return ""
	}
	return " vlan " + strconv.Itoa(int(vlan))
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
	Max     int         `json:"max"`    // flows at which it is given no client that is new to it; 0 is no limit
	Hard    int         `json:"hard"`   // flows at which it is given no client that it knows; 0 is no limit
	State   ServerState `json:"state"`
	Until   time.Time   `json:"until,omitzero"` // when its blacklisting ends; zero is not
	Checked bool        `json:"checked"`        // checks judge it, see SetHealth: until then it is HealthUnchecked
	Clients *List       `json:"-"`              // which clients it may be given; nil is all
}

// ServerState is what the operator wants of a server.
type ServerState uint8

// The states. Only an enabled server is chosen. The others keep their share of
// the slot tables, so that one that is enabled again gets its old clients back.
const (
	Enabled     ServerState = iota
	Draining                // its open flows go on, and it is given no new ones
	Blacklisted             // out for a time: its flows move
	Disabled                // out until it is enabled: its flows move
	Leaving                 // it was removed, and is drained first; only in a Snapshot
	serverStates
)

var serverStateWords = [serverStates]string{"enabled", "drain", "blacklist", "disabled", "leaving"}

// String returns the state's word in the command language.
func (s ServerState) String() string {
	if s >= serverStates {
		return "unknown"
	}
	return serverStateWords[s]
}

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

// Tarpit is what to capture, and how captured addresses behave.
type Tarpit struct {
	List     *List          // the list that permits what is captured; nil when there is no tarpit
	Captured []netip.Prefix // disjoint: permitted by the list, within the segment, less what is never captured
	Segments []netip.Prefix // where the operator says that hosts of the segment are, besides the interface's subnets
	Policy   capture.Policy
	Mode     TarpitMode
	Ports    TarpitPorts
	Ignore   []Ignore // who and what gets no answer: any that matches
	Limits   TarpitLimits
	Geo      Geo // where sources are; nil is not known
}

// TarpitMode says how a caught client is held.
type TarpitMode uint8

// The modes.
const (
	Persist TarpitMode = iota // its window is closed for ever: it asks now and then, and is answered
	SYNACK                    // it is left alone after our SYN+ACK, as Pen
	Sink                      // it may send what it likes, and waits for an answer for ever
)

// TarpitPorts says which ports of a captured address are open. The zero value is
// all of them.
type TarpitPorts struct {
	Ranges    []PortRange // these; RST for the rest
	Plausible int         // so many of those that hosts have, different ones for each address; RST for the rest
}

// PortRange is the ports from First to Last, both included.
type PortRange struct{ First, Last uint16 }

// Ignore matches what comes from From, goes to To and to this port; what is not
// valid, or 0, matches all.
type Ignore struct {
	From, To netip.Prefix
	Port     uint16
}

// TarpitLimits are how much the tarpit answers at most, a second; 0 is without
// limit. All but ARP and Verify are of segments. They hold for all workers together.
type TarpitLimits struct {
	Source  int // answers to one address, or one /64
	Network int // answers to one /24, or /48
	Total   int // answers
	Bits    int // bits of answers
	ARP     int // answers for captured addresses, neighbour advertisements too
	Verify  int // addresses for which we ask whether somebody holds them
}

// Geo tells where addresses are.
type Geo interface {
	// Country returns two capital letters (ISO 3166-1 alpha-2), empty if it is not
	// known. The housekeeper calls it, once for each new source.
	Country(netip.Addr) string
}
