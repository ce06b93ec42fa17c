// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"net/netip"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"cygnet/engine"
)

// bindings are the keys for the list that is chosen.
func (p *flowsPanel) bindings(m *model) []binding {
	var all []binding
	if _, _, ok := p.client(); ok {
		if !m.readOnly {
			all = append(all, bind("x", "deny: a rule for this client, in the client_acl of its service", p.deny).brief())
		}
		all = append(all,
			bind("f", "flows: those of this client, among the busiest", then(p.showFlowsOf)).brief(),
			bind("enter", "details: all that is known of it", then(p.detail)).brief())
	}
	if p.view != viewServers {
		all = append(all,
			bind("s", "sort: by the next column", then(func(m *model) { p.sortNext(); p.refresh(m) })).brief(),
			bind("S", "sort the other way round", then(func(m *model) { p.by[p.view].reverse = !p.by[p.view].reverse; p.refresh(m) })))
	}
	all = append(all,
		bind("v", "view: list the busiest flows, busiest clients, latest clients, servers", then(func(m *model) { p.turn(m, +1) }), "v", "l", "right").brief(),
		bind("h", "the view before", then(func(m *model) { p.turn(m, -1) }), "h", "left"))
	return append(all, p.list().bindings(p.choose)...)
}

// sortNext sorts by the next column that can be sorted by; -1 is as it comes, the
// busiest first, or the latest.
func (p *flowsPanel) sortNext() {
	cycle := []int{-1, flowBytes, flowOpen, flowOpened, flowAge, flowIdle, flowClient, flowServer}
	if p.view == viewFlows {
		cycle = []int{-1, flowBytes, flowAge, flowIdle, flowState, flowClient, flowServer}
	}
	if p.view == viewLatest {
		cycle = slices.Insert(cycle, 1, flowRate)
	}
	p.by[p.view] = order{column: cycle[(slices.Index(cycle, p.by[p.view].column)+1)%len(cycle)]}
}

// client is the client that is selected, and the service that it uses.
func (p *flowsPanel) client() (addr netip.Addr, service string, ok bool) {
	switch p.view {
	case viewFlows:
		if f := p.flow(); f != nil {
			return f.Client.Addr(), f.Service, f.Client.IsValid()
		}
	case viewClients, viewLatest:
		c := &p.clients[p.view]
		return c.selected.addr, c.selected.service, c.there() && c.selected.addr.IsValid()
	}
	return addr, "", false
}

// flow is the flow that is selected; nil where there is none.
func (p *flowsPanel) flow() *engine.FlowSnapshot {
	if i := p.flows.cursor; p.flows.there() && i < len(p.shownFlows) {
		return &p.shownFlows[i]
	}
	return nil
}

// deny begins a rule that denies the service to the client.
func (p *flowsPanel) deny(m *model) tea.Cmd {
	addr, service, ok := p.client()
	if !ok || m.live.snap == nil {
		return nil
	}
	m.openDenial(m.live.clientListOf(service), addrWord(addr))
	return nil
}

// showFlowsOf lists the flows of the client alone.
func (p *flowsPanel) showFlowsOf(m *model) {
	addr, _, ok := p.client()
	if !ok {
		return
	}
	p.view = viewFlows
	text := "client=" + netip.AddrPortFrom(addr.WithZone(""), 0).String() // a zone may be any text
	p.setFilter(m, newFilter(text[:len(text)-1]))                         // less the port
}

// detail shows all that is known of what is selected, as it changes.
func (p *flowsPanel) detail(m *model) {
	if p.view == viewFlows {
		f := p.flow()
		key, title := keyOfFlow(f), "flow of "+f.Client.String()
		m.pager = livePager(m, title, func(m *model) (string, bool) {
			all := m.see().snap.TopFlows
			i := slices.IndexFunc(all, func(f engine.FlowSnapshot) bool { return keyOfFlow(&f) == key })
			if i < 0 {
				return "", false
			}
			return flowDetails(&all[i], m.see()), true
		})
		return
	}
	key := p.clients[p.view].selected
	m.pager = livePager(m, "client "+key.addr.String(), func(m *model) (string, bool) {
		for _, all := range [][]engine.ClientSnapshot{m.see().snap.TopClients, m.see().snap.LatestClients} {
			for i := range all {
				if c := &all[i]; c.Addr == key.addr && c.Service == key.service {
					return clientDetails(c, m.see()), true
				}
			}
		}
		return "", false
	})
}

func flowDetails(f *engine.FlowSnapshot, s *scene) string {
	var d details
	d.row("client", "%s", f.Client)
	d.row("vip", "%s/%s", f.VIP, protoWord(f.Proto))
	d.row("service", "%s", f.Service)
	d.row("server", "%s", serverNames(s.reading)(f.Service, f.Server))
	d.row("state", "%s", f.State)
	d.row("began", "%s, %s ago", f.Started.Local().Format(time.DateTime), ago(s, f.Started))
	d.row("last", "%s, %s ago", f.Seen.Local().Format(time.DateTime), ago(s, f.Seen))
	d.row("traffic", "%s; %d frames, %d bytes", bits(float64(f.Rate)), f.Traffic.Frames, f.Traffic.Bytes)
	return d.String()
}

func clientDetails(c *engine.ClientSnapshot, s *scene) string {
	var d details
	d.row("client", "%s", c.Addr)
	d.row("service", "%s", c.Service)
	d.row("server", "%s, of its newest flow", serverNames(s.reading)(c.Service, c.Server))
	d.row("flows", "%d open, %d since it is known", c.Open, c.Opened)
	d.row("known", "since %s, for %s", c.Started.Local().Format(time.DateTime), ago(s, c.Started))
	d.row("last", "%s, %s ago", c.Seen.Local().Format(time.DateTime), ago(s, c.Seen))
	d.row("traffic", "%s; %d bytes", bits(float64(c.Rate)), c.Bytes)
	d.WriteString("\nits flows, of the busiest:\n")
	for i := range s.snap.TopFlows {
		if f := &s.snap.TopFlows[i]; f.Client.Addr() == c.Addr && f.Service == c.Service {
			d.row("", "port %d  %s  %s  %s old, %s idle, %d bytes", f.Client.Port(), serverNames(s.reading)(f.Service, f.Server), f.State, ago(s, f.Started), ago(s, f.Seen), f.Traffic.Bytes)
		}
	}
	return d.String()
}
