// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"encoding/binary"

	"github.com/dchest/siphash"

	"cygnet/internal/sched"
)

// tarpitKey is the key of sequence numbers and timestamps, and of which ports are
// plausible. It comes from the secret, but is another than that of the choice of
// servers, so that neither tells of the other.
type tarpitKey [2]uint64

func newTarpitKey(k sched.Key) tarpitKey {
	low, high := binary.LittleEndian.Uint64(k[:8]), binary.LittleEndian.Uint64(k[8:])
	a, b := siphash.Hash128(low, high, []byte("cygnet tarpit"))
	return tarpitKey{a, b}
}

func (k tarpitKey) hash(b []byte) uint64 { return siphash.Hash(k[0], k[1], b) }

// cookie is a keyed hash of the connection at hand, which nobody without the key can
// guess (RFC 6528 section 3 in spirit). The low half is by how much our initial
// sequence number exceeds the client's: so each later segment, which acknowledges
// ours, tells the client's, and proves that it got our answer. The high half shifts
// our timestamps, RFC 7323 section 5.4.
func (w *worker) cookie() (low, high uint32) {
	f := w.frame
	var b [36]byte
	n := 8
	if f.Src.Is4() {
		src, dst := f.Src.As4(), f.Dst.As4()
		copy(b[0:], src[:])
		copy(b[4:], dst[:])
	} else {
		src, dst := f.Src.As16(), f.Dst.As16()
		copy(b[0:], src[:])
		copy(b[16:], dst[:])
		n = 32
	}
	binary.BigEndian.PutUint16(b[n:], f.SrcPort)
	binary.BigEndian.PutUint16(b[n+2:], f.DstPort)
	h := w.t.tarpit.key.hash(b[:n+4])
	return uint32(h), uint32(h >> 32)
}
