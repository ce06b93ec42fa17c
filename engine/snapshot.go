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
	Owners     int               `json:"owners"`  // hosts heard on the segment within neigh.OwnerLife
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
	State AddressState `json:"state"`
	Rival wire.MAC     `json:"rival"` // the other host, if State says that there is one
}

// ServiceSnapshot is a service at one moment.
type ServiceSnapshot struct {
	Service                  // as configured, less Clients and Service.Servers
	Address AddressSnapshot  `json:"address"`
	Traffic Traffic          `json:"traffic"`
	Servers []ServerSnapshot `json:"servers"`
}

// ServerSnapshot is a server at one moment.
type ServerSnapshot struct {
	Server           // as configured, less Clients
	MAC     wire.MAC `json:"mac"` // zero while unknown
	Traffic Traffic  `json:"traffic"`
	Flows   uint64   `json:"flows"` // open flows; this version keeps none
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
	Hits     []uint64   `json:"hits"`     // over how many frames each rule decided, by position
	Misses   uint64     `json:"misses"`   // over how many none did, but the default
}

// TarpitSnapshot is the tarpit at one moment.
type TarpitSnapshot struct {
	List      string `json:"list"`      // that permits what is captured; empty when there is no tarpit
	Addresses uint64 `json:"addresses"` // that it answers for while no host is heard using them, and not on standby
	HitsLost  uint64 `json:"hits_lost"` // hits that were counted, but came too fast to be events
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
