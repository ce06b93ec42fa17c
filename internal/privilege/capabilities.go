// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package privilege

import (
	"fmt"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// capabilities is a set of them, bit by number: capabilities(7).
type capabilities uint64

// capabilityBits is how many a set has room for, in version 3 of capset(2).
const capabilityBits = 64

// capabilities returns what the plan's user needs: sockets of frames, the
// settings of an interface, programs in the kernel, and what the plan says.
func (p Plan) capabilities() capabilities {
	c := capabilities(1<<unix.CAP_NET_RAW | 1<<unix.CAP_NET_ADMIN | 1<<unix.CAP_BPF)
	if p.Low {
		c |= 1 << unix.CAP_NET_BIND_SERVICE
	}
	if p.Chroot != "" {
		c |= 1 << unix.CAP_SYS_CHROOT
	}
	return c
}

func (c capabilities) has(number int) bool { return c>>number&1 != 0 }

// String names those of a plan, and numbers the others.
func (c capabilities) String() string {
	names := map[int]string{
		unix.CAP_NET_BIND_SERVICE: "CAP_NET_BIND_SERVICE", unix.CAP_NET_ADMIN: "CAP_NET_ADMIN", unix.CAP_NET_RAW: "CAP_NET_RAW",
		unix.CAP_SYS_CHROOT: "CAP_SYS_CHROOT", unix.CAP_BPF: "CAP_BPF",
	}
	var all []string
	for n := range capabilityBits {
		if name := names[n]; c.has(n) && name != "" {
			all = append(all, name)
		} else if c.has(n) {
			all = append(all, fmt.Sprintf("capability %d", n))
		}
	}
	return strings.Join(all, " ")
}

// permitted returns those that this thread may use.
func permitted() (capabilities, error) {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if err := unix.Capget(&hdr, &data[0]); err != nil {
		return 0, fmt.Errorf("read our capabilities: %w", err)
	}
	return capabilities(data[0].Permitted) | capabilities(data[1].Permitted)<<32, nil
}

// data returns the set as permitted and effective ones, in halves.
func (c capabilities) data(inheritable capabilities) (data [2]unix.CapUserData) {
	for i := range data {
		half := uint32(c >> (32 * i))
		data[i] = unix.CapUserData{Effective: half, Permitted: half, Inheritable: uint32(inheritable >> (32 * i))}
	}
	return data
}

// set makes them all that this thread has.
func (c capabilities) set(inheritable capabilities) error {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	data := c.data(inheritable)
	if err := unix.Capset(&hdr, &data[0]); err != nil {
		return fmt.Errorf("set capabilities %s: %w", c, err)
	}
	return nil
}

// setAll makes them all that any thread of ours has. Those that Go starts
// later have what the one that starts them has.
func (c capabilities) setAll() error {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	data := c.data(0)
	_, _, errno := syscall.AllThreadsSyscall(unix.SYS_CAPSET, uintptr(unsafe.Pointer(&hdr)), uintptr(unsafe.Pointer(&data[0])), 0)
	if errno != 0 {
		return fmt.Errorf("set capabilities %s of all threads: %w", c, errno)
	}
	return nil
}
