// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

const (
	// BatchSize is how many frames one system call moves at most: longer
	// batches gain little and make stop-the-world wait for the call.
	BatchSize = 64

	// SlotRoom is the room a slot needs for whatever a link delivers: the
	// virtio header, an Ethernet header with one tag, and the longest IP
	// datagram (GRO merges up to 65535 bytes), rounded up to a cache line.
	// It is not rounded up to a page: at a stride of pages the headers of all
	// slots would compete for the same few lines of the first-level cache.
	SlotRoom = (VnetLen + 18 + 65535 + 63) &^ 63
)

// PacketType says for whom the link layer took a frame: sll_pkttype of
// packet(7), with the numbers of linux/if_packet.h.
type PacketType uint8

// The packet types of linux/if_packet.h.
const (
	PacketHost      PacketType = 0 // to our MAC
	PacketBroadcast PacketType = 1
	PacketMulticast PacketType = 2
	PacketOtherHost PacketType = 3 // to another host's MAC: seen only when promiscuous
	PacketOutgoing  PacketType = 4 // sent by this host
)

// Batch is a set of frames as a link hands them over: Slots[:N] are filled.
// One goroutine owns it, and so all the memory of its slots.
type Batch struct {
	N     int
	Slots []Slot
}

// Slot is room for one frame with what the link knows about it. Its memory is its
// own, or while Lend says so the link's.
type Slot struct {
	Buf         []byte     // virtio_net_hdr (VnetLen bytes), then the frame and what room there is
	Len         int        // length of the frame in bytes, without the virtio header
	Type        PacketType // for whom the link took it
	CsumPending bool       // the transport checksum is not filled in yet: do not verify it
	Truncated   bool       // the frame was longer than the room
	Send        bool       // set by the engine: send this slot with the batch

	own  []byte // TagLen bytes of headroom, then what Buf is unless the frame has a tag put back
	lent bool   // Buf is the link's
}

// NewBatch makes a batch of slots, each with room bytes, of which the first
// VnetLen are the virtio header's; room is at least VnetLen. The memory is one
// arena, and the operating system gives its pages only as they are used.
func NewBatch(slots, room int) *Batch {
	stride := TagLen + room
	arena := make([]byte, slots*stride)
	b := &Batch{Slots: make([]Slot, slots)}
	for i := range b.Slots {
		b.Slots[i].own = arena[i*stride : (i+1)*stride : (i+1)*stride]
		b.Slots[i].Restore()
	}
	return b
}

// Reset empties the batch and clears the Send flags of what was in it: those of the
// other slots are clear. (Most batches are short, and far from the nearest cache.)
func (b *Batch) Reset() {
	for i := range b.N {
		b.Slots[i].Send = false
	}
	b.N = 0
}

// Restore makes Buf the slot's own memory, behind the headroom for a tag.
func (s *Slot) Restore() { s.Buf, s.lent = s.own[TagLen:], false }

// Lend makes Buf memory of the link's, which holds a virtio header, the frame and
// nothing else. The link may take it back with the next Recv on the batch.
func (s *Slot) Lend(b []byte) { s.Buf, s.lent = b, true }

// Own moves a frame in lent memory into the slot's own, with its virtio header, so
// that it may grow there, and reports whether it moved. The frame must fit.
func (s *Slot) Own() (moved bool) {
	if !s.lent {
		return false
	}
	lent := s.Buf
	s.Restore()
	copy(s.Buf, lent)
	return true
}

// Tag puts a tag into the frame, which must be in the slot's own memory and have
// none, as InsertTag does.
func (s *Slot) Tag(tpid, tci uint16) {
	InsertTag(s.own, tpid, tci)
	s.Buf, s.Len = s.own, s.Len+TagLen
}

// RestoreAll has no slot lend anything any more.
func (b *Batch) RestoreAll() {
	for i := range b.Slots {
		b.Slots[i].Restore()
	}
}

// Frame returns the frame's bytes, a part of Buf with the rest of the slot's
// room as capacity. Of a truncated frame it returns what there is.
func (s *Slot) Frame() []byte {
	return s.Buf[VnetLen:min(VnetLen+s.Len, len(s.Buf))]
}

// Vnet returns the slot's virtio header, a part of Buf.
func (s *Slot) Vnet() Vnet {
	return Vnet(s.Buf[:VnetLen])
}

// Segments returns how many frames the slot is on the wire: 1, or for a
// super-frame of segmentation offload the number of segments it stands for.
// hdrLen is the number of bytes before the payload that is cut up (of TCP: the
// offset of the first byte after the TCP header). A virtio header that makes
// no sense counts as one frame.
func (s *Slot) Segments(hdrLen int) int {
	v := s.Vnet()
	size, payload := v.GSOSize(), s.Len-hdrLen
	if v.GSOType()&^GSOECN == GSONone || size == 0 || payload <= 0 || hdrLen < 0 {
		return 1
	}
	return (payload + size - 1) / size
}

// Set copies a frame that we made into the slot, with an empty virtio header
// (its checksums are complete), and resets everything else, Send too. It
// reports false, and changes nothing, if the frame does not fit. The frame may
// be a part of the slot's own buffer.
func (s *Slot) Set(frame []byte) bool {
	if len(frame) > len(s.own)-TagLen-VnetLen {
		return false
	}
	s.Restore()
	copy(s.Buf[VnetLen:], frame)
	s.Vnet().Clear()
	*s = Slot{Buf: s.Buf, Len: len(frame), own: s.own}
	return true
}

// CopyFrom makes the slot a copy of o with its virtio header and all that the
// link knows of it; only Send stays as it is. It reports false, and changes
// nothing, if the frame does not fit.
func (s *Slot) CopyFrom(o *Slot) bool {
	frame := o.Frame()
	if len(frame) > len(s.own)-TagLen-VnetLen {
		return false
	}
	s.Restore()
	copy(s.Buf, o.Buf[:VnetLen+len(frame)])
	s.Len, s.Type = o.Len, o.Type
	s.CsumPending, s.Truncated = o.CsumPending, o.Truncated
	return true
}
