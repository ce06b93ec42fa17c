// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package wire

// The views below are parts of Data; which of them make sense, Kind and Proto
// say. They are to be asked of a frame for which Parse returned DefectNone.

// Ethernet returns the frame from its destination address on.
func (f *Frame) Ethernet() Ethernet { return f.Data }

// ARP returns the ARP message, if Kind is KindARP.
func (f *Frame) ARP() ARP { return f.Data[f.L3:f.End] }

// IPv4 returns the datagram from its IPv4 header on, if Kind is KindIPv4.
func (f *Frame) IPv4() IPv4 { return f.Data[f.L3:f.End] }

// IPv6 returns the packet from its IPv6 header on, if Kind is KindIPv6.
func (f *Frame) IPv6() IPv6 { return f.Data[f.L3:f.End] }

// TCP returns the segment, if Proto is ProtoTCP and Ports is true.
func (f *Frame) TCP() TCP { return f.Data[f.L4:f.End] }

// UDP returns the datagram, if Proto is ProtoUDP and Ports is true.
func (f *Frame) UDP() UDP { return f.Data[f.L4:f.End] }

// ICMP returns the message, if Kind is KindIPv4, Proto is ProtoICMP and Part
// is not LaterFragment.
func (f *Frame) ICMP() ICMP { return f.Data[f.L4:f.End] }

// ICMPv6 returns the message, if Kind is KindIPv6, Proto is ProtoICMPv6 and
// Part is not LaterFragment.
func (f *Frame) ICMPv6() ICMPv6 { return f.Data[f.L4:f.End] }

// ND returns the message, if IsNeighbourSolicitation or
// IsNeighbourAdvertisement is true.
func (f *Frame) ND() ND { return f.Data[f.L4:f.End] }

// Payload returns what follows the network header (and IPv6 extension
// headers), padding excluded.
func (f *Frame) Payload() []byte { return f.Data[f.L4:f.End] }
