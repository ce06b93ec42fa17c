// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
)

// Unanswered returns the addresses that this host's own kernel asks the segment
// for, or asked for of late, on the interface of that number, and nobody
// answered: its neighbour entries that are incomplete or failed. It is found
// out by asking the kernel, since a packet socket that hears outgoing frames
// makes the kernel clone each of them.
func Unanswered(index int) (all []netip.Addr, err error) {
	list, err := netlink.NeighList(index, netlink.FAMILY_ALL)
	if err != nil {
		return nil, fmt.Errorf("list neighbours of interface %d: %w", index, err)
	}
	for _, n := range list {
		if a, ok := netip.AddrFromSlice(n.IP); ok && n.State&(netlink.NUD_INCOMPLETE|netlink.NUD_FAILED) != 0 {
			all = append(all, a.Unmap())
		}
	}
	return all, nil
}
