// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package engine is the datapath: it decides over frames. It knows no sockets,
// files, wall clocks or logs.
//
// # The life of a frame
//
//	        a queue's goroutine, one for each                    anybody
//	┌───────────────────────────────────────────────┐
//	│ Queue.Recv(batch)                             │
//	│ flows.Age()                   a few at a time │
//	│ worker.lookAhead(), for all before the next   │
//	│   ├ wire.Frame.Parse          once, in place  │
//	│   ├ classify(table)           whose is it?    │
//	│   └ flow's hash, lists        and fetch them  │
//	│ worker.handle(slot), for each                 │
//	│   ├ answer │ tarpit │ forward │ fragment      │
//	│   │           forward: follow the flow        │
//	│   │             that is known, or choose      │
//	│   └ Reason                    the one word    │
//	│ Queue.Send(batch)             what has a mark │
//	│ counters.publish()            once a batch ───┼──► Snapshot ──► screens, metrics
//	│ record()          what captured clients say ──┼──► book, a ring of hits
//	└───────▲───────────────▲───────────────────────┘
//	        │ table, clock: │ MACs, claims, states, health:
//	        │ once a batch  │ atomic loads
//	┌───────┴──────┐ ┌──────┴──────────────────────────────────────┐
//	│ Apply(Config)│ │ control goroutine: its own queue; drives    │
//	│ builds, swaps│ │ neighbours; sends what answers no frame,    │
//	└──────────────┘ │ checks too (Emit, Heard); answers ARP and   │
//	                 │ ND for captured addresses; ticks the clock  │
//	                 └─────────────────────────────────────────────┘
//
// # Flows
//
// Each worker has a table of the flows that it met, package flow. A frame of a
// flow goes to the flow's server, whatever has changed since, as long as that may
// finish it (stays); a new flow's server is chosen (choose) by the plan of its
// service, which is made of the servers that are configured. Who of them can serve
// is asked at each choice: a server that goes moves only its own flows, and one
// that comes back gets its old share. Flows name servers by numbers that outlive
// tables (member, registry), so that a flow follows its server through a change of
// its address, its MAC or its place in the configuration. What a new configuration
// lacks stays, as Leaving, until its last flow is over (withLeaving, settleFlows).
// Where there is no room for a flow, or its beginning was not seen, the hash of
// its client decides for each of its frames alike.
//
// What checks find comes by SetHealth, is remembered with the member, and is read
// atomically by workers. Who serves a service's new flows when no server is up is
// in whoServes, and in instead.
//
// # VLANs
//
// A link carries the untagged network and VLANs, and an address in one of them has
// nothing to do with the same address in another: each has a network in the table,
// which a frame's tag leads to, and a neigh.Table of its own (neighbours). A frame
// leaves with the tag that it came with, since it is changed in place; what answers
// no frame gets its tag as it is emitted (emitTo). A VLAN that no service or source
// names is none of ours. The tarpit is on the untagged network alone.
//
// # The tarpit
//
// The control goroutine drives package capture: it finds out which of the addresses
// that may be captured are free, answers ARP and neighbour discovery for them, and
// lets go of them with the owner's first frame. Workers read the state of an address
// (capture.States), and tell of IP frames from captured addresses (suspects).
//
// What workers answer depends on nothing but the frame at hand, the key and the time
// (answerCaptured): the sequence number of our SYN+ACK exceeds the client's by a
// keyed hash of the connection, so that each later segment proves where it comes from
// and tells where it is in its stream (claimed). Limits are the one state, and only
// silence comes of them.
//
// Who was caught is noted by workers (record, catches), 4096 records at most between
// two looks, and entered by the housekeeper into package holds (book), which makes the
// Snapshot's numbers of it, and events for the ring of hits.
//
// # The rest
//
// One more goroutine keeps house: it publishes the Snapshot every 100 ms, where there
// are thousands of servers every second, and after each Apply, gives hints, and keeps the tarpit's book; Run does so once more
// at its end. Apply, the control goroutine and the housekeeper share a mutex that no
// worker ever takes.
//
// While workers get no frames, both rest: the control goroutine waits for what is
// due, 250 ms at most, the housekeeper comes twice a second, and Snapshot makes one
// when it is called. The worker that gets a frame wakes them.
//
// Lists are asked for all frames of a batch together (askLists), since of long ones each
// step is a fetch from memory. A frame that one decides over counts for the rule, or
// for the list's default (admitSeen). The counter is the rule's, not its position's, and so
// stays with it through Apply, as do those of services and servers.
//
// A frame in a slot is changed in place: forwarded, its MACs become ours and the
// server's and nothing else changes; answered, it becomes the answer. Either
// way it leaves by the queue it came from. The slot's memory may be the link's, lent until
// the next Recv: an answer may be longer than its question, and so is moved out of it
// first (own), and a fragment that is held is copied. A frame that cannot be parsed is not
// an error but a Reason. Per frame there is no lock, no clock call, no
// allocation and no string; tests hold that in place.
//
// # State
//
// State has four homes, and each type's comment says which it is: desired
// (Config, plain values), derived (table, immutable, swapped whole), owned (a
// worker's counters, rules' among them, flows, fragments, limits and catches), learned
// (neighbours' MACs, claims, states of addresses and health: one writer, read atomically).
//
// # Imports
//
// Imports flow downward only, and a depguard rule holds that in place:
//
//	cmd/cygnet, internal/lab                       where parts meet
//	tui                                            view: Snapshot and what it is made of, events, command
//	config command control health metrics headless control: engine's Config and Snapshot
//	link bpf                                       drivers: wire only; queues fit by shape
//	geoip hook logging privilege systemd           the system: acl or events only
//	engine                                         wire acl sched flow holds neigh capture events
//	wire sched flow holds acl events               pure; on wire: neigh capture
package engine
