// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package bpf

import (
	"encoding/binary"
	"errors"
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

// tcx is the drop as a program on a tcx link. What its maps hold is remembered
// here, so that an update touches only what changed.
type tcx struct {
	lpm, ports *ebpf.Map
	prog       *ebpf.Program
	link       link.Link
	inLPM      map[lpmKey]struct{}
	inPorts    map[portKey]struct{}
}

// installTCX loads the program, fills its maps and attaches it, before all
// others on the interface.
func installTCX(ifindex int, r rules) (*tcx, error) {
	t, err := loadTCX()
	if err != nil {
		return nil, err
	}
	if err := t.update(r); err != nil {
		return nil, errors.Join(err, t.close())
	}
	t.link, err = link.AttachTCX(link.TCXOptions{
		Interface: ifindex,
		Program:   t.prog,
		Attach:    ebpf.AttachTCXIngress,
		Anchor:    link.Head(),
	})
	if err != nil {
		_ = t.close()
		return nil, fmt.Errorf("attach: %w", err)
	}
	return t, nil
}

// loadTCX makes the maps and loads the program, attached to nothing.
func loadTCX() (*tcx, error) {
	t := &tcx{inLPM: map[lpmKey]struct{}{}, inPorts: map[portKey]struct{}{}}
	var err error
	if t.lpm, err = ebpf.NewMap(&ebpf.MapSpec{
		Name: "cygnet_addrs", Type: ebpf.LPMTrie, KeySize: 20, ValueSize: 1,
		MaxEntries: maxPrefixes, Flags: unix.BPF_F_NO_PREALLOC,
	}); err != nil {
		return nil, fmt.Errorf("make map of addresses: %w", err)
	}
	if t.ports, err = ebpf.NewMap(&ebpf.MapSpec{
		Name: "cygnet_ports", Type: ebpf.Hash, KeySize: 20, ValueSize: 1,
		MaxEntries: maxPorts, Flags: unix.BPF_F_NO_PREALLOC,
	}); err != nil {
		_ = t.close()
		return nil, fmt.Errorf("make map of ports: %w", err)
	}
	if t.prog, err = ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "cygnet_drop", Type: ebpf.SchedCLS, License: "MIT",
		Instructions: program(t.lpm.FD(), t.ports.FD()),
	}); err != nil {
		_ = t.close()
		return nil, fmt.Errorf("load program: %w", err)
	}
	return t, nil
}

func (t *tcx) kind() string { return "tcx" }

// update adds everything new before it removes anything old: an address that
// moves from one rule to another is dropped all the while.
func (t *tcx) update(r rules) error {
	lpm, ports := map[lpmKey]struct{}{}, map[portKey]struct{}{}
	for _, p := range r.whole.Prefixes() {
		lpm[prefixKey(p)] = struct{}{}
	}
	for _, p := range r.ports {
		k := portKey{Addr: p.Addr.As16(), Proto: p.Proto}
		binary.BigEndian.PutUint16(k.Port[:], p.Port)
		ports[k] = struct{}{}
	}
	if err := errors.Join(add(t.lpm, t.inLPM, lpm), add(t.ports, t.inPorts, ports)); err != nil {
		return fmt.Errorf("add to ingress drop: %w", err)
	}
	if err := errors.Join(remove(t.lpm, t.inLPM, lpm), remove(t.ports, t.inPorts, ports)); err != nil {
		return fmt.Errorf("remove from ingress drop: %w", err)
	}
	return nil
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

// add puts the keys wanted into the map that are not there.
func add[K comparable](m *ebpf.Map, have, want map[K]struct{}) error {
	for k := range want {
		if _, ok := have[k]; ok {
			continue
		}
		if err := m.Put(k, uint8(1)); err != nil {
			return err
		}
		have[k] = struct{}{}
	}
	return nil
}

// remove takes the keys out of the map that are not wanted.
func remove[K comparable](m *ebpf.Map, have, want map[K]struct{}) error {
	for k := range have {
		if _, ok := want[k]; ok {
			continue
		}
		if err := m.Delete(k); err != nil && !errors.Is(err, ebpf.ErrKeyNotExist) {
			return err
		}
		delete(have, k)
	}
	return nil
}

// close detaches the program and frees everything, as far as it was made.
func (t *tcx) close() error {
	var err error
	if t.link != nil {
		err = t.link.Close()
	}
	// Close of a nil program or map is no error.
	return errors.Join(err, t.prog.Close(), t.lpm.Close(), t.ports.Close())
}
