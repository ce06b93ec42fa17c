// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package wire reads and edits Ethernet frames in place.
//
//	Slot.Buf  [ virtio_net_hdr | frame ............................ | room ]
//	Frame     [ Ethernet (802.1Q) | ARP or IP | TCP, UDP, ICMP | ... | padding ]
//	          0                   L3          L4                     End      len(Data)
//
// A Batch holds frames as a link hands them over. Frame.Parse looks at one of
// them once and leaves offsets, addresses and ports behind; it allocates
// nothing and trusts no length. What it refuses is a Defect, never an error or
// a panic: malformed frames are ordinary input.
//
// Headers are slice types (Ethernet, ARP, IPv4, IPv6, TCP, UDP, ICMP, ICMPv6,
// ND) over the bytes of the frame. Their accessors check nothing, because
// Parse has; they may be used on a frame for which Parse returned DefectNone,
// or on a buffer that is large enough for the header. Setters change only the
// field they name: checksums are the caller's, by UpdateChecksum.
//
// Frame.String and ParseText are the notation of tests and traces, described
// at ParseText. They allocate and have no place in the packet path.
//
// Nothing here is safe for concurrent use on the same bytes.
package wire
