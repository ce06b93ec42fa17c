// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strconv"

	"cygnet/engine"
)

// flowsPanel is the tab of the flow table: how full it is, the busiest flows, the
// busiest and the latest clients, and which server has how many.
type flowsPanel struct {
	view   flowsView
	by     [flowsViews]order
	filter filter

	flows   chooser[flowKey]
	clients [flowsViews]chooser[clientKey] // of the two views of clients
	servers serverRows

	shownFlows   []engine.FlowSnapshot   // by row
	shownClients []engine.ClientSnapshot // by row, of the view that is chosen
	several      bool                    // there is more than one service
	long         bool                    // some addresses are of IPv6, so they want room
}

// flowsView is what the panel lists.
type flowsView int

const (
	viewFlows flowsView = iota
	viewClients
	viewLatest
	viewServers
	flowsViews
)

func (v flowsView) String() string {
	return [flowsViews]string{"flows", "clients", "latest", "servers"}[v]
}

// flowKey is what stays the same about a flow.
type flowKey struct {
	service     string
	client, vip netip.AddrPort
	proto       uint8
}

// clientKey is what stays the same about a client of a service.
type clientKey struct {
	addr    netip.Addr
	service string
}

func newFlowsPanel() *flowsPanel {
	p := &flowsPanel{}
	for v := range p.by {
		p.by[v].column = -1
	}
	return p
}

func (p *flowsPanel) name() string { return "Flows" }

// refresh takes in what there is to see, while anybody sees it.
func (p *flowsPanel) refresh(m *model) {
	now := m.see().reading
	if m.panel() != p || now.snap == nil {
		return
	}
	p.several, p.long = len(now.services) > 1, false
	switch p.view {
	case viewFlows:
		p.takeFlows(now)
	case viewClients:
		p.takeClients(now, now.snap.TopClients, nothingLeads)
	case viewLatest:
		p.takeClients(now, now.snap.LatestClients, firstLeads)
	case viewServers:
		p.servers.refresh(now, p.filter)
	}
}

func (p *flowsPanel) takeFlows(now *reading) {
	name := serverNames(now)
	p.shownFlows = p.shownFlows[:0]
	for _, f := range now.snap.TopFlows {
		f.Server = name(f.Service, f.Server)
		if p.filter.on() && !p.filter.passes(flowHaystack(&f)) {
			continue
		}
		p.long = p.long || !f.Client.Addr().Unmap().Is4()
		p.shownFlows = append(p.shownFlows, f)
	}
	arrange(p.shownFlows, p.by[viewFlows], compareFlows)
	keys := make([]flowKey, len(p.shownFlows))
	for i := range p.shownFlows {
		keys[i] = keyOfFlow(&p.shownFlows[i])
	}
	p.flows.take(keys, nothingLeads, func() int { return slices.Index(keys, p.flows.selected) })
}

func keyOfFlow(f *engine.FlowSnapshot) flowKey { return flowKey{f.Service, f.Client, f.VIP, f.Proto} }

func (p *flowsPanel) takeClients(now *reading, all []engine.ClientSnapshot, by lead) {
	name := serverNames(now)
	p.shownClients = p.shownClients[:0]
	for _, c := range all {
		c.Server = name(c.Service, c.Server)
		if p.filter.on() && !p.filter.passes(clientHaystack(&c)) {
			continue
		}
		p.long = p.long || !c.Addr.Unmap().Is4()
		p.shownClients = append(p.shownClients, c)
	}
	if p.by[p.view].column >= 0 || p.by[p.view].reverse {
		by = nothingLeads
	}
	arrange(p.shownClients, p.by[p.view], compareClients)
	keys := make([]clientKey, len(p.shownClients))
	for i := range p.shownClients {
		keys[i] = clientKey{p.shownClients[i].Addr, p.shownClients[i].Service}
	}
	chosen := &p.clients[p.view]
	chosen.take(keys, by, func() int { return slices.Index(keys, chosen.selected) })
}

// arrange sorts what came in the balancer's own order.
func arrange[T any](rows []T, by order, compare func(a, b *T, column int) int) {
	if by.column >= 0 {
		slices.SortStableFunc(rows, func(a, b T) int {
			if by.reverse {
				return compare(&b, &a, by.column)
			}
			return compare(&a, &b, by.column)
		})
	} else if by.reverse {
		slices.Reverse(rows)
	}
}

func compareFlows(a, b *engine.FlowSnapshot, column int) int {
	switch column {
	case flowClient:
		return a.Client.Compare(b.Client)
	case flowServer:
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Server, b.Server))
	case flowState:
		return cmp.Compare(a.State, b.State)
	case flowAge:
		return a.Started.Compare(b.Started)
	case flowIdle:
		return a.Seen.Compare(b.Seen)
	case flowBytes:
		return cmp.Compare(b.Traffic.Bytes, a.Traffic.Bytes)
	}
	return cmp.Compare(b.Rate, a.Rate)
}

func compareClients(a, b *engine.ClientSnapshot, column int) int {
	switch column {
	case flowClient:
		return a.Addr.Compare(b.Addr)
	case flowServer:
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Server, b.Server))
	case flowOpen:
		return cmp.Compare(b.Open, a.Open)
	case flowOpened:
		return cmp.Compare(b.Opened, a.Opened)
	case flowAge:
		return a.Started.Compare(b.Started)
	case flowIdle:
		return b.Seen.Compare(a.Seen)
	case flowBytes:
		return cmp.Compare(b.Bytes, a.Bytes)
	}
	return cmp.Compare(b.Rate, a.Rate)
}

// serverNames returns what gives a server its label: a snapshot's flows name it
// by its number, where it has no name.
func serverNames(now *reading) func(service, server string) string {
	type id struct{ service, server string }
	labels := map[id]string{}
	return func(service, server string) string {
		label, known := labels[id{service, server}]
		if !known {
			label = server
			if n, err := strconv.Atoi(server); err == nil {
				if srv := now.find(serverID{service: service, number: n}); srv != nil && srv.Name == "" {
					label = srv.label()
				}
			}
			labels[id{service, server}] = label
		}
		return label
	}
}

// flowHaystack and clientHaystack are the texts that a filter is tried on.
// `client=` lets it name one client alone.
func flowHaystack(f *engine.FlowSnapshot) string {
	client := netip.AddrPortFrom(f.Client.Addr().WithZone(""), f.Client.Port())
	return fmt.Sprintf("client=%s %s %s %s %s %s", client, f.VIP, protoWord(f.Proto), f.Service, f.Server, f.State)
}

func clientHaystack(c *engine.ClientSnapshot) string {
	return fmt.Sprintf("client=%s %s %s", c.Addr.WithZone(""), c.Service, c.Server)
}

func (p *flowsPanel) setFilter(m *model, f filter) {
	p.filter = f
	p.refresh(m)
}

func (p *flowsPanel) remark() string {
	remark := ""
	if p.filter.on() {
		remark = fmt.Sprintf("%d /%s", p.list().rows, p.filter.text)
	}
	if by := p.by[p.view]; p.view != viewServers && by.column >= 0 {
		remark += " sort:" + flowColumnInfos[by.column].title
	}
	return remark
}

// list is where the operator is in what is listed.
func (p *flowsPanel) list() *grid {
	switch p.view {
	case viewFlows:
		return &p.flows.grid
	case viewServers:
		return &p.servers.grid
	}
	return &p.clients[p.view].grid
}

// choose selects what is under the cursor.
func (p *flowsPanel) choose() {
	switch p.view {
	case viewFlows:
		p.flows.choose()
	case viewClients, viewLatest:
		p.clients[p.view].choose()
	}
}

func (p *flowsPanel) click(_ *model, _, y int, wheel int8) {
	p.list().click(y, wheel)
	p.choose()
}

// turn lists something else.
func (p *flowsPanel) turn(m *model, by flowsView) {
	p.view = (p.view + flowsViews + by) % flowsViews
	p.refresh(m)
}
