// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import "math"

// The bits of a TCP segment's flags that matter here, RFC 9293 section 3.1.
const (
	FIN = 0x01
	SYN = 0x02
	RST = 0x04
	ACK = 0x10
)

// ahead is how far beyond its SYN the first segment of a client may be: the
// largest window, RFC 7323 section 2.3. Others are not of this flow.
const ahead = 1 << 30

// Segment notes frames segments of TCP of f, bytes long together and none empty,
// with these flags, of which the first begins at seq. It reports whether it was
// the flow's SYN again.
//
// The first call after Add or Reopen is for the frame that they were for, which
// is counted and, if it ends the flow, ends it.
func (t *Table) Segment(f *Flow, flags uint8, seq uint32, frames, bytes int, now Moment) (again bool) {
	first := f.frames == 0
	f.note(frames, bytes, now)
	switch {
	case flags&RST != 0:
		t.set(f, Reset)
	case flags&FIN != 0:
		t.set(f, Closing)
	case first:
	case flags&(SYN|ACK) == SYN:
		again = f.state == Opening && f.seq == seq
		if f.state == Opening { // the client may try anew, with another number
			f.seq = seq
		}
	case flags&ACK != 0:
		// Whoever resets a connection says no more in it: that RST was not the
		// client's, and costs the flow nothing.
		if f.state == Reset || f.state == Opening && seq-f.seq-1 < ahead-1 {
			t.establish(f, now)
		}
	}
	return again
}

// Datagram notes frames datagrams of UDP of f, bytes long together and none
// empty. The first call after Add is for what f was added for; the next makes it
// Established.
func (t *Table) Datagram(f *Flow, frames, bytes int, now Moment) {
	first := f.frames == 0
	f.note(frames, bytes, now)
	if !first && f.state == Opening {
		t.establish(f, now)
	}
}

// note counts frames.
func (f *Flow) note(frames, bytes int, now Moment) {
	f.frames = uint32(min(uint64(f.frames)+uint64(frames), math.MaxUint32))
	f.bytes += uint64(bytes)
	if now.Since(f.seen) > 0 {
		f.seen = now
	}
}

// establish makes f Established, and its client known.
func (t *Table) establish(f *Flow, now Moment) {
	t.set(f, Established)
	if f.answered {
		return
	}
	f.answered = true
	if f.owner == 0 {
		t.meet(f, now)
		return
	}
	t.clients.confirm(&t.clients.entries[f.owner-1])
}

// Reopen begins f anew, with the seq of another SYN: a client that uses its port
// again. Its server stays until Assign.
func (t *Table) Reopen(f *Flow, seq uint32, now Moment) {
	t.tell(f)
	t.set(f, Opening)
	f.seq, f.seen, f.started = seq, now, now
	f.frames, f.bytes, f.told = 0, 0, 0
	f.answered = false
}
