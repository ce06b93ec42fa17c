// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// NIC is the name of every host's interface on the segment.
const NIC = "eth1"

// HostSpec describes a host. Only Name is needed.
type HostSpec struct {
	Name     string           // a letter, then at most 12 letters and digits
	MAC      net.HardwareAddr // of eth1; nil: a locally administered one
	Addrs    []netip.Prefix   // on eth1, IPv4 and IPv6, without duplicate address detection
	VIPs     []netip.Addr     // on lo as /32 and /128, and ARP kept quiet about them, as a server behind DSR has them
	Gateways []netip.Addr     // default routes, at most one a family
	Forward  bool             // ip_forward and its IPv6 counterpart
	NoIPv6   bool             // no IPv6 at all, not even a link-local address
	Port     Port             // the switch's end of the wire
}

// Port is how the switch treats a host's port; the zero value is an ordinary one.
type Port struct {
	Isolated   bool // exchanges frames with ports that are not isolated only
	Hairpin    bool // frames may leave by the port they came in
	NoFlood    bool // unicast to unknown addresses is not sent here
	NoLearning bool // source addresses are not learned here
}

// Host is one host on the segment: a network namespace with lo and eth1.
type Host struct {
	Name string

	lab  *Lab
	spec HostSpec
	ns   netns.NsHandle
	nl   *netlink.Handle
}

// newHost builds the namespace and plugs it in.
func newHost(l *Lab, spec HostSpec) (*Host, error) {
	h := &Host{Name: spec.Name, lab: l, spec: spec}
	var err error
	if h.ns, err = newNamespace(h.Namespace()); err != nil {
		return nil, err
	}
	if err := h.build(); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

// build goes from the inside out: settings first, so that no address is ever
// up under others; the wire last.
func (h *Host) build() error {
	var err error
	if h.nl, err = netlink.NewHandleAt(h.ns); err != nil {
		return fmt.Errorf("open netlink in %s: %w", h.Namespace(), err)
	}
	if err := h.Do(h.configureStack); err != nil {
		return err
	}
	if err := h.LinkUp("lo"); err != nil {
		return err
	}
	for _, vip := range h.spec.VIPs {
		if err := h.AddAddr("lo", netip.PrefixFrom(vip, vip.BitLen())); err != nil {
			return err
		}
	}
	return h.AddNIC(h.spec.MAC)
}

// configureStack sets the kernel of the host's namespace. Addresses are usable
// at once (no duplicate address detection), and nothing is configured from
// outside (no router advertisements).
func (h *Host) configureStack() error {
	settings := [][2]string{
		{"net/ipv4/conf/all/rp_filter", "0"},
		{"net/ipv4/conf/default/rp_filter", "0"},
		{"net/ipv4/ip_forward", flag(h.spec.Forward)},
	}
	for _, which := range []string{"all", "default"} {
		v6 := "net/ipv6/conf/" + which + "/"
		settings = append(settings,
			[2]string{v6 + "disable_ipv6", flag(h.spec.NoIPv6)},
			[2]string{v6 + "accept_dad", "0"},
			[2]string{v6 + "dad_transmits", "0"},
			[2]string{v6 + "accept_ra", "0"},
			[2]string{v6 + "router_solicitations", "0"},
			[2]string{v6 + "forwarding", flag(h.spec.Forward)})
	}
	if len(h.spec.VIPs) > 0 {
		// A server answers ARP for eth1's own addresses only, and never asks
		// with a VIP as sender: else the segment learns the VIP at its MAC
		// (kernel, Documentation/networking/ip-sysctl.rst).
		settings = append(settings,
			[2]string{"net/ipv4/conf/all/arp_ignore", "1"},
			[2]string{"net/ipv4/conf/all/arp_announce", "2"})
	}
	for _, s := range settings {
		if err := setSysctl(s[0], s[1]); err != nil {
			return err
		}
	}
	return nil
}

// flag is a sysctl's way to say yes or no.
func flag(on bool) string {
	if on {
		return "1"
	}
	return "0"
}

// Namespace is the name under which `ip netns exec` finds the host.
func (h *Host) Namespace() string { return h.lab.name + "-" + h.Name }

// Do calls f with the goroutine's thread in the host's namespace: sockets that
// f opens and files in /proc that it reads are the host's. Goroutines that f
// starts are not in the namespace.
func (h *Host) Do(f func() error) error {
	return visit(h.ns, f)
}

// Sysctl sets a setting of the host, named by its path below /proc/sys.
func (h *Host) Sysctl(path, value string) error {
	return h.Do(func() error { return setSysctl(path, value) })
}

// AddAddr puts an address on an interface of the host. (Pen does not start
// without an IPv4 address besides the segment's; one on lo will do.)
func (h *Host) AddAddr(dev string, p netip.Prefix) error {
	link, err := h.link(dev)
	if err != nil {
		return err
	}
	if err := h.nl.AddrAdd(link, address(p)); err != nil {
		return fmt.Errorf("add %s to %s of %s: %w", p, dev, h.Name, err)
	}
	return nil
}

// RemoveAddr takes an address away from an interface of the host.
func (h *Host) RemoveAddr(dev string, p netip.Prefix) error {
	link, err := h.link(dev)
	if err != nil {
		return err
	}
	if err := h.nl.AddrDel(link, address(p)); err != nil {
		return fmt.Errorf("remove %s from %s of %s: %w", p, dev, h.Name, err)
	}
	return nil
}

// address is p as package netlink wants it.
func address(p netip.Prefix) *netlink.Addr {
	mask := net.CIDRMask(p.Bits(), p.Addr().BitLen())
	a := &netlink.Addr{IPNet: &net.IPNet{IP: p.Addr().AsSlice(), Mask: mask}}
	if p.Addr().Is6() {
		a.Flags = unix.IFA_F_NODAD
	}
	return a
}

// close removes the namespace's name; its programs have ended, so the
// namespace and its interfaces go too.
func (h *Host) close() error {
	if h.nl != nil {
		h.nl.Close()
	}
	return errors.Join(h.ns.Close(), deleteNamespace(h.Namespace()))
}
