// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cygnet/acl"
	"cygnet/internal/capture"
	"cygnet/internal/holds"
	"cygnet/internal/wire"
)

// Snapshot is a copy of all counters and states at one moment. It never
// changes and may be kept. Counters count from the engine's start. As JSON, in
// lower_snake_case, it reads back as it was.
type Snapshot struct {
	Time       time.Time         `json:"time"`       // of the engine's last tick; zero before the first
	Started    time.Time         `json:"started"`    // of its first
	Generation uint64            `json:"generation"` // how often the table was replaced
	MAC        wire.MAC          `json:"mac"`
	In         Traffic           `json:"in"`
	Out        Traffic           `json:"out"`
	Reasons    ReasonCounts      `json:"reasons"` // frames received, by how they ended
	Services   []ServiceSnapshot `json:"services"`
	Sources    []AddressSnapshot `json:"sources"`
	Lists      []ListSnapshot    `json:"lists"`
	Tarpit     TarpitSnapshot    `json:"tarpit"`
	Standby    bool              `json:"standby"` // as configured
	Flows      FlowTable         `json:"flows"`

	// The busiest flows and clients, and the clients heard last, CensusRows of
	// each at most, as the workers last looked through their tables; shared, only
	// for reading.
	TopFlows      []FlowSnapshot   `json:"top_flows"`
	TopClients    []ClientSnapshot `json:"top_clients"`
	LatestClients []ClientSnapshot `json:"latest_clients"`
}

// CensusRows is how many flows and clients a Snapshot tells of.
const CensusRows = 50

// FlowTable is what the workers' flow tables hold, all together.
type FlowTable struct {
	Room     uint64 `json:"room"`     // flows that they can hold
	Open     uint64 `json:"open"`     // flows that they hold
	Opening  uint64 `json:"opening"`  // of these, those whose client has not answered yet
	Closing  uint64 `json:"closing"`  // of these, those that said FIN or RST
	Added    uint64 `json:"added"`    // since the start
	Unstored uint64 `json:"unstored"` // since the start: flows for which there was no room
	Adopted  uint64 `json:"adopted"`  // since the start: of those added, flows whose beginning was not seen
	Clients  uint64 `json:"clients"`  // known clients
}

// FlowSnapshot is a flow at one moment.
type FlowSnapshot struct {
	Service string         `json:"service"`
	Server  string         `json:"server"` // its name, or else its number; emergency or abuse
	Client  netip.AddrPort `json:"client"`
	VIP     netip.AddrPort `json:"vip"`
	Proto   uint8          `json:"proto"` // wire.ProtoTCP or wire.ProtoUDP
	State   string         `json:"state"` // opening, established or closing
	Started time.Time      `json:"started"`
	Seen    time.Time      `json:"seen"` // its last frame
	Traffic Traffic        `json:"traffic"`
	Rate    uint64         `json:"rate"` // bytes a second of late
}

// ClientSnapshot is a client of one service at one moment.
type ClientSnapshot struct {
	Addr    netip.Addr `json:"addr"`
	Service string     `json:"service"`
	Server  string     `json:"server"` // of its newest flow
	Open    uint64     `json:"open"`   // flows
	Opened  uint64     `json:"opened"` // flows since it is known
	Started time.Time  `json:"started"`
	Seen    time.Time  `json:"seen"` // its last frame, roughly
	Bytes   uint64     `json:"bytes"`
	Rate    uint64     `json:"rate"` // bytes a second of late
}

// AddressState says whether we answer for an address.
type AddressState uint8

// The states of an address.
const (
	Asking     AddressState = iota // whether it is free; silent so far
	Taken                          // another host answers for it: silent
	Held                           // we answer for it
	Disputedly                     // we do, and another host does, too
	Off                            // no active service is on it: we neither ask for it nor answer
	addressStates
)

var addressStateWords = [addressStates]string{"asking", "taken", "announced", "disputed", "off"}

// String returns the state's word.
func (s AddressState) String() string {
	if s >= addressStates {
		return "unknown"
	}
	return addressStateWords[s]
}

// MarshalText returns what String does.
func (s AddressState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *AddressState) UnmarshalText(text []byte) error {
	i := slices.Index(addressStateWords[:], string(text))
	if i < 0 {
		return fmt.Errorf("address state %q: expected one of %s", text, strings.Join(addressStateWords[:], ", "))
	}
	*s = AddressState(i)
	return nil
}

// AddressSnapshot is an address that we answer for, or want to.
type AddressSnapshot struct {
	Addr  netip.Addr   `json:"addr"`
	VLAN  uint16       `json:"vlan,omitempty"` // VID of the VLAN that it is on; 0 is the untagged network
	State AddressState `json:"state"`
	Rival wire.MAC     `json:"rival"` // the other host, if State says that there is one
}

// ServiceSnapshot is a service at one moment.
type ServiceSnapshot struct {
	Service                  // as configured, less Clients and Service.Servers
	Address AddressSnapshot  `json:"address"`
	Traffic Traffic          `json:"traffic"`
	Servers []ServerSnapshot `json:"servers"` // those that are Leaving last

	Emergency *ServerSnapshot `json:"emergency,omitempty"`
	Abuse     *ServerSnapshot `json:"abuse,omitempty"`
	Serving   Serving         `json:"serving"`
	Flows     uint64          `json:"flows"` // open flows, those of Emergency included
}

// Serving says who is given the new flows of a service.
type Serving uint8

// Who serves.
const (
	ServingNormally  Serving = iota // servers that are up
	ServingEmergency                // none is: the emergency server
	ServingFailOpen                 // none is, and no emergency server: those that answer ARP and fail only their checks
	ServingPanic                    // too few are up: health is ignored, see Service.Panic
	ServingNobody                   // nobody can
	servings
)

var servingWords = [servings]string{"normal", "emergency", "fail open", "panic", "nobody"}

// String returns the word for it.
func (s Serving) String() string {
	if s >= servings {
		return "unknown"
	}
	return servingWords[s]
}

// MarshalText returns what String does.
func (s Serving) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Serving) UnmarshalText(text []byte) error {
	i := slices.Index(servingWords[:], string(text))
	if i < 0 {
		return fmt.Errorf("serving %q: expected one of %s", text, strings.Join(servingWords[:], ", "))
	}
	*s = Serving(i)
	return nil
}

// ServerSnapshot is a server at one moment.
type ServerSnapshot struct {
	Server           // as configured, less Clients
	MAC     wire.MAC `json:"mac"` // zero while unknown
	Traffic Traffic  `json:"traffic"`
	Flows   uint64   `json:"flows"`   // open flows
	Opened  uint64   `json:"opened"`  // flows that it was given since the start
	Retried uint64   `json:"retried"` // SYNs to it that were sent again, since the start
	Health  Health   `json:"health"`
}

// CanServe says whether the server is enabled, its MAC is known, and its last checks
// speak for it.
func (s *ServerSnapshot) CanServe() bool {
	return s.State == Enabled && !s.MAC.IsZero() && s.Health.State == HealthUp
}

// ListSnapshot is an access list at one moment. What does not change while the
// generation stays is shared, so only for reading.
type ListSnapshot struct {
	Name     string     `json:"name"`
	Rules    []acl.Rule `json:"rules"` // by position; shared
	Default  acl.Action `json:"default"`
	Explicit bool       `json:"explicit"` // the operator has set the default
	Dead     []int      `json:"dead"`     // the positions, from 1, of the rules that can never match; shared
	Uses     []string   `json:"uses"`     // who names it, in the operator's words, as `client_acl of web`; not without end; shared
	Hits     []uint64   `json:"hits"`     // over how many frames each rule decided, by position; of a list of thousands up to a second old; shared
	Misses   uint64     `json:"misses"`   // over how many none did, but the default
}

// TarpitSnapshot is the tarpit at one moment.
type TarpitSnapshot struct {
	Policy    capture.Policy `json:"policy"`    // as configured
	List      string         `json:"list"`      // that permits what is captured; empty when there is no tarpit
	Addresses uint64         `json:"addresses"` // that it answers for while no host is heard using them, and not on standby
	HitsLost  uint64         `json:"hits_lost"` // hits that were counted, but came too fast to be events

	Capture capture.Counts `json:"capture"`
	Holds   *holds.Stats   `json:"holds"` // shared, only for reading; never nil
}

// Dropped returns the frames that were dropped, for whatever reason.
func (s *Snapshot) Dropped() (t Traffic) {
	for r, n := range s.Reasons {
		if Reason(r).Verdict() == Dropped {
			t = t.Add(n)
		}
	}
	return t
}

// TarpitHits returns the connections that the tarpit accepted: each SYN it
// answered, also one sent again.
func (s *Snapshot) TarpitHits() uint64 { return s.Reasons[CapturedSYN].Frames }
