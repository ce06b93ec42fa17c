// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"time"

	"cygnet/internal/flow"
	"cygnet/internal/wire"
)

const (
	fragmentEntries = 1024                  // datagrams in flight a worker
	heldFragments   = 16                    // that came before their first
	holdFor         = 50 * time.Millisecond // a first fragment that is later is lost; and restTick, by which the clock may be about to jump
)

// fragments brings the fragments of one datagram to one server. Only the first
// has ports; it is chosen as its flow, and the others follow it. Those that
// come before it wait in slots of their own. State: owned. Where the firsts went
// is in table.firsts.
type fragments struct {
	slots *wire.Batch // of the held
	keys  [heldFragments]flow.Fragment
	until [heldFragments]int64 // 0 = free
	any   bool                 // some slot is taken
	ready bool                 // some slot is to be sent
}

func newFragments() *fragments {
	fr := &fragments{slots: wire.NewBatch(heldFragments, wire.SlotRoom)}
	fr.slots.N = heldFragments
	return fr
}

// fragmentKey is what the fragments of one datagram share: the VLAN, too, where the
// same addresses may be others'. Of IPv6 that is not the protocol: each names what
// follows it, RFC 8200 section 4.5.
func (w *worker) fragmentKey() flow.Fragment {
	f := w.frame
	k := flow.Fragment{Src: f.Src, Dst: f.Dst, VLAN: f.Tagged, ID: f.FragID}
	if f.Kind == wire.KindIPv4 {
		k.Proto = f.Proto
	}
	return k
}

// remember notes that the datagram at hand goes to srv, and releases those of
// its fragments that came early.
func (w *worker) remember(srv *server) {
	fr, key := w.fragments, w.fragmentKey()
	w.t.firsts[w.id].Put(key, srv, w.now)
	if !fr.any {
		return
	}
	for i := range fr.keys {
		if fr.until[i] != 0 && fr.keys[i] == key {
			w.release(i, srv)
		}
	}
}

// forwardFragment sends a later fragment after its first, or holds it. What was
// begun is finished: the rest of a datagram follows its first also if its server
// was drained in between, or its service disabled, as long as the VIP is not off.
func (w *worker) forwardFragment(s *wire.Slot, v *vip) Reason {
	if srv, ok := w.t.firsts[w.id].Get(w.fragmentKey(), w.now); ok {
		if w.sentBack(srv.service) {
			return Loop
		}
		return w.pass(s, srv)
	}
	if v.shared() {
		return NotOurs // as likely the host's, which has its own copy
	}
	fr := w.fragments
	for i := range fr.until {
		if fr.until[i] == 0 && fr.slots.Slots[i].CopyFrom(s) {
			fr.keys[i], fr.until[i] = w.fragmentKey(), w.now+int64(holdFor+restTick)
			fr.any = true
			return held
		}
	}
	return Fragment
}

// release marks a held fragment to be sent to srv, after the batch at hand.
func (w *worker) release(i int, srv *server) {
	fr := w.fragments
	s := &fr.slots.Slots[i]
	fr.until[i] = 0
	mac := srv.neighbour.MAC()
	eth := wire.Ethernet(s.Frame())
	switch {
	case mac.IsZero() || srv.member.waits():
		w.endHeld(s, NoServer)
		return
	case mac == w.t.mac || mac == eth.Src():
		w.endHeld(s, Loop)
		return
	}
	eth.SetDst(mac)
	eth.SetSrc(w.t.mac)
	s.Send, fr.ready = true, true
	ofServer, ofService := w.countsOf(srv)
	w.count.add(&ofServer.tally, 1, uint64(s.Len))
	w.count.add(&ofService.tally, 1, uint64(s.Len))
	w.count.add(&w.count.out, 1, uint64(s.Len))
	w.endHeld(s, Forwarded)
}

// endHeld counts how a held fragment ended; it was counted as received when it
// came. A fragment is never a super-frame.
func (w *worker) endHeld(s *wire.Slot, r Reason) {
	w.count.add(&w.count.reasons[r], 1, uint64(s.Len))
}

// expireFragments drops those whose first fragment did not come in time.
func (w *worker) expireFragments() {
	fr := w.fragments
	if !fr.any {
		return
	}
	fr.any = false
	for i := range fr.until {
		switch {
		case fr.until[i] == 0:
		case w.now >= fr.until[i]:
			fr.until[i] = 0
			w.endHeld(&fr.slots.Slots[i], Fragment)
		default:
			fr.any = true
		}
	}
}

// sendReleased sends what this batch released.
func (w *worker) sendReleased() error {
	fr := w.fragments
	fr.ready = false
	err := w.q.Send(fr.slots)
	for i := range fr.slots.Slots {
		fr.slots.Slots[i].Send = false
	}
	return err
}
