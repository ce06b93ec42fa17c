// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package sched

import (
	"encoding/binary"
	"net/netip"

	"github.com/dchest/siphash"
)

// Key keeps outsiders from computing which clients reach one server. It is a
// SipHash key (Aumasson and Bernstein, 2012), so 16 secret bytes.
type Key [16]byte

// What is hashed under a key differs in length for each purpose, so that no
// input for one can be an input for another: SipHash takes in the length.
const (
	clientLen = 16 + 2 // address, port
	serverLen = 16 + 1 // address, tag
)

// The tags of a server's two hashes.
const (
	tagOffset = 'o'
	tagSkip   = 's'
)

// Client returns the hash of a client for Plan.Pick: SipHash-2-4 of its address
// in 16 bytes and its port, which is 0 where the mode does not use it. An IPv4
// address and the IPv6 address it maps to hash alike. It does not allocate.
func (k Key) Client(a netip.Addr, port uint16) uint64 {
	var b [clientLen]byte
	addr := a.As16()
	copy(b[:], addr[:])
	binary.BigEndian.PutUint16(b[16:], port)
	return k.sum(b[:])
}

// server returns the hash of a server's address that the tag names.
func (k Key) server(a netip.Addr, tag byte) uint64 {
	var b [serverLen]byte
	addr := a.As16()
	copy(b[:], addr[:])
	b[16] = tag
	return k.sum(b[:])
}

func (k Key) sum(b []byte) uint64 {
	return siphash.Hash(binary.LittleEndian.Uint64(k[:8]), binary.LittleEndian.Uint64(k[8:]), b)
}
