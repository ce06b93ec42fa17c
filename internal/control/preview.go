// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package control

import (
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"

	"cygnet/engine"
	"cygnet/internal/command"
	"cygnet/internal/config"
	"cygnet/internal/sched"
)

// preview reads lines, tells what they would do, and does nothing. They are
// taken for meant: also of what needs `force` the effect is shown.
func (d *Desk) preview(who command.Who, lines []string) string {
	r := d.read(who, lines, true)
	if len(r.Problems) > 0 {
		return refused(r.Problems)
	}
	before, told, problems := d.opt.Machine.Engine(d.cfg)
	after, notices, more := d.opt.Machine.Engine(r.Config)
	if problems = append(problems, more...); len(problems) > 0 {
		return refused(problems)
	}
	differences := command.Differences(d.cfg, r.Config)
	if command.Same(d.cfg, r.Config) {
		return "changes: none\n" + notes(r.Notes, nil)
	}
	var b strings.Builder
	for _, diff := range differences {
		if len(diff.Lines) > 0 {
			fmt.Fprintf(&b, "changes: %s\n", summary(diff.Lines))
		}
	}
	previewLists(&b, d.cfg, r.Config)
	snap := d.opt.Machine.Snapshot()
	previewClients(&b, before, after, differences, snap)
	fmt.Fprintf(&b, "flows: %s\n", fateOf(before, after, snap))
	gone, come := capturedChange(before.Tarpit.Captured, after.Tarpit.Captured)
	fmt.Fprintf(&b, "captured: %d addresses, %d more and %d fewer than now\n", addresses(after.Tarpit.Captured), come, gone)
	if a, ok := addressOf(who); ok && !Permits(r.Config.ControlTable(), a) {
		fmt.Fprintf(&b, "warning: control_acl would refuse you, %s\n", a)
	}
	return b.String() + notes(r.Notes, untold(notices, told))
}

// untold returns the notices that were not told before: a change is told what
// it changes, not what was so already.
func untold(notices, told []config.Notice) (fresh []config.Notice) {
	known := map[config.Notice]bool{}
	for _, n := range told {
		known[n] = true
	}
	for _, n := range notices {
		if !known[n] {
			fresh = append(fresh, n)
		}
	}
	return fresh
}

// previewLists tells of each list whose default would turn round.
func previewLists(b *strings.Builder, before, after *config.Config) {
	for _, name := range slices.Sorted(maps.Keys(after.Lists)) {
		l := after.Lists[name]
		if was := before.Lists[name]; was != nil && was.Len() > 0 && was.Default() != l.Default() {
			fmt.Fprintf(b, "acl %s: what matches no entry turns from %s to %s\n", name, was.Default(), l.Default())
		}
	}
}

// previewed is how many clients are tried: enough for half a per cent.
const previewed = 20000

// mostServices is for how many services they are: everybody else waits.
const mostServices = 20

// previewClients tells for each service that a difference is about how many
// clients would meet another server, or be refused, by trying many.
func previewClients(b *strings.Builder, before, after engine.Config, differences []command.Difference, snap *engine.Snapshot) {
	was := map[string]engine.Service{}
	for _, s := range before.Services {
		was[s.Name] = s
	}
	usable := usableServers(snap)
	left, more := mostServices, 0
	for _, is := range after.Services {
		old, there := was[is.Name]
		if !there || !slices.ContainsFunc(differences, func(d command.Difference) bool { return concerns(d.ID, is) || concerns(d.ID, old) }) {
			continue
		}
		if left == 0 {
			more++
			continue
		}
		left--
		if is.Mode == sched.LeastConn {
			fmt.Fprintf(b, "clients of service %s: new flows would go to the server with the fewest for its weight\n", is.Name)
			continue
		}
		moved := movedClients(newChooser(before.Key, old, usable), newChooser(after.Key, is, usable))
		if moved > 0 {
			fmt.Fprintf(b, "clients of service %s: %.1f %% would meet another server, or none\n", is.Name, 100*moved)
		}
	}
	if more > 0 {
		fmt.Fprintf(b, "clients of %d more services: not tried\n", more)
	}
}

// concerns says whether a difference may change what s chooses. To try every
// service for a change of one would take long where there are many.
func concerns(id string, s engine.Service) bool {
	if of, named := strings.CutPrefix(id, "service "); named {
		return strings.HasPrefix(of+" ", s.Name+" ")
	}
	name, isList := strings.CutPrefix(id, "acl ")
	if !isList { // of the default service, or of all
		return s.Name == config.DefaultService || id == "standby" || strings.HasPrefix(id, "secret") || strings.HasPrefix(id, "geoip")
	}
	named := func(l *engine.List) bool { return l != nil && l.Name == name }
	return named(s.Clients) || slices.ContainsFunc(s.Servers, func(v engine.Server) bool { return named(v.Clients) })
}

// movedClients is the share of clients, of all there could be, for whom was
// and is choose differently. A client is an address of the VIP's family.
func movedClients(was, is *chooser) float64 {
	moved := 0
	for n := range uint32(previewed) {
		client, port := tried(n, is.service.VIP.Is4())
		if was.choose(client, port) != is.choose(client, port) {
			moved++
		}
	}
	return float64(moved) / previewed
}

// tried is the n-th client to try. The stride spreads them over all addresses,
// so that lists count by what they cover.
func tried(n uint32, v4 bool) (netip.Addr, uint16) {
	spread := n * uint32(math.MaxUint32/previewed)
	var b [16]byte
	if v4 {
		binary.BigEndian.PutUint32(b[:], spread+n%251)
		return netip.AddrFrom4([4]byte(b[:4])), uint16(1024 + n%60000)
	}
	b[0] = 0x20 // global unicast, RFC 4291 section 2.4
	binary.BigEndian.PutUint32(b[4:], spread)
	binary.BigEndian.PutUint32(b[12:], n)
	return netip.AddrFrom16(b), uint16(1024 + n%60000)
}

// chooser chooses as the engine's workers do.
type chooser struct {
	key     sched.Key
	service engine.Service
	plan    *sched.Plan
	usable  []bool // by server: its MAC is known, and no check has found it down
}

func newChooser(key sched.Key, s engine.Service, usable map[serverOf]bool) *chooser {
	ch := &chooser{key: key, service: s}
	var choices []sched.Server
	for _, v := range s.Servers {
		choices = append(choices, sched.Server{Addr: v.Addr, Weight: v.Weight, Prio: v.Prio})
		can, there := usable[serverOf{s.Name, v.Addr}]
		ch.usable = append(ch.usable, can || !there) // one that is new is taken to serve
	}
	ch.plan = sched.NewCompiler(key).Compile(s.Mode, choices)
	return ch
}

// serverOf tells servers apart: one host may be up for one service and down for
// another.
type serverOf struct {
	service string
	addr    netip.Addr
}

// usableServers says of each server that there is whether it could serve.
func usableServers(snap *engine.Snapshot) map[serverOf]bool {
	usable := map[serverOf]bool{}
	for _, s := range snap.Services {
		for _, v := range s.Servers {
			usable[serverOf{s.Name, v.Addr}] = !v.MAC.IsZero() && v.Health.State != engine.HealthDown
		}
	}
	return usable
}

// choose returns the address of the client's server; invalid if it has none.
func (c *chooser) choose(client netip.Addr, port uint16) netip.Addr {
	if c.service.Disabled || !permits(c.service.Clients, client) {
		return netip.Addr{}
	}
	if !c.service.Mode.Ports() {
		port = 0
	}
	i := c.plan.Pick(c.key.Client(client, port), func(i int) bool {
		v := c.service.Servers[i]
		return v.State == engine.Enabled && c.usable[i] && permits(v.Clients, client)
	})
	switch {
	case i >= 0:
		return c.service.Servers[i].Addr
	case c.service.Emergency != nil:
		return c.service.Emergency.Addr
	}
	return netip.Addr{}
}

func permits(l *engine.List, a netip.Addr) bool {
	if l == nil {
		return true
	}
	permit, _ := l.Table.Lookup(a)
	return permit
}

// capturedChange counts the captured addresses that go and that come.
func capturedChange(before, after []netip.Prefix) (gone, come uint64) {
	a, b := set(before), set(after)
	return addresses(less(a, b)), addresses(less(b, a))
}

func set(ps []netip.Prefix) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, p := range ps {
		b.AddPrefix(p)
	}
	s, _ := b.IPSet() // of valid prefixes, which is all that it could complain of
	return s
}

func less(a, b *netipx.IPSet) []netip.Prefix {
	var d netipx.IPSetBuilder
	d.AddSet(a)
	d.RemoveSet(b)
	s, _ := d.IPSet() // as above
	return s.Prefixes()
}

// addresses counts those of disjoint prefixes; what is beyond 64 bits counts
// as the largest number.
func addresses(ps []netip.Prefix) (n uint64) {
	for _, p := range ps {
		bits := p.Addr().BitLen() - p.Bits()
		if bits >= 64 || n > math.MaxUint64-1<<bits {
			return math.MaxUint64
		}
		n += 1 << bits
	}
	return n
}
