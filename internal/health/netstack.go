// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package health

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"gvisor.dev/gvisor/pkg/tcpip"
	"gvisor.dev/gvisor/pkg/tcpip/adapters/gonet"
	"gvisor.dev/gvisor/pkg/tcpip/header"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv4"
	"gvisor.dev/gvisor/pkg/tcpip/network/ipv6"
	"gvisor.dev/gvisor/pkg/tcpip/stack"
	"gvisor.dev/gvisor/pkg/tcpip/transport/tcp"
	"gvisor.dev/gvisor/pkg/tcpip/transport/udp"
	"gvisor.dev/gvisor/pkg/waiter"

	"cygnet/internal/wire"
)

const (
	nic = tcpip.NICID(1)

	// waitingPackets is how many packets may wait for the stack: a full answer of
	// some ten servers.
	waitingPackets = 256

	// bufferBytes is what a connection buffers at most, each way.
	bufferBytes = 64 << 10
)

// netstack is a TCP/IP stack for checks that need a whole one: gVisor's, in this
// process, made with the first of them. It is safe for concurrent use.
type netstack struct {
	ports   *ports
	seg     Segment
	queue   chan packet
	ended   chan struct{}
	dropped atomic.Uint64
	work    sync.WaitGroup

	// mu guards the rest.
	mu      sync.Mutex
	stack   *stack.Stack // nil before it is needed
	sources map[netip.Addr]bool
}

// packet is what came for a check, from its IP header on.
type packet struct {
	etherType uint16
	data      []byte
}

func newNetstack(seg Segment, ports *ports) *netstack {
	return &netstack{seg: seg, ports: ports, queue: make(chan packet, waitingPackets), ended: make(chan struct{}), sources: map[netip.Addr]bool{}}
}

// from returns the stack, with a source address to check from.
func (n *netstack) from(source netip.Addr) (*stack.Stack, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stack == nil {
		if err := n.open(); err != nil {
			return nil, err
		}
	}
	if !n.sources[source] {
		address := tcpip.ProtocolAddress{Protocol: protocol(source), AddressWithPrefix: tcpip.AddrFromSlice(source.AsSlice()).WithPrefix()}
		if err := n.stack.AddProtocolAddress(nic, address, stack.AddressProperties{}); err != nil {
			return nil, fmt.Errorf("add %s: %s", source, err)
		}
		n.sources[source] = true
	}
	return n.stack, nil
}

// open makes the stack. The caller holds mu.
func (n *netstack) open() error {
	s := stack.New(stack.Options{
		NetworkProtocols:   []stack.NetworkProtocolFactory{ipv4.NewProtocol, ipv6.NewProtocol},
		TransportProtocols: []stack.TransportProtocolFactory{tcp.NewProtocol, udp.NewProtocol},
	})
	receive := tcpip.TCPReceiveBufferSizeRangeOption{Min: bufferBytes / 4, Default: bufferBytes, Max: bufferBytes}
	send := tcpip.TCPSendBufferSizeRangeOption{Min: bufferBytes / 4, Default: bufferBytes, Max: bufferBytes}
	s.SetTransportProtocolOption(tcp.ProtocolNumber, &receive)
	s.SetTransportProtocolOption(tcp.ProtocolNumber, &send)
	link := &endpoint{seg: n.seg, ports: n.ports}
	if err := s.CreateNIC(nic, link); err != nil {
		s.Destroy()
		return fmt.Errorf("make a stack: %s", err)
	}
	s.SetRouteTable([]tcpip.Route{{Destination: header.IPv4EmptySubnet, NIC: nic}, {Destination: header.IPv6EmptySubnet, NIC: nic}})
	n.stack = s
	n.work.Go(func() {
		for {
			select {
			case <-n.ended:
				return
			case p := <-n.queue:
				link.receive(p.etherType, p.data)
			}
		}
	})
	return nil
}

// close ends the stack, when no check needs it any more.
func (n *netstack) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	close(n.ended)
	n.work.Wait()
	if n.stack != nil {
		n.stack.Destroy()
	}
}

// deliver takes a frame for a check. It does not wait: where too many do, this one
// is lost.
func (n *netstack) deliver(_ *probe, f *wire.Frame) {
	etherType := uint16(wire.EtherTypeIPv4)
	if f.Kind == wire.KindIPv6 {
		etherType = wire.EtherTypeIPv6
	}
	select {
	case n.queue <- packet{etherType, append([]byte(nil), f.Data[f.L3:f.End]...)}:
	default:
		n.dropped.Add(1)
	}
}

// dialTCP connects p to its VIP.
func (n *netstack) dialTCP(ctx context.Context, p *probe) (net.Conn, error) {
	s, err := n.from(p.way.source)
	if err != nil {
		return nil, err
	}
	var queue waiter.Queue
	ep, fault := s.NewEndpoint(tcp.ProtocolNumber, protocol(p.way.source), &queue)
	if fault != nil {
		return nil, errors.New(fault.String())
	}
	// Close resets what is still open: there is no TIME-WAIT, here or there.
	ep.SocketOptions().SetLinger(tcpip.LingerOption{Enabled: true})
	entry, connected := waiter.NewChannelEntry(waiter.WritableEvents)
	queue.EventRegister(&entry)
	defer queue.EventUnregister(&entry)
	fault = ep.Bind(full(netip.AddrPortFrom(p.way.source, p.port)))
	if fault == nil {
		fault = ep.Connect(full(p.to))
	}
	if _, started := fault.(*tcpip.ErrConnectStarted); started {
		select {
		case <-ctx.Done():
			ep.Close()
			return nil, ctx.Err()
		case <-connected:
			fault = ep.LastError()
		}
	}
	if fault != nil {
		ep.Close()
		return nil, stackError{fault}
	}
	return gonet.NewTCPConn(&queue, ep), nil
}

// dialUDP makes a socket of p's that hears its VIP alone.
func (n *netstack) dialUDP(p *probe) (net.Conn, error) {
	s, err := n.from(p.way.source)
	if err != nil {
		return nil, err
	}
	from, to := full(netip.AddrPortFrom(p.way.source, p.port)), full(p.to)
	return gonet.DialUDP(s, &from, &to, protocol(p.way.source))
}

// stackError is an error of the stack's.
type stackError struct{ fault tcpip.Error }

// Error returns the stack's words.
func (e stackError) Error() string { return e.fault.String() }

func full(a netip.AddrPort) tcpip.FullAddress {
	return tcpip.FullAddress{NIC: nic, Addr: tcpip.AddrFromSlice(a.Addr().AsSlice()), Port: a.Port()}
}

func protocol(a netip.Addr) tcpip.NetworkProtocolNumber {
	if a.Is6() {
		return ipv6.ProtocolNumber
	}
	return ipv4.ProtocolNumber
}

// within is what a check fails with that the server did not answer in time.
func within(timeout time.Duration) string {
	return fmt.Sprintf("no answer from VIP within %v s", timeout.Seconds())
}
