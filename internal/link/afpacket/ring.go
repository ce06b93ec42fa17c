// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"fmt"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// A receive ring, TPACKET_V3 (Documentation/networking/packet_mmap.rst of the kernel),
// is memory shared with the kernel: blocks that it fills with frames and hands over
// whole, when the next frame does not fit or the time is over.
const (
	// blockBytes is room for the longest frame there is, 64 KiB and its headers. It is
	// a multiple of every page size, up to 64 KiB.
	blockBytes = 128 << 10

	// ringBytes is room for some 50 000 small frames. What matters more is the number
	// of blocks: each is used up after a millisecond or two, full or not, so that a
	// worker may be kept from its work for some 60 ms before a frame is lost.
	ringBytes = 8 << 20
	blocks    = ringBytes / blockBytes

	// frameBytes is what the kernel wants named, but of which V3 makes no use.
	frameBytes = 2048

	// retireMillis is after how long a block with frames is handed over, full or not:
	// the shortest time there is. Before Linux 6.18 it is rounded up to jiffies.
	retireMillis = 1

	// blockHeader is where the header of a block is: behind the version, and where its
	// private part would be, struct tpacket_block_desc of linux/if_packet.h.
	blockHeader = 8
)

// RingGains says whether this kernel is one with which a ring gains: before Linux 6.18
// its blocks come up to 20 ms late, also while a queue is busy.
func RingGains() bool {
	var name unix.Utsname
	if unix.Uname(&name) != nil {
		return false
	}
	var major, minor int
	if _, err := fmt.Sscanf(unix.ByteSliceToString(name.Release[:]), "%d.%d", &major, &minor); err != nil {
		return false
	}
	return major > 6 || major == 6 && minor >= 18
}

// ring is the receive ring of one socket. It belongs to the goroutine that calls Recv.
type ring struct {
	sock *socket
	fd   int32 // sock's, to wait for: whoever does so is in a call on the queue's socket, which is closed before sock
	mem  []byte

	block int // the one at hand
	left  int // how many of its frames were not taken yet
	next  int // where the next of them is in mem
	used  int // how many blocks before the one at hand are not given back yet
}

// openRing gives a bound socket, whose options are set, a ring.
func openRing(s *socket) (*ring, error) {
	r := &ring{sock: s}
	var ringErr error
	err := s.raw.Control(func(fd uintptr) {
		r.fd = int32(fd)
		r.mem, ringErr = mapRing(int(fd))
	})
	if err == nil {
		err = ringErr
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

func mapRing(fd int) ([]byte, error) {
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return nil, fmt.Errorf("set PACKET_VERSION: %w", err)
	}
	err := unix.SetsockoptTpacketReq3(fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &unix.TpacketReq3{
		Block_size: blockBytes, Block_nr: blocks,
		Frame_size: frameBytes, Frame_nr: ringBytes / frameBytes,
		Retire_blk_tov: retireMillis,
	})
	if err != nil {
		return nil, fmt.Errorf("set PACKET_RX_RING: %w", err)
	}
	mem, err := unix.Mmap(fd, 0, ringBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the receive ring: %w", err)
	}
	return mem, nil
}

// take lends the batch frames that are there, and reports whether there were any.
//
// A frame that the kernel had no header for (a merged one of a kind that it cannot
// describe) has a place all the same, where nothing but its length is of this frame.
func (r *ring) take(b *wire.Batch, c *counters) bool {
	for b.N = 0; b.N < len(b.Slots); {
		if r.left == 0 && !r.open() {
			break
		}
		h := (*unix.Tpacket3Hdr)(unsafe.Pointer(&r.mem[r.next]))
		if h.Status&unix.TP_STATUS_USER != 0 {
			r.lend(&b.Slots[b.N], h)
			b.N++
		} else {
			c.recv.Add(1)
		}
		r.next += int(h.Next_offset)
		if r.left--; r.left == 0 {
			r.block = (r.block + 1) % blocks
			r.used++
		}
	}
	return b.N > 0
}

// ready says whether there are frames to take.
func (r *ring) ready() bool { return r.left > 0 || r.used < blocks && r.handedOver() }

// handedOver says whether the block at hand is ours.
func (r *ring) handedOver() bool {
	return atomic.LoadUint32(&r.header(r.block).Block_status)&unix.TP_STATUS_USER != 0
}

// empty says whether there are no frames to take, nor will be any that came already:
// the kernel counts in a block's header while it fills it.
func (r *ring) empty() bool {
	return !r.ready() && atomic.LoadUint32(&r.header(r.block).Num_pkts) == 0
}

// open begins with the block at hand, once the kernel has handed it over.
func (r *ring) open() bool {
	if r.used == blocks || !r.handedOver() {
		return false
	}
	h := r.header(r.block)
	r.left, r.next = int(h.Num_pkts), r.block*blockBytes+int(h.Offset_to_first_pkt)
	return true
}

// header returns the header of a block.
func (r *ring) header(block int) *unix.TpacketHdrV1 {
	return (*unix.TpacketHdrV1)(unsafe.Pointer(&r.mem[block*blockBytes+blockHeader]))
}

// lend lends a slot the frame whose header is h.
func (r *ring) lend(s *wire.Slot, h *unix.Tpacket3Hdr) {
	frame := r.next + int(h.Mac)
	start, end := frame-wire.VnetLen, frame+int(h.Snaplen)
	s.Len, s.Truncated = int(h.Len), h.Snaplen < h.Len || h.Snaplen > wire.SlotRoom-wire.VnetLen
	s.Type = packetTypeOf(wire.Ethernet(r.mem[frame:]).Dst())
	s.CsumPending = h.Status&unix.TP_STATUS_CSUMNOTREADY != 0 || wire.Vnet(r.mem[start:]).Flags()&wire.VnetNeedsCsum != 0
	if h.Status&unix.TP_STATUS_VLAN_VALID != 0 {
		// Before the virtio header is the frame's address and what aligns it, see
		// TPACKET3_HDRLEN: nobody needs that.
		start -= wire.TagLen
		wire.InsertTag(r.mem[start:end], tpidOf(h.Status, h.Hv1.Vlan_tpid), uint16(h.Hv1.Vlan_tci))
		s.Len += wire.TagLen
	}
	s.Lend(r.mem[start:end:end])
}

// release gives back the blocks whose frames were all taken, and are not needed any
// more.
func (r *ring) release() {
	for ; r.used > 0; r.used-- {
		oldest := (r.block - r.used + blocks) % blocks
		atomic.StoreUint32(&r.header(oldest).Block_status, unix.TP_STATUS_KERNEL)
	}
}

// unmap ends the ring. No slot may be lent any of it.
func (r *ring) unmap() {
	_ = unix.Munmap(r.mem)
	r.mem = nil
}
