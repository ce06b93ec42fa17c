// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package link knows the machine's side of the wire: the interface that carries
// the services, what else this host holds and does on it, and when that changes.
// The sockets that move frames are in package afpacket beside it.
//
// Everything is asked by rtnetlink, and only a hint (Steering) read from /sys, which
// shows the network namespace it was mounted in and not the caller's. Functions look
// at the network namespace of the calling thread.
package link

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// Interface is what there is to know about an Ethernet interface at one moment:
// plain values, a copy of what the kernel said.
type Interface struct {
	Name  string
	Index int
	MAC   wire.MAC
	MTU   int // octets of an IP packet, without the Ethernet header

	Up      bool // administratively up
	Carrier bool // the cable or the other end of the pair is there

	Addrs    []netip.Prefix // its addresses with their subnets (host bits kept), in the kernel's order
	Gateways []netip.Addr   // every next hop of a route through it, of any table, sorted
	Routers  []netip.Addr   // every next hop of any route of this host, sorted: another interface may lead to the same segment

	// Host is every address that this host holds in this namespace, on
	// whichever interface, sorted.
	Host []netip.Addr
}

// dumpTries is how often a dump is repeated that the kernel changed under us
// (NLM_F_DUMP_INTR, Documentation/userspace-api/netlink/intro.rst).
const dumpTries = 5

// Inspect describes the named interface (a name or an alternative name). It
// refuses one that cannot carry services: *NotFoundError, *NotEthernetError and
// *DownError each come with a Hint. Mere lack of carrier is no error.
func Inspect(name string) (*Interface, error) {
	ifi, err := read(name)
	if err != nil {
		return nil, err
	}
	if !ifi.Up {
		return nil, &DownError{Name: name}
	}
	return ifi, nil
}

// read describes the named interface whether it is up or down.
func read(name string) (*Interface, error) {
	l, err := netlink.LinkByName(name)
	if _, absent := errors.AsType[netlink.LinkNotFoundError](err); absent {
		return nil, &NotFoundError{Name: name, Interfaces: names()}
	}
	if err != nil {
		return nil, fmt.Errorf("look up interface %s: %w", name, err)
	}
	attrs := l.Attrs()
	if attrs.EncapType != "ether" || len(attrs.HardwareAddr) != len(wire.MAC{}) {
		return nil, &NotEthernetError{Name: name, Type: kind(l)}
	}
	ifi := &Interface{
		Name:    attrs.Name,
		Index:   attrs.Index,
		MAC:     wire.MAC(attrs.HardwareAddr),
		MTU:     attrs.MTU,
		Up:      attrs.RawFlags&unix.IFF_UP != 0,
		Carrier: attrs.RawFlags&unix.IFF_LOWER_UP != 0,
	}
	if ifi.Addrs, err = addrs(l); err != nil {
		return nil, fmt.Errorf("list addresses of %s: %w", name, err)
	}
	if ifi.Gateways, ifi.Routers, err = gateways(attrs.Index); err != nil {
		return nil, fmt.Errorf("list routes through %s: %w", name, err)
	}
	if ifi.Host, err = hostAddrs(); err != nil {
		return nil, fmt.Errorf("list addresses of this host: %w", err)
	}
	return ifi, nil
}

// kind says in a word what a link is that is not Ethernet.
func kind(l netlink.Link) string {
	if enc := l.Attrs().EncapType; enc != "none" && enc != "" {
		return enc
	}
	return l.Type()
}

// names lists the interfaces of this namespace, sorted; nil if it cannot.
func names() []string {
	links, err := netlink.LinkList()
	if err != nil && !errors.Is(err, netlink.ErrDumpInterrupted) {
		return nil
	}
	var all []string
	for _, l := range links {
		all = append(all, l.Attrs().Name)
	}
	slices.Sort(all)
	return all
}

// addrs lists the addresses of l, or of every interface when l is nil.
func addrs(l netlink.Link) ([]netip.Prefix, error) {
	list, err := dumpAddrs(l)
	if err != nil {
		return nil, err
	}
	var all []netip.Prefix
	for _, a := range list {
		if p, ok := prefix(a.IPNet); ok {
			all = append(all, p)
		}
	}
	return all, nil
}

// dumpAddrs asks for the addresses of l until the answer is of one piece.
func dumpAddrs(l netlink.Link) (list []netlink.Addr, err error) {
	for range dumpTries {
		list, err = netlink.AddrList(l, netlink.FAMILY_ALL)
		if !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	return list, err
}

// gateways lists the next hops of all routes through the interface, and of all
// routes. All tables count: a gateway of policy routing is a gateway all the same.
func gateways(index int) (through, all []netip.Addr, err error) {
	filter := &netlink.Route{Table: unix.RT_TABLE_UNSPEC}
	for range dumpTries {
		through, all = through[:0], all[:0]
		err = netlink.RouteListFilteredIter(netlink.FAMILY_ALL, filter, netlink.RT_FILTER_TABLE,
			func(r netlink.Route) bool {
				for _, hop := range hops(r) {
					all = appendHop(all, hop.Gw, hop.Via)
					if hop.LinkIndex == index {
						through = appendHop(through, hop.Gw, hop.Via)
					}
				}
				return true
			})
		if !errors.Is(err, netlink.ErrDumpInterrupted) {
			break
		}
	}
	return sorted(through), sorted(all), err
}

// sorted returns all, sorted and once each.
func sorted(all []netip.Addr) []netip.Addr {
	slices.SortFunc(all, netip.Addr.Compare)
	return slices.Compact(all)
}

// hops are the next hops of r, which has one or several.
func hops(r netlink.Route) []*netlink.NexthopInfo {
	return append(slices.Clip(r.MultiPath), &netlink.NexthopInfo{LinkIndex: r.LinkIndex, Gw: r.Gw, Via: r.Via})
}

// appendHop appends one next hop: gw, or via where it is of the other family
// than the route (RFC 8950).
func appendHop(all []netip.Addr, gw net.IP, via netlink.Destination) []netip.Addr {
	if v, ok := via.(*netlink.Via); ok {
		gw = v.Addr
	}
	if a, ok := netip.AddrFromSlice(gw); ok {
		all = append(all, a.Unmap())
	}
	return all
}

// prefix converts an address with its mask.
func prefix(n *net.IPNet) (netip.Prefix, bool) {
	if n == nil {
		return netip.Prefix{}, false
	}
	a, ok := netip.AddrFromSlice(n.IP)
	bits, _ := n.Mask.Size()
	return netip.PrefixFrom(a.Unmap(), bits), ok
}
