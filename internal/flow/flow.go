// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package flow

import (
	"encoding/binary"
	"time"
)

// Moment is a time in milliseconds of a clock that never goes back, and wraps
// after 49 days: moments are compared by their distance.
type Moment uint32

// At returns the moment of a time in nanoseconds.
func At(ns int64) Moment { return Moment(uint64(ns) / uint64(time.Millisecond)) }

// Since returns how long before m the moment o was, in milliseconds; 0 if it
// was not, because its clock is a little ahead.
func (m Moment) Since(o Moment) uint32 {
	if d := int32(m - o); d > 0 {
		return uint32(d)
	}
	return 0
}

// MaxIdle is the longest an idle time may be: moments further apart than 24 days
// could not be told from the future.
const MaxIdle = 7 * 24 * time.Hour

// Key names a flow, from the client's side. The service stands for the VIP.
type Key struct {
	Client     [16]byte // an IPv4 address as the IPv6 address it maps to
	Service    uint32
	ClientPort uint16
	Port       uint16
	Proto      uint8 // 6 is TCP, 17 is UDP
}

// keySize is the length of a packed Key.
const keySize = 16 + 4 + 2 + 2 + 1

// pack writes k as what is hashed.
func (k *Key) pack(b *[keySize]byte) {
	copy(b[:16], k.Client[:])
	binary.LittleEndian.PutUint32(b[16:], k.Service)
	binary.LittleEndian.PutUint16(b[20:], k.ClientPort)
	binary.LittleEndian.PutUint16(b[22:], k.Port)
	b[24] = k.Proto
}

// protoUDP is UDP's number among the protocols, RFC 768. What has another is
// taken for TCP.
const protoUDP = 17

// State is how far a flow has come, as far as its client's frames tell.
type State uint8

// The states. A flow of UDP is Opening at its first datagram and Established
// from the second on.
const (
	Free        State = iota // not a flow
	Opening                  // a SYN was seen, or a segment of a flow we do not know
	Established              // the client has answered
	Closing                  // FIN was seen: what is left to say is short, or one way
	Reset                    // RST was seen; a segment after it shows that it was not the client's

	states // how many there are
)

var stateWords = [...]string{"free", "opening", "established", "closing", "closing"}

// String returns the state's word in the command language.
func (s State) String() string {
	if int(s) >= len(stateWords) {
		return "unknown"
	}
	return stateWords[s]
}

// Idle says after how many milliseconds without a frame a flow is over. Each is
// at most MaxIdle.
type Idle struct {
	Opening     uint32 // of TCP and UDP
	Established uint32 // of TCP
	Closing     uint32 // Reset too
	UDP         uint32 // Established flows of UDP
}

// of returns the one that f is under.
func (i *Idle) of(f *Flow) uint32 {
	switch {
	case f.state == Opening:
		return i.Opening
	case f.state != Established:
		return i.Closing
	case f.proto == protoUDP:
		return i.UDP
	}
	return i.Established
}

// Flow is one flow and the server it was given. It is 64 bytes, a cache line.
// State: owned, by the Table it is from; a *Flow is good until the Table's next
// Add, Drop or Age, or a Find of the same Key.
type Flow struct {
	client     [16]byte
	service    uint32
	clientPort uint16
	port       uint16
	proto      uint8
	state      State
	answered   bool // it was Established since it began
	_          uint8
	server     uint32 // 0 is none
	seq        uint32 // of the SYN, while Opening; the next free entry, from 1, while Free
	seen       Moment // its last frame
	started    Moment
	frames     uint32 // stays at its maximum
	owner      uint32 // its client's entry, from 1; 0 is none
	told       uint32 // the lower half of bytes when the client's entry was last told
	bytes      uint64
}

// is says whether f is the flow of that key.
func (f *Flow) is(k *Key) bool {
	return f.client == k.Client && f.service == k.Service &&
		f.clientPort == k.ClientPort && f.port == k.Port && f.proto == k.Proto
}

// key returns the flow's key.
func (f *Flow) key() Key {
	return Key{f.client, f.service, f.clientPort, f.port, f.proto}
}

// Server returns the server's number, as the flow was given it; 0 if it was not.
func (f *Flow) Server() uint32 { return f.server }

// State returns how far the flow has come.
func (f *Flow) State() State { return f.state }

// Asked says whether a SYN with this number began the flow, and nothing has come
// after it.
func (f *Flow) Asked(seq uint32) bool { return f.state == Opening && f.seq == seq && f.frames > 0 }

// Live says whether the flow goes on: a SYN does not begin it anew.
func (f *Flow) Live() bool { return f.state == Opening || f.state == Established }
