// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strconv"

	"cygnet/engine"
)

// state is how a server is, in the word and the mark that an operator reads.
type state uint8

const (
	up      state = iota // it can be given new clients
	falling              // it can, and its last checks failed: UP?
	fresh                // no check of it has ended yet: NEW
	rising               // it is down, and its last checks passed: DN?
	down                 // it is wanted, and does not answer, or its checks fail
	drain                // no new clients
	leaving              // removed: no new clients, and gone after its last flow
	out                  // blacklisted: out for a time
	maint                // taken out by an operator
	unknown              // its service is off, so nobody asks for it
	states
)

var stateInfos = [states]struct {
	word, mark string
	paint      func(t *Theme) paint
}{
	up:      {"UP", " ", func(t *Theme) paint { return t.good }},
	falling: {"UP?", " ", func(t *Theme) paint { return t.warn }},
	fresh:   {"NEW", " ", func(t *Theme) paint { return t.none }},
	rising:  {"DN?", "!", func(t *Theme) paint { return t.warn }},
	down:    {"DOWN", "!", func(t *Theme) paint { return t.bad }},
	drain:   {"DRAIN", "~", func(t *Theme) paint { return t.drain }},
	leaving: {"LEAVING", "~", func(t *Theme) paint { return t.drain }},
	out:     {"OUT", "-", func(t *Theme) paint { return t.maint }},
	maint:   {"MAINT", "-", func(t *Theme) paint { return t.maint }},
	unknown: {"----", " ", func(t *Theme) paint { return t.none }},
}

func (s state) String() string        { return stateInfos[s].word }
func (s state) mark() string          { return stateInfos[s].mark }
func (s state) paint(t *Theme) paint  { return stateInfos[s].paint(t) }
func (s state) words() (label string) { return s.String() + s.mark() }

// serves says whether a server in this state is given new clients.
func (s state) serves() bool { return s == up || s == falling }

// stateOf says how a server of a service is: what the operator wants of it, and
// else what checks say, and whether it can be reached at all.
func stateOf(svc *engine.ServiceSnapshot, srv *engine.ServerSnapshot) state {
	switch srv.State {
	case engine.Leaving:
		return leaving
	case engine.Draining:
		return drain
	case engine.Blacklisted:
		return out
	case engine.Disabled:
		return maint
	}
	return wantedState(svc, srv)
}

// wantedState is how a server is, or would be, that is enabled.
func wantedState(svc *engine.ServiceSnapshot, srv *engine.ServerSnapshot) state {
	h := &srv.Health
	switch {
	case svc.Disabled && srv.MAC.IsZero():
		return unknown
	case h.State == engine.HealthUnchecked:
		return fresh
	case h.State == engine.HealthDown && h.Turn > 0:
		return rising
	case h.State == engine.HealthDown, srv.MAC.IsZero():
		return down
	case h.Turn > 0:
		return falling
	}
	return up
}

// serverID is what stays the same about a server while it is sorted, filtered
// and changed.
type serverID struct {
	service string
	number  int
	leaving bool // its number may be that of another one by now
}

// The numbers of the servers that a service has beside those with a number.
const (
	emergencyNumber = -1 - iota
	abuseNumber
)

// line is a command about the server: bare for the nameless service.
func (id serverID) line(words string) string {
	return serviceLine(id.service, "server "+strconv.Itoa(id.number)+" "+words)
}

// nameless is the service that a line is about which names none; see
// LANGUAGE.md.
const nameless = "default"

func serviceLine(service, words string) string {
	if service == nameless {
		return words
	}
	return "service " + service + " " + words
}

// label is how a server is called: by its name, and without one by its address;
// one that has no number, by what it is there for.
func (srv *serverReading) label() string {
	switch {
	case srv.id.number == emergencyNumber:
		return "emergency"
	case srv.id.number == abuseNumber:
		return "abuse"
	case srv.Name != "":
		return srv.Name
	}
	return srv.Addr.String()
}

// aside says whether the server is one that its service has beside those with a
// number: then it is a setting of the service.
func (srv *serverReading) aside() bool { return srv.id.number < 0 }
