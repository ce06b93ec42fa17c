// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"
)

// Neighbours are whom this host's own kernel asked the segment for.
type Neighbours struct {
	Answered   []netip.Addr // somebody answered of late, or is being asked again, or the kernel was told so
	Stale      []netip.Addr // somebody answered long ago, or only asked this host for its own address (RFC 4861 section 7.2.3; ARP likewise)
	Unanswered []netip.Addr // nobody did: incomplete or failed
}

// ReadNeighbours returns the kernel's neighbours on the interface of that number. It
// is found out by asking the kernel, since a packet socket that hears outgoing
// frames makes the kernel clone each of them.
func ReadNeighbours(index int) (all Neighbours, err error) {
	list, err := netlink.NeighList(index, netlink.FAMILY_ALL)
	if err != nil {
		return Neighbours{}, fmt.Errorf("list neighbours of interface %d: %w", index, err)
	}
	for _, n := range list {
		a, ok := netip.AddrFromSlice(n.IP)
		switch {
		case !ok:
		case n.State&(netlink.NUD_INCOMPLETE|netlink.NUD_FAILED) != 0:
			all.Unanswered = append(all.Unanswered, a.Unmap())
		case n.State&netlink.NUD_STALE != 0:
			all.Stale = append(all.Stale, a.Unmap())
		case n.State&(netlink.NUD_REACHABLE|netlink.NUD_DELAY|netlink.NUD_PROBE|netlink.NUD_PERMANENT) != 0:
			all.Answered = append(all.Answered, a.Unmap())
		}
	}
	return all, nil
}
