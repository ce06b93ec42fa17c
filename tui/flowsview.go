// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"strconv"

	"cygnet/engine"
	"cygnet/internal/wire"
)

// render draws the list that is chosen, and beside it, where there is room, the
// servers and who has them busy.
func (p *flowsPanel) render(m *model, w, h int) []string {
	t, s := m.theme, m.see()
	lines := p.head(t, s, w)
	h -= len(lines)
	p.list().y = len(lines) + 1
	if p.view == viewServers {
		p.list().y--
	}
	if w < wideWidth {
		return append(lines, p.table(t, s, w, h)...)[:max(len(lines)+h, 0)]
	}
	right := max(w*3/10, 38)
	return append(lines, t.beside(p.table(t, s, w-right-1, h), p.sidebar(t, s, right, h))...)[:max(len(lines)+h, 0)]
}

// head is how full the flow table is, and what can be listed.
func (p *flowsPanel) head(t *Theme, s *scene, w int) []string {
	title, f := "Flows: "+p.view.String(), &s.snap.Flows
	words := fitting(w-cells(title)-5, []string{
		plain(f.Clients, "clients"), plain(f.Opening, "opening"), plain(f.Closing, "closing"), plain(f.Adopted, "adopted"), plain(f.Unstored, "unstored"),
	})
	lines := []string{t.section(w, title, words), fillLine(t, s, w), p.views(t, w)}
	if s.unstored > 0 {
		text := fmt.Sprintf("no room for %s flows/s: they are not stored, and find their server by hash", short(s.unstored))
		lines = append(lines, t.row(w).gap(1).text(t.warn, text).String())
	}
	return lines
}

func plain(n uint64, word string) string { return word + " " + short(float64(n)) }

// fillLine says how full the flow table is.
func fillLine(t *Theme, s *scene, w int) string {
	f := &s.snap.Flows
	share := 0.0
	if f.Room > 0 {
		share = float64(f.Open) / float64(f.Room)
	}
	p := t.graph
	if share >= 0.9 {
		p = t.warn
	}
	text := fmt.Sprintf("open %s of %s, %s", short(float64(f.Open)), short(float64(f.Room)), percent(share))
	r := t.row(w).gap(1).text(t.plain, text).gap(2)
	room := min(max(r.left-3, 0), 60)
	bar := t.bar(share, room)
	if bar == "" && f.Open > 0 {
		bar = t.bar(1, min(room, 1)) // what is not nothing shows
	}
	return r.text(t.dim, "[").text(p, bar).text(t.dim, spaces(room-cells(bar))+"]").String()
}

// views names what can be listed.
func (p *flowsPanel) views(t *Theme, w int) string {
	r := t.row(w).gap(1)
	for v := range flowsViews {
		if v == p.view {
			r.text(t.tabOn, "["+v.String()+"]").gap(1)
		} else {
			r.gap(1).text(t.tab, v.String()).gap(2)
		}
	}
	return r.text(t.dim, map[flowsView]string{
		viewFlows: "the busiest", viewClients: "the busiest", viewLatest: "heard last", viewServers: "the most flows first",
	}[p.view]).String()
}

// The columns of all lists; each has its own choice of them.
const (
	flowClient = iota
	flowService
	flowServer
	flowState
	flowOpen
	flowOpened
	flowAge
	flowIdle
	flowRate
	flowBytes
	flowFrames
	flowVIP
	flowColumns
)

var flowColumnInfos = [flowColumns]column{
	flowClient: {title: "CLIENT", width: 15}, flowService: {title: "SERVICE", width: 8, rank: 3}, flowServer: {title: "SERVER", width: 10, grow: 14},
	flowState: {title: "STATE", width: 11, rank: 1}, flowOpen: {title: "FLOWS", width: 5, right: true}, flowOpened: {title: "OPENED", width: 6, right: true, rank: 2},
	flowAge: {title: "AGE", width: 5, right: true, rank: 4}, flowIdle: {title: "IDLE", width: 5, right: true}, flowRate: {title: "BIT/S", width: 5, right: true},
	flowBytes: {title: "BYTES", width: 5, right: true}, flowFrames: {title: "FRAMES", width: 6, right: true, rank: 7},
	flowVIP: {title: "VIP", width: 19, grow: 28, rank: 8},
}

var flowShows = [flowsViews][]int{
	viewFlows:   {flowClient, flowService, flowServer, flowState, flowAge, flowIdle, flowRate, flowBytes, flowFrames, flowVIP},
	viewClients: {flowClient, flowService, flowServer, flowOpen, flowOpened, flowAge, flowIdle, flowRate, flowBytes},
	viewLatest:  {flowClient, flowService, flowServer, flowOpen, flowOpened, flowAge, flowIdle, flowRate, flowBytes},
}

func (p *flowsPanel) columns() []column {
	var chosen []column
	for _, c := range flowShows[p.view] {
		info := flowColumnInfos[c]
		switch {
		case c == flowClient && p.view == viewFlows:
			info.width += len(":65535")
			fallthrough
		case c == flowClient && p.long:
			if p.long {
				info.grow = 24
			}
		case c == flowService:
			info.off = !p.several
		}
		chosen = append(chosen, info)
	}
	return chosen
}

// order is the column that the list is sorted by; -1 where it is as it came.
func (p *flowsPanel) order() order {
	by := p.by[p.view]
	for i, c := range flowShows[p.view] {
		if c == by.column {
			return order{i, by.reverse}
		}
	}
	return order{-1, by.reverse}
}

func (p *flowsPanel) table(t *Theme, s *scene, w, h int) []string {
	switch {
	case p.list().rows == 0:
		return t.pad([]string{t.row(w).String(), t.row(w).gap(3).text(t.dim, t.clean(p.emptyText(s))).String()}, w, h)
	case p.view == viewServers:
		return p.servers.render(t, w, h)
	}
	shown := flowShows[p.view]
	return t.table(w, h, p.columns(), p.list(), p.order(), true, func(i, c int) (string, paint) {
		if p.view == viewFlows {
			return flowCell(t, s, &p.shownFlows[i], shown[c])
		}
		return clientCell(t, s, &p.shownClients[i], shown[c])
	})
}

func (p *flowsPanel) emptyText(s *scene) string {
	switch {
	case p.filter.on() && p.view != viewServers:
		return fmt.Sprintf("nothing among the %d shown by the balancer matches /%s; esc shows all", engine.CensusRows, p.filter.text)
	case p.filter.on():
		return "nothing matches /" + p.filter.text + "; esc shows all"
	case len(s.snap.Services) == 0:
		return "no services: add one with  :listen ADDR:PORT"
	case s.snap.Flows.Open > 0:
		return "the balancer has not looked through its flows yet"
	}
	return "no flows yet"
}

func flowCell(t *Theme, s *scene, f *engine.FlowSnapshot, c int) (string, paint) {
	switch c {
	case flowClient:
		return t.clean(f.Client.String()), t.plain
	case flowState:
		return t.clean(f.State), t.plain
	case flowFrames:
		return short(float64(f.Traffic.Frames)), t.plain
	case flowVIP:
		return t.clean(f.VIP.String() + "/" + protoWord(f.Proto)), t.dim
	}
	return commonCell(t, s, &engine.ClientSnapshot{Service: f.Service, Server: f.Server, Started: f.Started, Seen: f.Seen, Bytes: f.Traffic.Bytes, Rate: f.Rate}, c)
}

func clientCell(t *Theme, s *scene, k *engine.ClientSnapshot, c int) (string, paint) {
	switch c {
	case flowClient:
		return addrText(t, k.Addr), t.plain
	case flowOpen:
		return short(float64(k.Open)), t.plain
	case flowOpened:
		return short(float64(k.Opened)), t.plain
	}
	return commonCell(t, s, k, c)
}

// commonCell is a cell of what flows and clients have both.
func commonCell(t *Theme, s *scene, k *engine.ClientSnapshot, c int) (string, paint) {
	switch c {
	case flowService:
		return t.clean(k.Service), t.plain
	case flowServer:
		return t.clean(k.Server), t.plain
	case flowAge:
		return ago(s, k.Started), t.plain
	case flowIdle:
		return ago(s, k.Seen), t.plain
	case flowRate:
		return short(8 * float64(k.Rate)), t.plain
	case flowBytes:
		return short(float64(k.Bytes)), t.plain
	}
	return "", t.plain
}

// protoWord is a protocol's word in the language.
func protoWord(proto uint8) string {
	switch proto {
	case wire.ProtoTCP:
		return "tcp"
	case wire.ProtoUDP:
		return "udp"
	}
	return strconv.Itoa(int(proto))
}
