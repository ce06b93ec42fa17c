// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"strconv"
	"time"

	"cygnet/engine"
)

// state is how a server is, in the word and the mark that an operator reads.
type state uint8

const (
	up      state = iota // it can be given new clients
	down                 // it is wanted, and does not answer
	drain                // no new clients
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
	down:    {"DOWN", "!", func(t *Theme) paint { return t.bad }},
	drain:   {"DRAIN", "~", func(t *Theme) paint { return t.drain }},
	out:     {"OUT", "-", func(t *Theme) paint { return t.maint }},
	maint:   {"MAINT", "-", func(t *Theme) paint { return t.maint }},
	unknown: {"----", " ", func(t *Theme) paint { return t.none }},
}

func (s state) String() string        { return stateInfos[s].word }
func (s state) mark() string          { return stateInfos[s].mark }
func (s state) paint(t *Theme) paint  { return stateInfos[s].paint(t) }
func (s state) words() (label string) { return s.String() + s.mark() }

// stateOf says how a server of a service is. Until there are checks, a server
// that answers ARP or ND is up.
func stateOf(svc *engine.ServiceSnapshot, srv *engine.ServerSnapshot) state {
	switch srv.State {
	case engine.Draining:
		return drain
	case engine.Blacklisted:
		return out
	case engine.Disabled:
		return maint
	}
	switch {
	case !srv.MAC.IsZero():
		return up
	case svc.Disabled:
		return unknown
	}
	return down
}

// health says, in a few letters, what the state rests on.
func health(s state, srv *engine.ServerSnapshot, now time.Time) string {
	switch {
	case s == out && !srv.Until.IsZero():
		return clock(srv.Until.Sub(now))
	case srv.MAC.IsZero():
		return "no " + neighbourWord(srv)
	}
	return neighbourWord(srv)
}

// neighbourWord is how a server's MAC is found.
func neighbourWord(srv *engine.ServerSnapshot) string {
	if srv.Addr.Is6() {
		return "nd"
	}
	return "arp"
}

// serverID is what stays the same about a server while it is sorted, filtered
// and changed.
type serverID struct {
	service string
	number  int
}

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

// label is how a server is called: by its name, and without one by its address.
func label(srv *engine.ServerSnapshot) string {
	if srv.Name != "" {
		return srv.Name
	}
	return srv.Addr.String()
}
