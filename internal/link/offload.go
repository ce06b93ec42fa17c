// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package link

import (
	"fmt"

	"github.com/safchain/ethtool"
)

// merging is a receive offload that joins packets into frames that
// virtio_net_hdr cannot describe or that cannot be sent again as they were
// (net/core/dev.c, include/linux/virtio_net.h virtio_net_hdr_from_skb). Such a
// frame is lost to a packet socket. Software GRO is not among them: its frames
// carry all that is needed, and it is a large gain.
type merging struct {
	feature string // name in the ETH_SS_FEATURES string set
	option  string // what ethtool -K calls it
	what    string
}

// merges lists the receive offloads that lose frames, in the order reported.
func merges() []merging {
	return []merging{
		{"rx-lro", "lro", "large receive offload"},
		{"rx-gro-hw", "rx-gro-hw", "hardware GRO"},
		{"rx-gro-list", "rx-gro-list", "GRO by fragment list"},
		{"rx-udp-gro-forwarding", "rx-udp-gro-forwarding", "UDP GRO for forwarding"},
	}
}

// Offloads gives a warning for each receive offload of the named interface that
// is on and merges frames so that they cannot be forwarded, and where tagged frames
// are wanted, if the card drops those of VLANs that the host has no interface on;
// with the ethtool line that turns it off. A driver that cannot tell has none.
func Offloads(name string, tagged bool) []string {
	e, err := ethtool.NewEthtool()
	if err != nil {
		return nil
	}
	defer e.Close()
	features, err := e.Features(name)
	if err != nil {
		return nil
	}
	return warnings(name, features, tagged)
}

// warnings words what Offloads found.
func warnings(name string, on map[string]bool, tagged bool) []string {
	var all []string
	for _, m := range merges() {
		if on[m.feature] {
			all = append(all, fmt.Sprintf("%s is on for %s and merged frames are lost: ethtool -K %s %s off",
				m.what, name, name, m.option))
		}
	}
	if tagged && on["rx-vlan-filter"] {
		all = append(all, fmt.Sprintf("the VLAN filter of %s is on and drops frames of VLANs that this host has no interface on: ethtool -K %s rx-vlan-filter off", name, name))
	}
	return all
}
