// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"errors"
	"fmt"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// fanout is a group of sockets among which the kernel shares an interface's frames,
// PACKET_FANOUT of packet(7).
type fanout struct {
	id, flag int
	first    *socket // by which its program is replaced
	size     int     // how many sockets have joined, which never leave but with the group
}

// newFanout makes the sockets members of a new group, in their order. Each
// frame of the interface meets the one that the program chooses, and may end at
// its filter. The flag is PACKET_FANOUT_FLAG_IGNORE_OUTGOING: of members, the kernel
// does not heed PACKET_IGNORE_OUTGOING. One before 6.2 may refuse the flag; then
// what other sockets of this host send ends at the filters.
//
// Never with PACKET_FANOUT_FLAG_DEFRAG, which joins fragments to what cannot be
// sent again, nor with PACKET_FANOUT_FLAG_ROLLOVER, which takes frames to workers
// that know nothing of their flows.
func newFanout(sockets []*socket, flag int, program []bpf.Instruction) (*fanout, error) {
	err := sockets[0].joinFanout(0, flag|unix.PACKET_FANOUT_FLAG_UNIQUEID)
	if errors.Is(err, unix.EINVAL) && flag != 0 {
		flag = 0
		err = sockets[0].joinFanout(0, unix.PACKET_FANOUT_FLAG_UNIQUEID)
	}
	if errors.Is(err, unix.EINVAL) {
		return nil, fmt.Errorf("make a group for %d workers, which old kernels do only while the interface is up: %w", len(sockets), err)
	}
	if err != nil {
		return nil, fmt.Errorf("make a group for %d workers: %w", len(sockets), err)
	}
	if err := sockets[0].steer(program); err != nil {
		return nil, fmt.Errorf("share the frames among %d workers: %w", len(sockets), err)
	}
	f := &fanout{flag: flag, first: sockets[0], size: 1}
	f.id, err = f.first.fanoutID()
	for _, s := range sockets[1:] {
		if err == nil {
			_, err = f.add(s)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("join the group of %d workers: %w", len(sockets), err)
	}
	return f, nil
}

// add makes s one more member, and returns its index.
func (f *fanout) add(s *socket) (index int, err error) {
	if err := s.joinFanout(f.id, f.flag); err != nil {
		return 0, err
	}
	f.size++
	return f.size - 1, nil
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
