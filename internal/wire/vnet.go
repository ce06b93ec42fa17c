// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

import "encoding/binary"

// VnetLen is the size of struct virtio_net_hdr in bytes, as PACKET_VNET_HDR
// of packet(7) puts it before each frame.
const VnetLen = 10

// Flags and segmentation types of linux/virtio_net.h.
const (
	VnetNeedsCsum = 1 // the checksum at CsumStart+CsumOffset has still to be computed
	VnetDataValid = 2 // the checksum was verified

	GSONone  = 0
	GSOTCPv4 = 1
	GSOTCPv6 = 4
	GSOUDP   = 5    // VIRTIO_NET_HDR_GSO_UDP_L4: datagrams, not fragments
	GSOECN   = 0x80 // added to a TCP type: the segments carry ECN's CWR
)

// Vnet is the legacy virtio header before a frame: what the kernel knows of
// its unfinished checksum and of its segments. Its numbers have the byte order
// of this host (linux/virtio_net.h), not of the network. It goes back out with
// the frame as it came; only offsets would change if bytes were inserted.
type Vnet []byte

// Flags returns the sum of VnetNeedsCsum and VnetDataValid.
func (v Vnet) Flags() uint8 { return v[0] }

// GSOType returns how the frame is to be cut up, with GSOECN or without.
func (v Vnet) GSOType() uint8 { return v[1] }

// HdrLen returns the length of all headers in bytes; only a hint.
func (v Vnet) HdrLen() int { return int(binary.NativeEndian.Uint16(v[2:])) }

// GSOSize returns how many bytes of payload each segment takes.
func (v Vnet) GSOSize() int { return int(binary.NativeEndian.Uint16(v[4:])) }

// CsumStart returns where in the frame checksumming begins.
func (v Vnet) CsumStart() int { return int(binary.NativeEndian.Uint16(v[6:])) }

// CsumOffset returns where, from CsumStart, the checksum belongs.
func (v Vnet) CsumOffset() int { return int(binary.NativeEndian.Uint16(v[8:])) }

// Clear makes it the header of an ordinary frame whose checksums are complete.
func (v Vnet) Clear() { clear(v[:VnetLen]) }

func (v Vnet) setHdrLen(n int) { binary.NativeEndian.PutUint16(v[2:], uint16(n)) }

func (v Vnet) setCsumStart(n int) { binary.NativeEndian.PutUint16(v[6:], uint16(n)) }
