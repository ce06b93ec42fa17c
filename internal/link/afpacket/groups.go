// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

// member holds the IPv6 multicast groups of one socket. A group is joined in
// two ways: by PACKET_MR_MULTICAST, so that the interface takes its frames, and
// by an IPv6 socket, so that the kernel reports it by MLD (RFC 3810): a switch
// that snoops multicast sends us nothing otherwise.
type member struct {
	fd     int          // an IPv6 socket that only joins, or -1
	all    bool         // the interface takes the frames of every group, by PACKET_MR_ALLMULTI
	joined []netip.Addr // by PACKET_MR_MULTICAST
	told   []netip.Addr // by the IPv6 socket
}

// Join makes groups the set of IPv6 multicast groups the queue is in: it joins
// those it is not in and leaves the others. With all, the interface takes the frames
// of every other group, too, but no switch is told: one that snoops multicast still
// sends us only those of groups. Solicited-node groups
// (wire.SolicitedNode) are what neighbour discovery needs; one queue of an
// interface is enough. An error names what could not be joined, and everything
// else is: IPv6 may be disabled on this host. The set stays wanted, and the
// next Join or Reopen tries again. The calling thread must be in the
// interface's network namespace.
func (q *Queue) Join(groups []netip.Addr, all bool) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	s := q.sock.Load()
	if s == nil {
		return net.ErrClosed
	}
	q.groups = slices.Clone(groups)
	slices.SortFunc(q.groups, netip.Addr.Compare)
	q.groups, q.all = slices.Compact(q.groups), all
	if err := s.join(q.groups, all); err != nil {
		return fmt.Errorf("join multicast groups on %s: %w", q.ifname, err)
	}
	return nil
}

// join brings all kinds of membership to what is wanted.
func (s *socket) join(groups []netip.Addr, all bool) error {
	var errs []error
	s.joined, errs = follow(s.joined, groups, s.joinLink, s.leaveLink)
	if err := s.takeAll(all); err != nil {
		errs = append(errs, fmt.Errorf("every group: %w", err))
	}

	if s.fd < 0 && len(groups) > 0 {
		fd, err := unix.Socket(unix.AF_INET6, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			return errors.Join(append(errs, fmt.Errorf("open IPv6 socket: %w", err))...)
		}
		s.fd = fd
	}
	told, mldErrs := follow(s.told, groups, s.joinMLD, s.leaveMLD)
	s.told = told
	return errors.Join(append(errs, mldErrs...)...)
}

// follow leaves what is not wanted, joins what is not there, and returns what
// there is then. The same failure of many groups is told once.
func follow(have, want []netip.Addr, join, leave func(netip.Addr) error) (now []netip.Addr, errs []error) {
	for _, g := range have {
		if slices.Contains(want, g) {
			now = append(now, g)
		} else {
			_ = leave(g)
		}
	}
	for _, g := range want {
		if slices.Contains(now, g) {
			continue
		}
		if err := join(g); err != nil {
			if len(errs) == 0 {
				errs = append(errs, fmt.Errorf("%s: %w", g, err))
			}
			continue
		}
		now = append(now, g)
	}
	return now, errs
}

// takeAll makes the interface take the frames of every group, or no more than
// those joined.
func (s *socket) takeAll(all bool) error {
	if s.all == all {
		return nil
	}
	option := unix.PACKET_ADD_MEMBERSHIP
	if !all {
		option = unix.PACKET_DROP_MEMBERSHIP
	}
	mreq := unix.PacketMreq{Ifindex: int32(s.index), Type: unix.PACKET_MR_ALLMULTI}
	var set error
	err := s.raw.Control(func(fd uintptr) { set = unix.SetsockoptPacketMreq(int(fd), unix.SOL_PACKET, option, &mreq) })
	if err = errors.Join(err, set); err == nil {
		s.all = all
	}
	return err
}

func (s *socket) joinLink(g netip.Addr) error {
	mac := wire.MulticastMAC(g)
	return s.conn.JoinGroup(mac[:])
}

func (s *socket) leaveLink(g netip.Addr) error {
	mac := wire.MulticastMAC(g)
	return s.conn.LeaveGroup(mac[:])
}

func (s *socket) joinMLD(g netip.Addr) error {
	return unix.SetsockoptIPv6Mreq(s.fd, unix.IPPROTO_IPV6, unix.IPV6_JOIN_GROUP, s.mreq(g))
}

func (s *socket) leaveMLD(g netip.Addr) error {
	return unix.SetsockoptIPv6Mreq(s.fd, unix.IPPROTO_IPV6, unix.IPV6_LEAVE_GROUP, s.mreq(g))
}

func (s *socket) mreq(g netip.Addr) *unix.IPv6Mreq {
	return &unix.IPv6Mreq{Multiaddr: g.As16(), Interface: uint32(s.index)}
}

// close leaves the groups of the IPv6 socket; those of the packet socket end
// with it.
func (m *member) close() {
	if m.fd >= 0 {
		_ = unix.Close(m.fd)
		m.fd = -1
	}
}
