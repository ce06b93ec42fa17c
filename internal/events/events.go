// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package events holds what happened, as values: changes of state that an
// operator wants to read, never single frames.
package events

import (
	"net/netip"
	"time"
)

// Kind says what happened.
type Kind uint8

// The kinds. A name is one log message and never changes its meaning.
const (
	ServerResolved    Kind = iota // a server's MAC became known
	ServerMoved                   // it answers from another MAC now
	ServerLost                    // it answers no more
	ServerSilent                  // it has not answered at all so far
	Announced                     // we answer for an address from now on
	Conflict                      // another host answers for an address of ours
	ConflictOver                  // it does so no more
	Looping                       // a server sends a service's own frames back to us
	HostTried                     // this host asked the segment for one of our VIPs
	AskedFromZero                 // no address to ask servers from
	ConfigApplied                 // a new table is in force
	LinkUp                        // the interface carries frames
	LinkDown                      // it does not
	LinkVanished                  // it is gone from this machine
	LinkReturned                  // it is there again
	HostAnswers                   // the host's kernel may answer for our addresses: what we could do about it failed
	ConfigChanged                 // an operator changed something: Who, and in Text the line
	ServerState                   // a server was enabled, drained, disabled or blacklisted, or its blacklisting ended: Text is the state
	ServerUp                      // checks find that a server serves; Text says which
	ServerDown                    // they find that it does not: Text says why
	ServerDrained                 // the last flow of a server that drains, or was removed, is over
	ServiceServing                // who serves a service's new flows has changed: Text says who and why
	SYNsRetried                   // many SYNs to a server are sent again: it may not answer
	TarpitReleased                // the owner of an address that we had captured was heard: MAC
	TarpitPassive                 // no address to ask from whether somebody holds what is to be captured
	TarpitLimited                 // answers of the tarpit were not given: Text says how many and why
	TarpitBackscatter             // somebody sends SYNs in captured addresses' names: Text says how many answers came
	TarpitHit                     // Source asked for Port of Addr, and the tarpit answered
	TarpitVerified                // Source completed the connection, and so is not forged
	TarpitEscaped                 // Source gave up: Held
	TarpitCaptured                // nobody holds Addr: the tarpit answers for it
	kinds
)

// kindInfos must have one line for every kind; a test walks them. The words
// are what programs look for in JSON lines: none ever changes.
var kindInfos = [kinds]struct {
	name, word string
	severity   Severity
}{
	ServerResolved:    {"server resolved", "server_resolved", Info},
	ServerMoved:       {"server moved", "server_moved", Warning},
	ServerLost:        {"server lost", "server_lost", Warning},
	ServerSilent:      {"server does not answer", "server_silent", Warning},
	Announced:         {"address announced", "address_announced", Info},
	Conflict:          {"address conflict", "address_conflict", Error},
	ConflictOver:      {"address conflict over", "address_conflict_over", Info},
	Looping:           {"frames loop", "frames_loop", Error},
	HostTried:         {"host tried its own VIP", "host_tried_vip", Warning},
	AskedFromZero:     {"asking from 0.0.0.0", "asked_from_zero", Warning},
	ConfigApplied:     {"configuration applied", "config_applied", Info},
	LinkUp:            {"link up", "link_up", Info},
	LinkDown:          {"link down", "link_down", Warning},
	LinkVanished:      {"interface vanished", "interface_vanished", Error},
	LinkReturned:      {"interface returned", "interface_returned", Info},
	HostAnswers:       {"ingress drop not in place", "ingress_drop_missing", Warning},
	ConfigChanged:     {"configuration changed", "config_changed", Info},
	ServerState:       {"server state", "server_state", Info},
	ServerUp:          {"server up", "server_up", Info},
	ServerDown:        {"server down", "server_down", Warning},
	ServerDrained:     {"server drained", "server_drained", Info},
	ServiceServing:    {"service serving", "service_serving", Warning},
	SYNsRetried:       {"SYNs sent again", "syns_retried", Warning},
	TarpitReleased:    {"captured address released", "tarpit_released", Warning},
	TarpitPassive:     {"tarpit cannot ask", "tarpit_passive", Warning},
	TarpitLimited:     {"tarpit limited", "tarpit_limited", Warning},
	TarpitBackscatter: {"tarpit backscatter", "tarpit_backscatter", Info},
	TarpitHit:         {"tarpit hit", "tarpit_hit", Info},
	TarpitVerified:    {"tarpit client verified", "tarpit_verified", Info},
	TarpitEscaped:     {"tarpit client escaped", "tarpit_escaped", Info},
	TarpitCaptured:    {"address captured", "tarpit_captured", Info},
}

// String returns the words a log line begins with.
func (k Kind) String() string {
	if k >= kinds {
		return "unknown event"
	}
	return kindInfos[k].name
}

// Word returns the kind's one word, as in JSON lines: lower case, with
// underscores.
func (k Kind) Word() string {
	if k >= kinds {
		return "unknown"
	}
	return kindInfos[k].word
}

// KindOf returns the kind of that word; false when there is none.
func KindOf(word string) (Kind, bool) { return kindOf(word) }

func kindOf[T string | []byte](word T) (Kind, bool) {
	for k := range kinds {
		if kindInfos[k].word == string(word) {
			return k, true
		}
	}
	return kinds, false
}

// Known says whether this version knows the kind: one that was read with
// CutJSON may be of a later version.
func (k Kind) Known() bool { return k < kinds }

// OfHits says whether events of this kind may come by tens of thousands a second,
// and so go to a ring of their own, not to the journal of changes.
func (k Kind) OfHits() bool { return k >= TarpitHit && k < kinds }

// Severity of this kind of event.
func (k Kind) Severity() Severity {
	if k >= kinds {
		return Info
	}
	return kindInfos[k].severity
}

// Severity says how loud an event is.
type Severity uint8

// Info is a change, Warning wants a look, Error means that something an
// operator asked for does not happen.
const (
	Info Severity = iota
	Warning
	Error
)

// String returns the severity's word.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return "info"
}

// Event is one thing that happened. Only Kind and Time are always set; the
// rest is zero where it has no meaning.
type Event struct {
	Kind    Kind
	Time    time.Time
	Service string        // the service concerned
	Server  string        // the server concerned, as its number or name
	Addr    netip.Addr    // the address concerned: of a server, a VIP, a source
	MAC     [6]byte       // who answers, or answers now
	Was     [6]byte       // who answered before
	Source  netip.Addr    // who asked the tarpit
	Port    uint16        // which port of Addr it asked for
	From    uint16        // from which port of its own
	Held    time.Duration // for how long the tarpit held it; whole milliseconds
	Who     string        // who changed something, as `uid 1000 pid 321`, `10.0.0.9:4711`, `-F` or `dashboard`
	Text    string        // more, in words: the reason, or a hint what to do
}
