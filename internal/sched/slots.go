// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import "math/bits"

// slots are the slots of a table, each holding the index of a seat in as few bits as
// tell that many seats apart: 8 KiB where there are two, 128 KiB beyond 256. Services
// with few servers are many, and each set of servers has its own table.
type slots struct {
	words []uint64 // nil: one seat has them all
	log   uint8    // a slot is 1<<log bits wide
}

// pack returns the slots of a table of that many seats.
func pack(table []uint16, seats int) slots {
	if seats < 2 {
		return slots{}
	}
	s := slots{log: uint8(bits.Len(uint(bits.Len(uint(seats-1)) - 1)))} // 1, 2, 4, 8 or 16 bits
	s.words = make([]uint64, (len(table)<<s.log+63)/64)
	for i := range s.words {
		word, first := uint64(0), i*64>>s.log
		for j, seat := range table[first:min(first+64>>s.log, len(table))] {
			word |= uint64(seat) << (j << s.log)
		}
		s.words[i] = word
	}
	return s
}

// at returns the seat in that slot.
func (s *slots) at(slot uint32) int {
	if s.words == nil {
		return 0
	}
	bit := slot << s.log
	return int(s.words[bit>>6] >> (bit & 63) & (1<<(1<<s.log) - 1))
}
