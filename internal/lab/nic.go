// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/vishvananda/netlink"
)

// Counters are an interface's own counts of frames and bytes since it exists.
type Counters struct {
	RxFrames, TxFrames uint64
	RxBytes, TxBytes   uint64
	RxDropped          uint64
}

// AddNIC plugs eth1 into the switch, with the MAC given and the addresses and
// routes of the host's description, and brings it up. It fails while eth1 exists.
func (h *Host) AddNIC(mac net.HardwareAddr) error {
	if err := h.plug(mac); err != nil {
		return err
	}
	for _, p := range h.spec.Addrs {
		if err := h.AddAddr(NIC, p); err != nil {
			return err
		}
	}
	if err := h.LinkUp(NIC); err != nil {
		return err
	}
	link, err := h.awaitCarrier()
	if err != nil {
		return err
	}
	for _, gw := range h.spec.Gateways {
		route := &netlink.Route{LinkIndex: link.Attrs().Index, Gw: gw.AsSlice(), Dst: defaultRoute(gw)}
		if err := h.nl.RouteAdd(route); err != nil {
			return fmt.Errorf("default route of %s by %s: %w", h.Name, gw, err)
		}
	}
	return nil
}

// carrierPatience is ample: the kernel's link watch runs within a second.
const carrierPatience = 5 * time.Second

// awaitCarrier waits until both ends of the wire are in operation. The kernel
// says so from a work queue, and only then does the bridge forward.
func (h *Host) awaitCarrier() (netlink.Link, error) {
	for began := time.Now(); ; time.Sleep(time.Millisecond) {
		link, err := h.link(NIC)
		if err != nil {
			return nil, err
		}
		port, err := h.lab.segment.nl.LinkByName(h.port())
		if err != nil {
			return nil, fmt.Errorf("the switch's port of %s: %w", h.Name, err)
		}
		if link.Attrs().OperState == netlink.OperUp && port.Attrs().OperState == netlink.OperUp {
			return link, nil
		}
		if time.Since(began) > carrierPatience {
			return nil, fmt.Errorf("%s of %s: no carrier within %v", NIC, h.Name, carrierPatience)
		}
	}
}

// defaultRoute is every address of gw's family.
func defaultRoute(gw netip.Addr) *net.IPNet {
	return &net.IPNet{IP: make(net.IP, gw.BitLen()/8), Mask: make(net.IPMask, gw.BitLen()/8)}
}

// plug makes a veth pair: eth1 in the host, its peer a port of the switch.
func (h *Host) plug(mac net.HardwareAddr) error {
	seg := h.lab.segment
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.MasterIndex = h.port(), seg.bridge.Index
	pair := netlink.NewVeth(attrs)
	pair.PeerName, pair.PeerHardwareAddr, pair.PeerNamespace = NIC, mac, netlink.NsFd(int(h.ns))
	if err := seg.nl.LinkAdd(pair); err != nil {
		return fmt.Errorf("add %s to %s: %w", NIC, h.Name, err)
	}
	// A new port floods and learns, and is neither isolated nor a hairpin.
	want := h.spec.Port
	err := errors.Join(
		seg.nl.LinkSetIsolated(pair, want.Isolated),
		seg.nl.LinkSetHairpin(pair, want.Hairpin),
		seg.nl.LinkSetFlood(pair, !want.NoFlood),
		seg.nl.LinkSetLearning(pair, !want.NoLearning),
		seg.nl.LinkSetUp(pair))
	if err != nil {
		return fmt.Errorf("set up the switch's port of %s: %w", h.Name, err)
	}
	return nil
}

// port is the name of the switch's end of eth1's wire.
func (h *Host) port() string { return "p-" + h.Name }

// DeleteNIC takes eth1 away as if the card were pulled out.
func (h *Host) DeleteNIC() error {
	link, err := h.link(NIC)
	if err != nil {
		return err
	}
	if err := h.nl.LinkDel(link); err != nil {
		return fmt.Errorf("delete %s of %s: %w", NIC, h.Name, err)
	}
	return nil
}

// LinkUp and LinkDown are `ip link set DEV up` and `down` in the host.
func (h *Host) LinkUp(dev string) error { return h.setLink(dev, "up", h.nl.LinkSetUp) }

// LinkDown brings an interface administratively down.
func (h *Host) LinkDown(dev string) error { return h.setLink(dev, "down", h.nl.LinkSetDown) }

// SetMAC changes eth1's address, as a replaced card would.
func (h *Host) SetMAC(mac net.HardwareAddr) error {
	return h.setLink(NIC, "address "+mac.String(), func(l netlink.Link) error { return h.nl.LinkSetHardwareAddr(l, mac) })
}

// setLink applies a change to one of the host's interfaces.
func (h *Host) setLink(dev, what string, change func(netlink.Link) error) error {
	link, err := h.link(dev)
	if err != nil {
		return err
	}
	if err := change(link); err != nil {
		return fmt.Errorf("set %s of %s %s: %w", dev, h.Name, what, err)
	}
	return nil
}

// Unplug pulls the cable: eth1 stays up and loses its carrier.
func (h *Host) Unplug() error { return h.setPort("down", h.lab.segment.nl.LinkSetDown) }

// Plug puts the cable back.
func (h *Host) Plug() error { return h.setPort("up", h.lab.segment.nl.LinkSetUp) }

// setPort applies a change to the switch's end of eth1.
func (h *Host) setPort(what string, change func(netlink.Link) error) error {
	port, err := h.lab.segment.nl.LinkByName(h.port())
	if err == nil {
		err = change(port)
	}
	if err != nil {
		return fmt.Errorf("set the switch's port of %s %s: %w", h.Name, what, err)
	}
	return nil
}

// MAC is eth1's present address.
func (h *Host) MAC() (net.HardwareAddr, error) {
	link, err := h.link(NIC)
	if err != nil {
		return nil, err
	}
	return link.Attrs().HardwareAddr, nil
}

// Counters reads eth1's counters. A super-frame of segmentation offload, and
// one that GRO merged on arrival, counts as the veth saw it.
func (h *Host) Counters() (Counters, error) {
	link, err := h.link(NIC)
	if err != nil {
		return Counters{}, err
	}
	s := link.Attrs().Statistics
	if s == nil {
		return Counters{}, fmt.Errorf("counters of %s of %s: the kernel gives none", NIC, h.Name)
	}
	return Counters{s.RxPackets, s.TxPackets, s.RxBytes, s.TxBytes, s.RxDropped}, nil
}

// Neighbour is the MAC by which the host's kernel knows an address on the
// segment; nil if it does not.
func (h *Host) Neighbour(a netip.Addr) (net.HardwareAddr, error) {
	link, err := h.link(NIC)
	if err != nil {
		return nil, err
	}
	family := netlink.FAMILY_V4
	if a.Is6() {
		family = netlink.FAMILY_V6
	}
	list, err := h.nl.NeighList(link.Attrs().Index, family)
	if err != nil {
		return nil, fmt.Errorf("list neighbours of %s: %w", h.Name, err)
	}
	for _, n := range list {
		if got, ok := netip.AddrFromSlice(n.IP); ok && got.Unmap() == a && n.State&(netlink.NUD_FAILED|netlink.NUD_INCOMPLETE) == 0 {
			return n.HardwareAddr, nil
		}
	}
	return nil, nil
}

// link finds an interface of the host.
func (h *Host) link(dev string) (netlink.Link, error) {
	link, err := h.nl.LinkByName(dev)
	if err != nil {
		return nil, fmt.Errorf("interface %s of %s: %w", dev, h.Name, err)
	}
	return link, nil
}
