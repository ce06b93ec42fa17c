// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package lab

import (
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netlink/nl"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"
)

// segment is the switch: a bridge in a namespace of its own.
type segment struct {
	name   string // of the namespace
	ns     netns.NsHandle
	nl     *netlink.Handle
	bridge *netlink.Bridge
}

// newSegment creates the namespace and the bridge, up and without ports.
func newSegment(name string, opt Options) (*segment, error) {
	ns, err := newNamespace(name)
	if err != nil {
		return nil, err
	}
	s := &segment{name: name, ns: ns}
	if err := s.build(opt); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// build fills the namespace. A bridge is born without spanning tree, so its
// ports forward at once.
func (s *segment) build(opt Options) error {
	var err error
	if s.nl, err = netlink.NewHandleAt(s.ns); err != nil {
		return fmt.Errorf("open netlink in %s: %w", s.name, err)
	}
	if err := visit(s.ns, func() error { return quietSwitch(opt) }); err != nil {
		return err
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name = "br0"
	// Without an address of its own the bridge would take the lowest of its
	// ports', and change it whenever a port comes or goes.
	attrs.HardwareAddr = hostMAC(0xffff)
	s.bridge = &netlink.Bridge{LinkAttrs: attrs, MulticastSnooping: &opt.MulticastSnooping}
	if err := s.nl.LinkAdd(s.bridge); err != nil {
		return fmt.Errorf("add bridge: %w", err)
	}
	if opt.MulticastSnooping {
		if err := visit(s.ns, func() error { return becomeQuerier(s.bridge) }); err != nil {
			return err
		}
	}
	if err := s.nl.LinkSetUp(s.bridge); err != nil {
		return fmt.Errorf("bring bridge up: %w", err)
	}
	return nil
}

// quietSwitch keeps the switch out of the traffic: no packet filter of the
// machine's br_netfilter module on bridged frames, and no IPv6 address, except
// that a querier needs a link-local one to ask from (RFC 3810 5.1.14).
func quietSwitch(opt Options) error {
	disable := "1"
	if opt.MulticastSnooping {
		disable = "0"
	}
	return errors.Join(
		setSysctl("net/bridge/bridge-nf-call-iptables", "0"),
		setSysctl("net/bridge/bridge-nf-call-ip6tables", "0"),
		setSysctl("net/bridge/bridge-nf-call-arptables", "0"),
		setSysctl("net/ipv6/conf/default/accept_dad", "0"),
		setSysctl("net/ipv6/conf/default/disable_ipv6", disable),
		setSysctl("net/ipv6/conf/all/disable_ipv6", disable))
}

// becomeQuerier makes the bridge of the thread's namespace ask for listeners
// itself, and believe after 1 s that all have answered instead of after 10
// (the times are in hundredths of a second, as the kernel's USER_HZ). Package
// netlink has no call for it.
func becomeQuerier(bridge *netlink.Bridge) error {
	req := nl.NewNetlinkRequest(unix.RTM_NEWLINK, unix.NLM_F_ACK)
	msg := nl.NewIfInfomsg(unix.AF_UNSPEC)
	msg.Index = int32(bridge.Index)
	req.AddData(msg)
	info := nl.NewRtAttr(unix.IFLA_LINKINFO, nil)
	info.AddRtAttr(nl.IFLA_INFO_KIND, nl.NonZeroTerminated("bridge"))
	data := info.AddRtAttr(nl.IFLA_INFO_DATA, nil)
	data.AddRtAttr(nl.IFLA_BR_MCAST_QUERIER, nl.Uint8Attr(1))
	data.AddRtAttr(nl.IFLA_BR_MCAST_QUERY_RESPONSE_INTVL, nl.Uint64Attr(100))
	data.AddRtAttr(nl.IFLA_BR_MCAST_QUERY_INTVL, nl.Uint64Attr(300))
	data.AddRtAttr(nl.IFLA_BR_MCAST_STARTUP_QUERY_INTVL, nl.Uint64Attr(100))
	req.AddData(info)
	if _, err := req.Execute(unix.NETLINK_ROUTE, 0); err != nil {
		return fmt.Errorf("make the bridge a multicast querier: %w", err)
	}
	return nil
}

// close removes the namespace and, with it, the bridge and all ports.
func (s *segment) close() error {
	if s.nl != nil {
		s.nl.Close()
	}
	return errors.Join(s.ns.Close(), deleteNamespace(s.name))
}

// setSysctl writes a setting of the thread's network namespace. A setting
// that this kernel does not have, because IPv6 or br_netfilter is absent, is
// no error: then there is nothing to set.
func setSysctl(path, value string) error {
	err := os.WriteFile("/proc/sys/"+path, []byte(value), 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("set %s to %s: %w", path, value, err)
	}
	return nil
}

// hostMAC numbers the locally administered addresses (the 2 in the first
// byte, IEEE 802 8.2) that hosts without a given one get.
func hostMAC(n int) net.HardwareAddr {
	return net.HardwareAddr{0x02, 0x77, 0, 0, byte(n >> 8), byte(n)}
}
