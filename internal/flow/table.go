// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

// Table remembers which server each flow was given. STUB: see the brief.
type Table struct{}

// Hooks are what a Table asks of whoever owns it. They are called on the
// owner's goroutine, from within the Table's methods, must not wait and must
// not call the Table.
type Hooks struct {
	// Count hears that a server has one more flow, or one less.
	Count func(server uint32, delta int32)

	// Idle gives the idle times of a service; nil when the service is no more:
	// its flows are over.
	Idle func(service uint32) *Idle

	// Serves says whether a server still is one; the flows of one that is not
	// are over.
	Serves func(server uint32) bool
}

// New returns a table for that many flows and clients, each at least 1.
func New(flows, clients int, hooks Hooks) *Table { panic("stub") }

// Find returns the flow of that key; nil when there is none, or its time is
// over. It touches at most two cache lines of the table.
func (t *Table) Find(k *Key, now Moment) *Flow { panic("stub") }

// Add returns a new flow of that key, which Find did not find: Opening, with seq
// and without a server. It returns nil where there is no room. See Assign.
func (t *Table) Add(k *Key, seq uint32, now Moment) *Flow { panic("stub") }

// Assign gives f to a server; it may have had another, or none.
func (t *Table) Assign(f *Flow, server uint32) { panic("stub") }

// Drop forgets f.
func (t *Table) Drop(f *Flow) { panic("stub") }

// The bits of a TCP segment's flags that matter here, RFC 9293 section 3.1.
const (
	FIN = 0x01
	SYN = 0x02
	RST = 0x04
	ACK = 0x10
)

// Segment notes frames segments of TCP of f, bytes long, with these flags of
// which the first begins at seq. It reports whether it was the flow's SYN again.
func (t *Table) Segment(f *Flow, flags uint8, seq uint32, frames, bytes int, now Moment) (again bool) {
	panic("stub")
}

// Datagram notes frames datagrams of UDP of f. The first is the one that it was
// added for.
func (t *Table) Datagram(f *Flow, frames, bytes int, now Moment) { panic("stub") }

// Reopen begins f anew, with another SYN: a client that uses its port again.
func (t *Table) Reopen(f *Flow, seq uint32, now Moment) { panic("stub") }

// Introduce makes the client of f known, with the server of f, before it has
// answered. A client becomes known by itself when its flow is Established.
func (t *Table) Introduce(f *Flow, now Moment) { panic("stub") }

// Tracked returns the server of the last flow of a known client, if that flow's
// last frame is at most within milliseconds ago, or within is 0. It prolongs nothing.
func (t *Table) Tracked(client [16]byte, service uint32, within uint32, now Moment) (server uint32, ok bool) {
	panic("stub")
}

// Age looks at the next flows in turn, at most n, and forgets those whose time
// is over, whose service or server is no more. It returns whether it came to the
// end of a pass.
func (t *Table) Age(now Moment, n int) (ended bool) { panic("stub") }

// Len returns how many flows Age has to look at in a pass.
func (t *Table) Len() int { panic("stub") }

// Stats of a table at one moment.
type Stats struct {
	Room     uint64 // flows that it can hold
	Open     uint64 // flows that it holds
	Opening  uint64 // of them, those that are Opening
	Closing  uint64 // of them, those that are Closing or Reset
	Added    uint64 // since the start
	Unstored uint64 // since the start: for which there was no room
	Clients  uint64 // that are known
}

// Publish makes the counts of now visible to Stats.
func (t *Table) Publish() { panic("stub") }

// Stats returns what was last published. It is safe for concurrent use.
func (t *Table) Stats() Stats { panic("stub") }

// Row is a flow or a client as a Census has it.
type FlowRow struct {
	Key     Key
	State   State
	Server  uint32
	Started Moment
	Seen    Moment
	Frames  uint64
	Bytes   uint64
	Recent  uint64 // bytes since the pass before
}

// ClientRow is a known client of one service.
type ClientRow struct {
	Client  [16]byte
	Service uint32
	Server  uint32 // of its newest flow
	Open    uint32 // flows
	Opened  uint32 // flows that were Established, since it is known
	Started Moment
	Seen    Moment
	Bytes   uint64
	Recent  uint64 // bytes since the pass before
}

// Census is the busiest flows and clients, and the clients that were heard
// last, as one whole pass of Age found them.
type Census struct {
	Flows   []FlowRow   // by Recent, then Bytes, the busiest first
	Clients []ClientRow // likewise
	Latest  []ClientRow // by Seen, the latest first
	At      Moment      // when the pass ended
}

// NewCensus returns one with room for that many rows of each kind.
func NewCensus(rows int) *Census { panic("stub") }

// Take asks for a census, which the table fills in its next whole pass and must
// not be touched before Taken returns it. It is for one goroutine at a time,
// which need not be the table's; asking again replaces one that was not begun.
func (t *Table) Take(c *Census) { panic("stub") }

// Taken returns the census that was filled since the last call; nil if none was.
func (t *Table) Taken() *Census { panic("stub") }
