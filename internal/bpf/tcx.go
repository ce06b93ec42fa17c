// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package bpf

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"
)

// Limits of the maps. Only entries that are there take memory, but for the hash
// table's buckets (16 octets each).
const (
	maxPrefixes = 1 << 20
	maxPorts    = 1 << 14
	maxTagged   = 1 << 14
)

// lpmKey is struct bpf_lpm_trie_key with 128 bits of address.
type lpmKey struct {
	Bits uint32
	Addr [16]byte
}

// portKey is the key of the port map.
type portKey struct {
	Addr  [16]byte
	Port  [2]byte // in network byte order
	Proto uint8
	_     uint8
}

// taggedKey is the key of the map of addresses on VLANs.
type taggedKey struct {
	Addr [16]byte
	VLAN uint32
}

// tcx is the drop as a program on a tcx link.
type tcx struct {
	link link.Link
	now  *loaded
}

// loaded is a program with the maps it looks into. The maps do not change once
// it is attached.
type loaded struct {
	lpm, ports, tagged *ebpf.Map
	prog               *ebpf.Program
}

// installTCX attaches a program for the rules, before all others on the
// interface.
func installTCX(ifindex int, r rules) (*tcx, error) {
	p, err := load(r)
	if err != nil {
		return nil, err
	}
	l, err := link.AttachTCX(link.TCXOptions{
		Interface: ifindex,
		Program:   p.prog,
		Attach:    ebpf.AttachTCXIngress,
		Anchor:    link.Head(),
	})
	if err != nil {
		p.close()
		return nil, fmt.Errorf("attach: %w", err)
	}
	return &tcx{link: l, now: p}, nil
}

func (t *tcx) kind() string { return "tcx" }

// update puts a new program with maps of its own in the place of the old one,
// which the kernel does at once. To change the maps under the program would
// leave a gap: it looks into two, and an address that moves from one to the
// other in between is in neither when it looks.
func (t *tcx) update(r rules) error {
	p, err := load(r)
	if err != nil {
		return err
	}
	if err := t.link.Update(p.prog); err != nil {
		p.close()
		return fmt.Errorf("replace program: %w", err)
	}
	t.now.close()
	t.now = p
	return nil
}

// close detaches the program and frees everything.
func (t *tcx) close() error {
	defer t.now.close()
	return t.link.Close()
}

// load makes the maps, fills them, and loads the program, attached to nothing.
func load(r rules) (*loaded, error) {
	p := &loaded{}
	if err := p.create(r); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// create makes everything, or stops at what cannot be made.
func (p *loaded) create(r rules) (err error) {
	if p.lpm, err = ebpf.NewMap(&ebpf.MapSpec{
		Name: "cygnet_addrs", Type: ebpf.LPMTrie, KeySize: 20, ValueSize: 1,
		MaxEntries: maxPrefixes, Flags: unix.BPF_F_NO_PREALLOC,
	}); err != nil {
		return fmt.Errorf("make map of addresses: %w", err)
	}
	if p.ports, err = ebpf.NewMap(&ebpf.MapSpec{
		Name: "cygnet_ports", Type: ebpf.Hash, KeySize: 20, ValueSize: 1,
		MaxEntries: maxPorts, Flags: unix.BPF_F_NO_PREALLOC,
	}); err != nil {
		return fmt.Errorf("make map of ports: %w", err)
	}
	if p.tagged, err = ebpf.NewMap(&ebpf.MapSpec{
		Name: "cygnet_vlans", Type: ebpf.Hash, KeySize: 20, ValueSize: 1,
		MaxEntries: maxTagged, Flags: unix.BPF_F_NO_PREALLOC,
	}); err != nil {
		return fmt.Errorf("make map of addresses on VLANs: %w", err)
	}
	if err := p.fill(r); err != nil {
		return fmt.Errorf("fill maps: %w", err)
	}
	if p.prog, err = ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "cygnet_drop", Type: ebpf.SchedCLS, License: "MIT",
		Instructions: program(p.lpm.FD(), p.ports.FD(), p.tagged.FD()),
	}); err != nil {
		return fmt.Errorf("load program: %w", err)
	}
	return nil
}

// fill puts the rules into the maps.
func (p *loaded) fill(r rules) error {
	for _, prefix := range r.whole.Prefixes() {
		if err := p.lpm.Put(prefixKey(prefix), uint8(1)); err != nil {
			return err
		}
	}
	for _, port := range r.ports {
		k := portKey{Addr: port.Addr.As16(), Proto: port.Proto}
		binary.BigEndian.PutUint16(k.Port[:], port.Port)
		if err := p.ports.Put(k, uint8(1)); err != nil {
			return err
		}
	}
	for _, a := range r.tagged {
		if err := p.tagged.Put(taggedKey{a.Addr.As16(), uint32(a.VLAN)}, uint8(1)); err != nil {
			return err
		}
	}
	return nil
}

// close frees what was made. An attached program stays until it is replaced or
// its link is closed. Closing a descriptor of our own cannot fail in a way that
// anybody could help; those that were never made are nil, which is allowed.
func (p *loaded) close() {
	_ = p.prog.Close()
	_ = p.lpm.Close()
	_ = p.ports.Close()
	_ = p.tagged.Close()
}

// prefixKey writes a prefix as one of IPv6; IPv4 is ::ffff:0:0/96
// (RFC 4291, 2.5.5.2).
func prefixKey(p netip.Prefix) lpmKey {
	bits := p.Bits()
	if p.Addr().Is4() {
		bits += 96
	}
	return lpmKey{Bits: uint32(bits), Addr: p.Addr().As16()}
}
