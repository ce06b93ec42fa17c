// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"errors"
	"fmt"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// joinFanout makes the sockets members of one new group, in their order. Each
// frame of the interface meets the one that the program chooses, and may end at
// its filter. The flag is PACKET_FANOUT_FLAG_IGNORE_OUTGOING: of members, the kernel
// does not heed PACKET_IGNORE_OUTGOING. One before 6.2 may refuse the flag; then
// what other sockets of this host send ends at the filters.
//
// Never with PACKET_FANOUT_FLAG_DEFRAG, which joins fragments to what cannot be
// sent again, nor with PACKET_FANOUT_FLAG_ROLLOVER, which takes frames to workers
// that know nothing of their flows.
func joinFanout(sockets []*socket, flag int, program []bpf.Instruction) error {
	err := sockets[0].joinFanout(0, flag|unix.PACKET_FANOUT_FLAG_UNIQUEID)
	if errors.Is(err, unix.EINVAL) && flag != 0 {
		flag = 0
		err = sockets[0].joinFanout(0, unix.PACKET_FANOUT_FLAG_UNIQUEID)
	}
	if errors.Is(err, unix.EINVAL) {
		return fmt.Errorf("make a group for %d workers, which old kernels do only while the interface is up: %w", len(sockets), err)
	}
	if err != nil {
		return fmt.Errorf("make a group for %d workers: %w", len(sockets), err)
	}
	if err := sockets[0].steer(program); err != nil {
		return fmt.Errorf("share the frames among %d workers: %w", len(sockets), err)
	}
	id, err := sockets[0].fanoutID()
	for _, s := range sockets[1:] {
		if err == nil {
			err = s.joinFanout(id, flag)
		}
	}
	if err != nil {
		return fmt.Errorf("join the group of %d workers: %w", len(sockets), err)
	}
	return nil
}

// joinFanout joins the group of that id, packet(7).
func (s *socket) joinFanout(id, flags int) error {
	return s.control(func(fd int) error {
		return unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_FANOUT, id|(unix.PACKET_FANOUT_CBPF|flags)<<16)
	})
}

// fanoutID is the id of the group that the socket has joined.
func (s *socket) fanoutID() (id int, err error) {
	err = s.control(func(fd int) (err error) {
		id, err = unix.GetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_FANOUT)
		return err
	})
	return id & 0xffff, err
}

// steer replaces the program of the socket's group, at once and for all members.
func (s *socket) steer(program []bpf.Instruction) error {
	raw, err := bpf.Assemble(program)
	if err != nil {
		return err
	}
	filter := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		filter[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return s.control(func(fd int) error {
		return unix.SetsockoptSockFprog(fd, unix.SOL_PACKET, unix.PACKET_FANOUT_DATA,
			&unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]})
	})
}

// control runs f on the descriptor.
func (s *socket) control(f func(fd int) error) error {
	var set error
	err := s.raw.Control(func(fd uintptr) { set = f(int(fd)) })
	return errors.Join(err, set)
}
