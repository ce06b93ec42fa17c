// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"sync/atomic"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/stack"

	"cygnet/internal/wire"
)

// endpoint is the one interface of a netstack. The port that a packet comes from
// says whose check it is of, and so to which server's MAC it goes; what is of no
// check is dropped.
type endpoint struct {
	seg        Segment
	ports      *ports
	dispatcher atomic.Pointer[stack.NetworkDispatcher]
}

// WritePackets sends packets as frames.
func (e *endpoint) WritePackets(packets stack.PacketBufferList) (int, tcpip.Error) {
	for _, packet := range packets.AsSlice() {
		frame := make([]byte, ethernetLen, ethernetLen+packet.Size())
		for _, part := range packet.AsSlices() {
			frame = append(frame, part...)
		}
		wire.Ethernet(frame).SetType(uint16(packet.NetworkProtocolNumber)) // both are EtherTypes
		e.send(frame)
	}
	return packets.Len(), nil
}

// send sends a frame to the server that it is for.
func (e *endpoint) send(frame []byte) {
	var f wire.Frame
	if f.Parse(frame) != wire.DefectNone || !f.Ports {
		return
	}
	p := e.ports.probe(f.SrcPort)
	if p == nil || f.Src != p.way.source || f.Dst != p.to.Addr() {
		return
	}
	f.Ethernet().SetSrc(e.seg.MAC())
	f.Ethernet().SetDst(p.way.mac)
	if f.Proto == wire.ProtoTCP && f.TCP().Flags()&wire.FlagSYN != 0 {
		p.sent.Store(f.TCP().Seq())
	}
	if !e.seg.Emit(p.way.vlan, frame) {
		p.lost.Store(true)
	}
}

// receive takes the packet of a frame, from its IP header on.
func (e *endpoint) receive(etherType uint16, packet []byte) {
	d := e.dispatcher.Load()
	if d == nil {
		return
	}
	b := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(packet)})
	defer b.DecRef()
	(*d).DeliverNetworkPacket(tcpip.NetworkProtocolNumber(etherType), b)
}

// Attach takes whom to give packets to; nil is nobody.
func (e *endpoint) Attach(d stack.NetworkDispatcher) {
	if d == nil {
		e.dispatcher.Store(nil)
		return
	}
	e.dispatcher.Store(&d)
}

// IsAttached says whether there is somebody to give packets to.
func (e *endpoint) IsAttached() bool { return e.dispatcher.Load() != nil }

// Capabilities keeps the stack from verifying checksums, which the kernel leaves
// out of frames that never were on a wire, and from resolving addresses.
func (e *endpoint) Capabilities() stack.LinkEndpointCapabilities {
	return stack.CapabilityRXChecksumOffload
}

// MTU is that of IP.
func (e *endpoint) MTU() uint32 { return mtu }

// What else a stack asks of its interface says that there is nothing more to it.

func (e *endpoint) SetMTU(uint32)                           {}
func (e *endpoint) MaxHeaderLength() uint16                 { return 0 }
func (e *endpoint) LinkAddress() tcpip.LinkAddress          { return "" }
func (e *endpoint) SetLinkAddress(tcpip.LinkAddress)        {}
func (e *endpoint) Wait()                                   {}
func (e *endpoint) ARPHardwareType() header.ARPHardwareType { return header.ARPHardwareNone }
func (e *endpoint) AddHeader(*stack.PacketBuffer)           {}
func (e *endpoint) ParseHeader(*stack.PacketBuffer) bool    { return true }
func (e *endpoint) Close()                                  {}
func (e *endpoint) SetOnCloseAction(func())                 {}
