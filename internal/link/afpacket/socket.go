// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package afpacket

import (
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/mdlayher/packet"
	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// bufferBytes is what is asked for as socket buffer, each way. The kernel
// counts a small frame as some 800 octets, so this is about 20 000 of them (it
// doubles the number, socket(7)); the usual default holds under 300.
const bufferBytes = 8 << 20

// socket is one packet.Conn of a queue, from one interface's life to its end.
type socket struct {
	// conn must stay reachable as long as raw is used: collected, it closes
	// the descriptor.
	conn  *packet.Conn
	raw   syscall.RawConn
	index int
	member
}

// openSocket opens a socket in the order that lets no frame in before
// everything is set: bound with a filter that drops all, then its options, then
// the filter meant.
func openSocket(ifname string, ifindex int, opt Options) (*socket, []string, error) {
	s, notes, err := openShut(ifname, ifindex, opt)
	if err != nil {
		return nil, nil, err
	}
	if err := s.setFilter(opt.Filter); err != nil {
		_ = s.close()
		return nil, nil, err
	}
	return s, notes, nil
}

// openShut opens a socket with its options, which lets nothing in until it is
// given a filter.
func openShut(ifname string, ifindex int, opt Options) (*socket, []string, error) {
	shut, err := bpf.Assemble([]bpf.Instruction{bpf.RetConstant{Val: 0}})
	if err != nil {
		return nil, nil, err
	}
	conn, err := packet.Listen(&net.Interface{Name: ifname, Index: ifindex}, packet.Raw, unix.ETH_P_ALL,
		&packet.Config{Filter: shut})
	if err != nil {
		return nil, nil, err
	}
	s := &socket{conn: conn, index: ifindex, member: member{fd: -1}}
	notes, err := s.prepare(ifname, opt)
	if err != nil {
		_ = s.close()
		return nil, nil, err
	}
	return s, notes, nil
}

// prepare sets what a bound socket needs before frames may come.
func (s *socket) prepare(ifname string, opt Options) (notes []string, err error) {
	if s.raw, err = s.conn.SyscallConn(); err != nil {
		return nil, err
	}
	var optErr error
	err = s.raw.Control(func(fd uintptr) {
		notes, optErr = setOptions(int(fd), ifname)
		if opt.Dedicated {
			leavePoller(opt.pollers, int(fd))
		}
	})
	if err := errors.Join(err, optErr); err != nil {
		return nil, err
	}
	// Without a deadline the first Recv would wait for ever; Recv renews it.
	return notes, s.conn.SetReadDeadline(time.Now().Add(opt.Wait))
}

// setOptions sets the options of packet(7) and socket(7) that we rely on.
func setOptions(fd int, ifname string) (notes []string, err error) {
	for _, opt := range []struct {
		name  string
		value int
	}{
		{"PACKET_VNET_HDR", unix.PACKET_VNET_HDR},
		{"PACKET_AUXDATA", unix.PACKET_AUXDATA},
		{"PACKET_IGNORE_OUTGOING", unix.PACKET_IGNORE_OUTGOING}, // Linux 4.20; a group has its own, see newFanout
	} {
		if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, opt.value, 1); err != nil {
			return nil, fmt.Errorf("set %s: %w", opt.name, err)
		}
	}
	got := setBuffer(fd, unix.SO_RCVBUFFORCE, unix.SO_RCVBUF)
	if got < bufferBytes {
		notes = append(notes, fmt.Sprintf(
			"the receive buffer on %s is only %d KiB and may overflow in bursts: sysctl -w net.core.rmem_max=%d",
			ifname, got/1024, bufferBytes))
	}
	setBuffer(fd, unix.SO_SNDBUFFORCE, unix.SO_SNDBUF)
	return notes, nil
}

// setBuffer asks for bufferBytes, by force where CAP_NET_ADMIN allows it, else
// as far as the system's limit goes, and returns what it got.
func setBuffer(fd, force, ask int) int {
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, bufferBytes) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, ask, bufferBytes) // never refused, only capped
	}
	got, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, ask)
	if err != nil {
		return 0
	}
	return got / 2 // socket(7): the kernel doubles it and returns the double
}

// setFilter attaches a filter. Where the kernel refuses it for its size (before
// Linux 6.8, net.core.optmem_max is 20 KiB), one that lets more through takes
// its place.
func (s *socket) setFilter(f Filter) error {
	prog, err := bpf.Assemble(f.program())
	if err != nil {
		return fmt.Errorf("assemble filter of %d prefixes: %w", len(f.Prefixes), err)
	}
	err = s.conn.SetBPF(prog)
	if !errors.Is(err, unix.ENOMEM) {
		return err
	}
	if prog, err = bpf.Assemble(f.wide().program()); err != nil {
		return fmt.Errorf("assemble wide filter: %w", err)
	}
	return s.conn.SetBPF(prog)
}

// drops reads, and so clears, how many frames the kernel dropped because the
// receive buffer was full.
func (s *socket) drops() uint64 {
	st, err := s.conn.Stats()
	if err != nil {
		return 0
	}
	return uint64(st.Drops)
}

// close closes the socket and drops its memberships.
func (s *socket) close() error {
	s.member.close()
	return s.conn.Close()
}
