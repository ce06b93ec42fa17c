// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

// Package bpf holds what Cygnet puts into the kernel. For now that is the
// ingress drop: frames for our services end behind the tap that our sockets
// hear, so that the host's own stack never answers, forwards or redirects them.
//
//	driver ── tap (our sockets) ── ingress drop ── the host's own stack
//
// It is a program on a tcx link where the kernel has that and we may load it,
// else a table of nftables. Both mean the same, and neither touches ARP,
// neighbour discovery, other VLANs, or frames that are not to this host's MAC. Of a
// VLAN it keeps the frames from the interface that this host has on it (eth1.10).
package bpf

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync"

	"go4.org/netipx"

	"cygnet/internal/wire"
)

// Drop is what the host's stack must not see. The empty Drop is valid.
type Drop struct {
	Prefixes []netip.Prefix // every packet to these addresses
	Ports    []Port         // packets to these ports, of addresses that the host holds too
	Tagged   []Tagged       // every packet to these addresses on a VLAN; all else is of untagged frames
}

// Tagged is an address on a VLAN (IEEE 802.1Q).
type Tagged struct {
	VLAN uint16 // VID, 1 to 4094
	Addr netip.Addr
}

// Port is one port of an address that this host's kernel holds itself: the rest
// of that address stays the host's.
type Port struct {
	Addr  netip.Addr
	Proto uint8  // wire.ProtoTCP, wire.ProtoUDP, or 0 for both
	Port  uint16 // never 0
}

// Guard is an installed drop. Keep it: collected, a tcx link is taken down with
// it. Its methods may be called from any goroutine.
type Guard struct {
	mu sync.Mutex
	in installed
}

// installed is a drop in the kernel: by tcx or by nft. One caller at a time.
type installed interface {
	kind() string
	update(rules) error
	close() error
}

// Install puts the drop on the interface. A tcx link needs Linux 6.6, CAP_BPF
// and CAP_NET_ADMIN, and is gone when this process is; an nft table needs
// CAP_NET_ADMIN and the netdev family, and outlives a crash: a table of that
// name that an earlier run left is replaced. If neither can be had, the error is
// an *UnavailableError, with a Hint.
//
// When the interface vanishes, the drop goes with it: close the guard, and
// install it on the interface that comes back. The calling thread must be in
// the interface's network namespace, here and in Update and Close.
func Install(ifindex int, ifname string, d Drop) (*Guard, error) {
	r, err := d.rules()
	if err != nil {
		return nil, err
	}
	byTCX, tcxErr := installTCX(ifindex, r)
	if tcxErr == nil {
		// What a run that had only nft left would go on dropping its addresses.
		_ = removeTable(ifname)
		return &Guard{in: byTCX}, nil
	}
	byNFT, nftErr := installNFT(ifname, r)
	if nftErr == nil {
		return &Guard{in: byNFT}, nil
	}
	return nil, &UnavailableError{Name: ifname, TCX: tcxErr, NFT: nftErr}
}

// Kind says how it is done: "tcx" or "nft".
func (g *Guard) Kind() string { return g.in.kind() }

// Update changes what is dropped. What is in both the old drop and the new is
// dropped all the while. After an error the old drop is still in place.
func (g *Guard) Update(d Drop) error {
	r, err := d.rules()
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.in.update(r)
}

// Close takes the drop out of the kernel.
func (g *Guard) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.in.close()
}

const maxVID = 4094 // IEEE 802.1Q, 9.6

// rules is a Drop made plain: merged, sorted, one protocol each.
type rules struct {
	whole  *netipx.IPSet
	ports  []Port
	tagged []Tagged
}

// rules checks d and makes it plain.
func (d Drop) rules() (rules, error) {
	var b netipx.IPSetBuilder
	for _, p := range d.Prefixes {
		b.AddPrefix(p)
	}
	whole, err := b.IPSet()
	if err != nil {
		return rules{}, fmt.Errorf("ingress drop: %w", err)
	}
	r := rules{whole: whole}
	for _, a := range d.Tagged {
		if a.VLAN == 0 || a.VLAN > maxVID || !a.Addr.IsValid() {
			return rules{}, fmt.Errorf("ingress drop: %v on VLAN %d: want an address and a VID from 1 to %d", a.Addr, a.VLAN, maxVID)
		}
		r.tagged = append(r.tagged, Tagged{a.VLAN, a.Addr.Unmap()})
	}
	for _, p := range d.Ports {
		protos := []uint8{p.Proto}
		switch {
		case p.Port == 0 || !p.Addr.IsValid():
			return rules{}, fmt.Errorf("ingress drop: %v port %d: want an address and a port", p.Addr, p.Port)
		case p.Proto == 0:
			protos = []uint8{wire.ProtoTCP, wire.ProtoUDP}
		}
		for _, proto := range protos {
			r.ports = append(r.ports, Port{Addr: p.Addr.Unmap(), Proto: proto, Port: p.Port})
		}
	}
	return r, nil
}

// UnavailableError says why no ingress drop could be installed.
type UnavailableError struct {
	Name     string // of the interface
	TCX, NFT error
}

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("install ingress drop on %s: tcx: %v; nft: %v", e.Name, e.TCX, e.NFT)
}

func (e *UnavailableError) Unwrap() []error { return []error{e.TCX, e.NFT} }

// Hint says what is needed.
func (e *UnavailableError) Hint() string {
	if errors.Is(e.NFT, os.ErrPermission) {
		return "it needs CAP_NET_ADMIN, and CAP_BPF for tcx: run as root, or in a systemd unit: " +
			"AmbientCapabilities=CAP_NET_RAW CAP_NET_ADMIN CAP_BPF"
	}
	return "it needs Linux 6.6 for tcx, or nftables with the netdev family (modprobe nf_tables)"
}
