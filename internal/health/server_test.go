// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"sync/atomic"
	"testing"

	"gvisor.dev/gvisor/pkg/buffer"
	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/link/channel"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"

	"cygnet/internal/wire"
)

// realServer is a host with a TCP/IP stack, that has the VIPs.
type realServer struct {
	stack *stack.Stack
	link  *channel.Endpoint
	to    atomic.Pointer[Monitor] // who hears it
}

// newServer puts a realServer behind all servers of a segment, with a Monitor
// whose checks can be made one by one.
func newServer(t *testing.T, s *fakeSegment, vips ...netip.Addr) (*realServer, *Monitor) {
	t.Helper()
	m := New(s)
	r := &realServer{link: channel.New(1024, mtu, ""), stack: stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol},
	})}
	if err := r.stack.CreateNIC(nic, r.link); err != nil {
		t.Fatal(err)
	}
	for _, a := range vips {
		address := tcpip.ProtocolAddress{Protocol: protocol(a), AddressWithPrefix: tcpip.AddrFromSlice(a.AsSlice()).WithPrefix()}
		if err := r.stack.AddProtocolAddress(nic, address, stack.AddressProperties{}); err != nil {
			t.Fatal(err)
		}
	}
	r.stack.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}, {Destination: header.IPv6EmptySubnet, NIC: nic}})
	s.serve = func(frame []byte) {
		b := stack.NewPacketBuffer(stack.PacketBufferOptions{Payload: buffer.MakeWithData(frame[ethernetLen:])})
		r.link.InjectInbound(tcpip.NetworkProtocolNumber(wire.Ethernet(frame).Type()), b)
		b.DecRef()
	}
	r.to.Store(m)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			b := r.link.ReadContext(ctx)
			if b == nil {
				return
			}
			frame := make([]byte, ethernetLen)
			for _, part := range b.AsSlices() {
				frame = append(frame, part...)
			}
			eth := wire.Ethernet(frame)
			eth.SetType(uint16(b.NetworkProtocolNumber))
			eth.SetSrc(itsMAC)
			eth.SetDst(ourMAC)
			b.DecRef()
			spoilChecksum(frame)
			r.to.Load().Heard(onVLAN(frame, s.lastVLAN()))
		}
	}()
	t.Cleanup(func() {
		m.net.close()
		cancel()
		<-done
		r.stack.Destroy()
	})
	return r, m
}

// spoilChecksum leaves the transport checksum as a kernel does that counts on a
// card to fill it in.
func spoilChecksum(frame []byte) {
	var f wire.Frame
	if f.Parse(frame) == wire.DefectNone && f.Ports && f.Proto == wire.ProtoTCP {
		f.TCP().SetChecksum(^f.TCP().Checksum())
	}
}

func (r *realServer) listen(t *testing.T, a netip.AddrPort) net.Listener {
	t.Helper()
	l, err := gonet.ListenTCP(r.stack, full(a), protocol(a.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// web serves HTTP, or HTTPS, at an address.
func (r *realServer) web(t *testing.T, a netip.AddrPort, secure bool, serve http.HandlerFunc) {
	t.Helper()
	s := httptest.NewUnstartedServer(serve)
	s.Listener = r.listen(t, a)
	s.Config.ErrorLog = quiet
	if secure {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
}
