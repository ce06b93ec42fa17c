// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package bpf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/nftables"
	"github.com/google/nftables/expr"
	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"

	"cygnet/internal/wire"
)

const (
	// priority of the chain: before connection tracking's defragmentation (-400)
	// and everything else (linux/netfilter_ipv4.h).
	priority = -500

	// elementsPerMessage keeps a list of set elements, some 60 octets each,
	// within the 64 KiB of a netlink attribute.
	elementsPerMessage = 500

	// socketBytes is how large a transaction may be; netlink(7) wants all of it
	// in the send buffer.
	socketBytes = 16 << 20
)

// nft is the drop as a table of nftables (the number behind each name is that
// of the generation):
//
//	table netdev cygnet_eth1 {
//	    set addrs4_0 { type ipv4_addr; flags interval; }
//	    set addrs6_0 { type ipv6_addr; flags interval; }
//	    set ports4_0 { type ipv4_addr . inet_proto . inet_service; }
//	    set ports6_0 { type ipv6_addr . inet_proto . inet_service; }
//	    set tagged4_0 { type VID . ipv4_addr; }
//	    set tagged6_0 { type VID . ipv6_addr; }
//	    chain ingress_0 {
//	        type filter hook ingress device "eth1" priority -500; policy accept;
//	        meta pkttype != host accept
//	        vlan type 802.1q vlan id != 0 vlan id . ip daddr @tagged4_0 drop
//	        vlan type 802.1q vlan id != 0 icmpv6 type 133-137 accept
//	        vlan type 802.1q vlan id != 0 vlan id . ip6 daddr @tagged6_0 drop
//	        vlan type 802.1q vlan id != 0 accept (and the same of 802.1ad)
//	        ip frag-off & 0x1fff != 0 ip daddr @addrs4_0 drop
//	        ip frag-off & 0x1fff != 0 accept
//	        ip daddr @addrs4_0 drop
//	        ip daddr . meta l4proto . th dport @ports4_0 drop
//	        frag frag-off != 0 ip6 daddr @addrs6_0 drop
//	        frag frag-off != 0 accept
//	        icmpv6 type 133-137 accept
//	        ip6 daddr @addrs6_0 drop
//	        ip6 daddr . meta l4proto . th dport @ports6_0 drop
//	    }
//	}
//
// It has no state here. The kernel finds the transport header behind options and
// extension headers. It also finds one in later fragments, where there is none
// (nft_payload_fast_eval in net/netfilter/nf_tables_core.c does not look at the
// fragment offset), so these are judged before.
type nft struct {
	ifname string
}

// installNFT makes the table, or takes over one of that name that is there.
func installNFT(ifname string, r rules) (*nft, error) {
	n := &nft{ifname: ifname}
	if err := n.update(r); err != nil {
		return nil, err
	}
	return n, nil
}

func (n *nft) kind() string { return "nft" }

// update adds a new generation, and when that is at work removes the others. To
// do both in one transaction would leave a gap: the new chain stands before the
// old, and a packet between the two when they change places meets neither.
func (n *nft) update(r rules) error {
	conn, err := dial()
	if err != nil {
		return err
	}
	t := conn.AddTable(table(n.ifname))
	if err := conn.Flush(); err != nil {
		return fmt.Errorf("add table %s: %w", t.Name, err)
	}
	old, err := contents(conn, t)
	if err != nil {
		return fmt.Errorf("list table %s: %w", t.Name, err)
	}
	if err := build(conn, t, n.ifname, old.unused(), r); err != nil {
		return fmt.Errorf("build table %s: %w", t.Name, err)
	}
	if err := conn.Flush(); err != nil {
		return fmt.Errorf("fill table %s: %w", t.Name, err)
	}
	old.remove(conn)
	if err := conn.Flush(); err != nil {
		return fmt.Errorf("remove what was in table %s: %w", t.Name, err)
	}
	return nil
}

func (n *nft) close() error { return removeTable(n.ifname) }

// generations is what is in a table, of one generation or, after a crash, more.
type generations struct {
	chains []*nftables.Chain
	sets   []*nftables.Set
}

// contents lists what is in the table.
func contents(conn *nftables.Conn, t *nftables.Table) (g generations, err error) {
	all, err := conn.ListChainsOfTableFamily(t.Family)
	if err != nil {
		return g, err
	}
	for _, c := range all {
		if c.Table.Name == t.Name {
			g.chains = append(g.chains, c)
		}
	}
	g.sets, err = conn.GetSets(t)
	return g, err
}

// unused gives a suffix that no name has.
func (g generations) unused() string {
	for i := 0; ; i++ {
		suffix := fmt.Sprintf("_%d", i)
		inChain := slices.ContainsFunc(g.chains, func(c *nftables.Chain) bool { return strings.HasSuffix(c.Name, suffix) })
		inSet := slices.ContainsFunc(g.sets, func(s *nftables.Set) bool { return strings.HasSuffix(s.Name, suffix) })
		if !inChain && !inSet {
			return suffix
		}
	}
}

// remove deletes them all, the chains first, whose rules use the sets.
func (g generations) remove(conn *nftables.Conn) {
	for _, c := range g.chains {
		conn.DelChain(c)
	}
	for _, s := range g.sets {
		conn.DelSet(s)
	}
}

// removeTable removes the interface's table; that there is none is no error.
func removeTable(ifname string) error {
	conn, err := dial()
	if err != nil {
		return err
	}
	t := table(ifname)
	conn.DelTable(t)
	if err := conn.Flush(); err != nil && !errors.Is(err, unix.ENOENT) {
		return fmt.Errorf("remove table %s: %w", t.Name, err)
	}
	return nil
}

// dial makes a connection that opens a socket for each transaction.
func dial() (*nftables.Conn, error) {
	return nftables.New(nftables.WithSockOptions(func(c *netlink.Conn) error {
		return c.SetWriteBuffer(socketBytes)
	}))
}

func table(ifname string) *nftables.Table {
	return &nftables.Table{Family: nftables.TableFamilyNetdev, Name: "cygnet_" + ifname}
}

// family is what differs between IPv4 and IPv6.
type family struct {
	name      string // in the names of sets
	is4       bool
	etherType uint16
	key       nftables.SetDatatype
	dst       uint32     // offset of the destination in the IP header
	words     uint32     // length of an address in registers of four octets
	later     []expr.Any // matches fragments but the first
}

// families lists both.
func families() []family {
	return []family{
		{name: "4", etherType: wire.EtherTypeIPv4, key: nftables.TypeIPAddr, dst: 16, words: 1, is4: true, later: laterFragment4()},
		{name: "6", etherType: wire.EtherTypeIPv6, key: nftables.TypeIP6Addr, dst: 24, words: 4, later: laterFragment6()},
	}
}

// build adds the chain, the sets with their elements, and the rules of a
// generation.
func build(conn *nftables.Conn, t *nftables.Table, ifname, suffix string, r rules) error {
	policy := nftables.ChainPolicyAccept
	chain := conn.AddChain(&nftables.Chain{
		Table: t, Name: "ingress" + suffix, Type: nftables.ChainTypeFilter, Policy: &policy,
		Hooknum: nftables.ChainHookIngress, Priority: nftables.ChainPriorityRef(priority), Device: ifname,
	})
	rule := func(parts ...[]expr.Any) {
		conn.AddRule(&nftables.Rule{Table: t, Chain: chain, Exprs: slices.Concat(parts...)})
	}
	rule(notToUs(), verdict(expr.VerdictAccept))
	tagged := taggedBy(unix.ETH_P_8021Q)
	for _, f := range families() {
		addrs := &nftables.Set{Table: t, Name: "tagged" + f.name + suffix, Concatenation: true,
			KeyType: nftables.MustConcatSetType(nftables.TypeInetService, f.key)} // of numbers of two octets, all types are alike
		if err := addSet(conn, addrs, onVLANs(r, f)); err != nil {
			return err
		}
		if !f.is4 {
			rule(tagged, isType(f.etherType), isND(), verdict(expr.VerdictAccept))
		}
		rule(tagged, isType(f.etherType), taggedIn(f, addrs), verdict(expr.VerdictDrop))
	}
	rule(tagged, verdict(expr.VerdictAccept))
	rule(taggedBy(unix.ETH_P_8021AD), verdict(expr.VerdictAccept))
	for _, f := range families() {
		addrs := &nftables.Set{Table: t, Name: "addrs" + f.name + suffix, KeyType: f.key, Interval: true}
		ports := &nftables.Set{Table: t, Name: "ports" + f.name + suffix, Concatenation: true,
			KeyType: nftables.MustConcatSetType(f.key, nftables.TypeInetProto, nftables.TypeInetService)}
		if err := errors.Join(
			addSet(conn, addrs, intervals(r, f)),
			addSet(conn, ports, endpoints(r, f)),
		); err != nil {
			return err
		}
		rule(isType(f.etherType), f.later, addressIn(f, addrs), verdict(expr.VerdictDrop))
		rule(isType(f.etherType), f.later, verdict(expr.VerdictAccept))
		if !f.is4 {
			rule(isType(f.etherType), isND(), verdict(expr.VerdictAccept))
		}
		rule(isType(f.etherType), addressIn(f, addrs), verdict(expr.VerdictDrop))
		rule(isType(f.etherType), endpointIn(f, ports), verdict(expr.VerdictDrop))
	}
	return nil
}

// addSet adds a set and its elements, in messages that are not too long.
func addSet(conn *nftables.Conn, s *nftables.Set, elements []nftables.SetElement) error {
	if err := conn.AddSet(s, nil); err != nil {
		return err
	}
	for chunk := range slices.Chunk(elements, elementsPerMessage) {
		if err := conn.SetAddElements(s, chunk); err != nil {
			return err
		}
	}
	return nil
}

// intervals gives the whole addresses of the family: each range by its first
// address and the one behind its last.
func intervals(r rules, f family) (all []nftables.SetElement) {
	for _, rg := range r.whole.Ranges() {
		if rg.From().Is4() != f.is4 {
			continue
		}
		all = append(all, nftables.SetElement{Key: rg.From().AsSlice()})
		if end := rg.To().Next(); end.IsValid() {
			all = append(all, nftables.SetElement{Key: end.AsSlice(), IntervalEnd: true})
		}
	}
	return all
}

// endpoints gives the ports of the family: address, protocol and port, each
// filled up to four octets.
func endpoints(r rules, f family) (all []nftables.SetElement) {
	for _, p := range r.ports {
		if p.Addr.Is4() != f.is4 {
			continue
		}
		key := append(p.Addr.AsSlice(), p.Proto, 0, 0, 0)
		key = append(binary.BigEndian.AppendUint16(key, p.Port), 0, 0)
		all = append(all, nftables.SetElement{Key: key})
	}
	return all
}

// onVLANs gives the addresses of the family on VLANs: VID and address, each filled
// up to four octets.
func onVLANs(r rules, f family) (all []nftables.SetElement) {
	for _, a := range r.tagged {
		if a.Addr.Is4() == f.is4 {
			key := append(binary.BigEndian.AppendUint16(nil, a.VLAN), 0, 0)
			all = append(all, nftables.SetElement{Key: append(key, a.Addr.AsSlice()...)})
		}
	}
	return all
}
