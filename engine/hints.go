// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package engine

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"cygnet/internal/events"
	"cygnet/internal/neigh"
	"cygnet/internal/wire"
)

// hintEvery is how often a hint that repeats itself is given.
const hintEvery = 10 * time.Minute

// quietServer is what makes a server leave a VIP's ARP to us.
const quietServer = "on that server: sysctl -w net.ipv4.conf.all.arp_ignore=1 net.ipv4.conf.all.arp_announce=2"

// report adds an event. The caller holds mu.
func (e *Engine) report(ev events.Event) {
	ev.Time = e.now
	e.events.Add(ev)
}

// neighbourChanged reports what the neighbour table of that VLAN found. It is
// called with mu held.
func (e *Engine) neighbourChanged(vlan uint16, c neigh.Change) {
	ev := events.Event{Addr: c.Addr, MAC: c.MAC, Was: c.Was}
	t := e.table.Load()
	switch c.Kind {
	case neigh.Resolved:
		ev.Kind = events.ServerResolved
	case neigh.Moved:
		ev.Kind = events.ServerMoved
	case neigh.Lost:
		ev.Kind, ev.Text = events.ServerLost, "it answers neither ARP nor neighbour discovery"
	case neigh.Silent:
		ev.Kind = events.ServerSilent
	case neigh.Announced:
		ev.Kind = events.Announced
	case neigh.Disputed:
		ev.Kind, ev.Text = events.Conflict, t.dispute(vlan, c)
	case neigh.Undisputed:
		ev.Kind = events.ConflictOver
	}
	if t != nil {
		ev.Service, ev.Server = t.usersOf(vlan, c.Addr)
	}
	e.report(ev)
	if t != nil && c.Kind <= neigh.Silent {
		t.heardOf(vlan, c.Addr)
		for _, srv := range t.byAddr[segmentAddr{vlan, c.Addr}] {
			e.weighOne(srv.service)
		}
	}
	if t != nil && (c.Kind == neigh.Resolved || c.Kind == neigh.Moved) {
		e.serverDisputes(t, vlan, c)
	}
}

// serverDisputes reports a server that turns out to be the other host that
// answers for its service's VIP: the classic mistake.
func (e *Engine) serverDisputes(t *table, vlan uint16, c neigh.Change) {
	for _, srv := range t.byAddr[segmentAddr{vlan, c.Addr}] {
		if svc := srv.service; svc.claim != nil && svc.claim.Rival() == c.MAC {
			e.neighbourChanged(vlan, neigh.Change{Kind: neigh.Disputed, Addr: svc.cfg.VIP, MAC: c.MAC, Held: svc.claim.Held()})
			return
		}
	}
}

// dispute says in words what another host's claim to an address of ours means.
func (t *table) dispute(vlan uint16, c neigh.Change) string {
	if t == nil || t.on(vlan) == nil {
		return ""
	}
	var b strings.Builder
	switch _, source := t.on(vlan).sources[c.Addr]; {
	case source && !c.Held:
		fmt.Fprintf(&b, "%s answers for this source address%s: it is not used", c.MAC, vlanWord(vlan))
	case c.Held:
		fmt.Fprintf(&b, "%s answers for it, too: clients reach one or the other", c.MAC)
	default:
		fmt.Fprintf(&b, "%s answers for it: silent until nobody else does", c.MAC)
	}
	for _, svc := range t.services {
		if srv := svc.serverOf(c.MAC); srv != nil && svc.cfg.VIP == c.Addr && svc.cfg.VLAN == vlan {
			fmt.Fprintf(&b, "; that is server %s (%s) of service %s: %s", srv.cfg.label(), srv.cfg.Addr, svc.cfg.Name, quietServer)
			break
		}
	}
	return b.String()
}

// usersOf names the services on that VLAN that a is the VIP or a server of, and in
// the latter case the server in the first of them.
func (t *table) usersOf(vlan uint16, a netip.Addr) (services, server string) {
	var names []string
	for i, srv := range t.byAddr[segmentAddr{vlan, a}] {
		if i == 0 {
			server = srv.cfg.label()
		}
		if name := srv.service.cfg.Name; i == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	if len(names) > 0 {
		return strings.Join(names, ","), server
	}
	for _, svc := range t.services {
		if svc.cfg.VIP == a && svc.cfg.VLAN == vlan {
			names = append(names, svc.cfg.Name)
		}
	}
	return strings.Join(names, ","), server
}

// label is what an operator calls the server: its name, else its number.
func (s Server) label() string {
	if s.Name != "" {
		return s.Name
	}
	return strconv.Itoa(s.Number)
}

// called is how a sentence calls the server: by its name, else as server 0.
func (s Server) called() string {
	if s.Name != "" {
		return s.Name
	}
	return "server " + strconv.Itoa(s.Number)
}

// hints are about what goes on. Of loops there is one a service in hintEvery, of
// SYNs that are sent again one a server; asking from 0.0.0.0 is told when it begins.
type hints struct {
	e        *Engine
	fromZero map[uint16]bool      // by VLAN
	loops    map[string]time.Time // by service
	retries  time.Time            // when SYNs were last looked at
}

// give looks for something to hint at.
func (h *hints) give() {
	h.e.mu.Lock()
	defer h.e.mu.Unlock()
	h.lookForZero()
	for _, svc := range h.e.table.Load().services {
		if mac := wire.MACFromUint64(svc.looping.Swap(0)); !mac.IsZero() {
			h.loop(svc, mac)
		}
	}
	if h.e.now.Sub(h.retries) >= retriesEvery {
		h.retries = h.e.now
		h.lookForRetries()
	}
}

// lookForZero reports where servers are asked for from 0.0.0.0.
func (h *hints) lookForZero() {
	zero := map[uint16]bool{}
	for _, vlan := range h.e.neighbours.order {
		if !h.e.neighbours.table(vlan).AsksFromZero() {
			continue
		}
		if zero[vlan] = true; h.fromZero[vlan] {
			continue
		}
		remedy := "give the interface an address, or name an unused one of the servers' subnet with `source ADDR`"
		if vlan != 0 {
			remedy = fmt.Sprintf("name an unused address of the servers' subnet with `source ADDR vlan %d`", vlan)
		}
		h.e.report(events.Event{Kind: events.AskedFromZero, Text: "hosts may take that for a conflict probe; " + remedy})
	}
	h.fromZero = zero
}

// loop reports that frames of svc came back from mac.
func (h *hints) loop(svc *service, mac wire.MAC) {
	if last, ok := h.loops[svc.cfg.Name]; ok && h.e.now.Sub(last) < hintEvery {
		return
	}
	if h.loops == nil {
		h.loops = map[string]time.Time{}
	}
	h.loops[svc.cfg.Name] = h.e.now
	ev := events.Event{Kind: events.Looping, Service: svc.cfg.Name, Addr: svc.cfg.VIP, MAC: mac}
	srv := svc.serverOf(mac)
	if srv != nil {
		ev.Server = srv.cfg.label()
	}
	switch {
	case mac == h.e.table.Load().mac:
		ev.Text = "that server has this machine's own MAC: a cloned card?"
	case srv != nil:
		ev.Text = fmt.Sprintf("server %s (%s) sends them back: is %s missing on its lo? `ip addr add %s dev lo`", ev.Server, srv.cfg.Addr, svc.cfg.VIP, hostPrefix(svc.cfg.VIP))
	}
	h.e.report(ev)
}

func hostPrefix(a netip.Addr) netip.Prefix { return netip.PrefixFrom(a, a.BitLen()) }
