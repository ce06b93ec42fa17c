// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"net/netip"

	"cygnet/internal/neigh"
)

// network is one of the networks on the link: the untagged one, or a VLAN. What is
// said of an address holds in it alone, since another may have the same address for
// another host. State: derived.
type network struct {
	vips       addrMap[*vip]
	sources    map[netip.Addr]*neigh.Claim
	ours       addrMap[*neigh.Claim] // see isOurs
	neighbours *neigh.Table          // for IsNeighbour only
}

// on returns the network that a frame with this VID is on, nil where nothing of
// ours is. 0 is the untagged one, also of a frame with a priority tag.
func (t *table) on(vid uint16) *network {
	switch {
	case vid == 0:
		return &t.untagged
	case int(vid) < len(t.vlans):
		return t.vlans[vid]
	}
	return nil
}

// isOurs says whether a is an address of ours, or no host's: a VIP, the
// interface's own, the first or last of its subnets. No frame from the wire can
// honestly come from it. A source counts while we hold its claim: one that
// another host holds is that host's, as may be a VIP without an active service.
func (n *network) isOurs(a netip.Addr) bool {
	claim, ok := n.ours.get(a)
	return ok && (claim == nil || claim.Held())
}

// holds says whether we answer ARP and neighbour discovery for a.
func (n *network) holds(a netip.Addr) bool {
	if v, ok := n.vips.get(a); ok {
		return v.claim != nil && v.claim.Held() && !v.claim.Kept()
	}
	c := n.sources[a]
	return c != nil && c.Held()
}

// draft is a network in the making.
type draft struct {
	neighbours *neigh.Table
	sources    map[netip.Addr]*neigh.Claim
	ours       map[netip.Addr]*neigh.Claim
	claims     map[netip.Addr]*neigh.Claim // of VIPs with an active service
	vips       map[netip.Addr]*vip
}

// drafts begins the networks of t's configuration, by VID, with all addresses that
// are ours but without services.
func (b *builder) drafts(cfg *Config) map[uint16]*draft {
	all := map[uint16]*draft{}
	for _, vid := range cfg.networks() {
		all[vid] = &draft{
			neighbours: b.neighbours.table(vid),
			sources:    map[netip.Addr]*neigh.Claim{},
			ours:       map[netip.Addr]*neigh.Claim{},
			claims:     map[netip.Addr]*neigh.Claim{},
			vips:       map[netip.Addr]*vip{},
		}
	}
	for _, p := range cfg.Addrs {
		all[0].ours[p.Addr()] = nil
		for _, edge := range edges(p) {
			all[0].ours[edge] = nil
		}
	}
	for _, s := range cfg.Sources {
		d := all[s.VLAN]
		d.sources[s.Addr] = d.neighbours.Claim(s.Addr)
		d.ours[s.Addr] = d.sources[s.Addr]
	}
	for _, s := range cfg.Services {
		if cfg.active(s) {
			d := all[s.VLAN]
			d.claims[s.VIP] = d.neighbours.Claim(s.VIP)
			d.ours[s.VIP] = nil
		}
	}
	return all
}

// addNetworks enters the networks, now complete, where frames are looked up.
func (t *table) addNetworks(drafts map[uint16]*draft) {
	for vid, d := range drafts {
		n := network{vips: newAddrMap(d.vips), sources: d.sources, ours: newAddrMap(d.ours), neighbours: d.neighbours}
		if vid == 0 {
			t.untagged = n
			continue
		}
		for int(vid) >= len(t.vlans) {
			t.vlans = append(t.vlans, nil)
		}
		t.vlans[vid] = &n
	}
}
