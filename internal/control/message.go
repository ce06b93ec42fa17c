// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"time"

	"cygnet/engine"
	"cygnet/internal/events"
	"cygnet/internal/wire"
)

// Feed is what watchers are shown. All of it is set, and safe for concurrent
// use; nobody who fills it ever waits for a watcher.
type Feed struct {
	Hello    Hello // but Who and Owner, which each watcher gets its own of
	Snapshot func() *engine.Snapshot
	Link     func() wire.LinkStats
	Up       func() bool                // the interface carries frames
	CPU      func() []time.Duration     // processor time that each worker has used
	Changes  *events.Ring[events.Event] // of state
	Hits     *events.Ring[events.Event] // of the tarpit
	Lines    *events.Ring[string]       // of the log
}

// Hello says who speaks, and to whom.
type Hello struct {
	Version   string `json:"version"`
	Interface string `json:"interface"`
	PID       int    `json:"pid"`
	Hostname  string `json:"hostname"`
	Who       string `json:"who"`   // the peer, as the log names it
	Owner     bool   `json:"owner"` // whether the peer may name files and programs
}

// The types of a Message.
const (
	TypeHello    = "hello"    // once, first: Hello
	TypeSnapshot = "snapshot" // Snapshot, Link, Up and CPU; where `brief` was asked for, also Counts
	TypeEvent    = "event"    // Events and Lost
	TypeLog      = "log"      // Lines and Lost; for owners only
)

// Message is one line of what `watch` streams, as JSON. Type says which of
// the other fields are set; a reader leaves out types it does not know.
type Message struct {
	Type       string           `json:"type"`
	Generation uint64           `json:"generation"` // of the table in force, as in a snapshot
	Hello      *Hello           `json:"hello,omitempty"`
	Snapshot   *engine.Snapshot `json:"snapshot,omitempty"`
	Counts     *Counts          `json:"counts,omitempty"` // the services and lists of Snapshot, which lacks them then
	Link       *wire.LinkStats  `json:"link,omitempty"`
	Up         *bool            `json:"up,omitempty"`     // the interface carries frames
	CPU        []time.Duration  `json:"cpu,omitempty"`    // processor time of each worker, in nanoseconds
	Events     []events.Event   `json:"events,omitempty"` // oldest first; changes and hits come apart
	Lines      []string         `json:"lines,omitempty"`  // oldest first
	Lost       uint64           `json:"lost,omitempty"`   // how many came before these and too fast
}
