// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Health is what checks found out about a server: learned state, handed over
// whole with SetHealth.
type Health struct {
	State HealthState `json:"state"`
	Check string      `json:"check"`           // the kind of check: arp, tcp, http, https, dns; empty when there is none
	Soft  bool        `json:"soft,omitempty"`  // it is down, but answers ARP: where no server is up, it may still serve
	Why   string      `json:"why,omitempty"`   // the last result that was no pass, in words: `http 503 from VIP`
	Since time.Time   `json:"since,omitzero"`  // when State became what it is
	Turn  int         `json:"turn,omitempty"`  // how many results in a row speak against State
	Turns int         `json:"turns,omitempty"` // how many it takes to change it
	Held  time.Time   `json:"held,omitzero"`   // damped: it does not rise before
	Last  []Result    `json:"last,omitempty"`  // the last results, newest last; shared, only for reading
}

// Result is the result of one check.
type Result struct {
	Time time.Time     `json:"time"`           // when it was known
	Took time.Duration `json:"took"`           // since it was sent, nanoseconds
	Pass bool          `json:"pass"`           //
	Text string        `json:"text,omitempty"` // in words, as `http 200` or `no answer from VIP`
}

// HealthState is what checks say of a server as a whole.
type HealthState uint8

// The states. A server of a service without checks is HealthUp.
const (
	HealthUp        HealthState = iota
	HealthDown                  // the last checks failed
	HealthUnchecked             // no check has ended yet: since the start it is given flows, whose frames are not sent on yet; added later, it waits
	healthStates
)

var healthWords = [healthStates]string{"up", "down", "unchecked"}

// String returns the state's word.
func (s HealthState) String() string {
	if s >= healthStates {
		return "unknown"
	}
	return healthWords[s]
}

// MarshalText returns what String does.
func (s HealthState) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *HealthState) UnmarshalText(text []byte) error {
	i := slices.Index(healthWords[:], string(text))
	if i < 0 {
		return fmt.Errorf("health %q: expected one of %s", text, strings.Join(healthWords[:], ", "))
	}
	*s = HealthState(i)
	return nil
}
