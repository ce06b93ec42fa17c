// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"cygnet/internal/events"
)

// bindings are the keys for the list that is chosen.
func (p *tarpitPanel) bindings(m *model) []binding {
	var all []binding
	if _, ok := p.source(m); ok && !m.readOnly {
		all = append(all,
			bind("x", "deny: a rule for this source, in the list of clients", p.deny).brief(),
			bind("I", "never answer this source in the tarpit (kept; a later version acts on it)", p.ignore))
	}
	if p.list().rows > 0 {
		all = append(all, bind("enter", "details: all that is known of it", then(p.detail)).brief())
	}
	if p.view != viewHits {
		all = append(all, bind("s", "sort: by hits, or by what came last", then(func(m *model) { p.recent = !p.recent; p.refresh(m) })).brief())
	}
	all = append(all,
		bind("v", "view: list hits, sources, ports, captured addresses", then(func(m *model) { p.turn(m, +1) }), "v", "l", "right").brief(),
		bind("h", "the view before", then(func(m *model) { p.turn(m, -1) }), "h", "left"))
	return append(all, p.list().bindings(p.choose)...)
}

// source is the source that is selected, if one is.
func (p *tarpitPanel) source(m *model) (netip.Addr, bool) {
	switch p.view {
	case viewHits:
		if p.hits.there() {
			e, ok := m.see().catches.hit(p.hits.selected)
			return e.Source, ok && e.Source.IsValid()
		}
	case viewSources:
		return p.sources.selected, p.sources.there() && p.sources.selected.IsValid()
	}
	return netip.Addr{}, false
}

// addrWord is a source as the language takes it. A zone means nothing in a list,
// and may be any text.
func addrWord(source netip.Addr) string { return source.Unmap().WithZone("").String() }

// deny begins a rule that denies the services to the source.
func (p *tarpitPanel) deny(m *model) tea.Cmd {
	source, ok := p.source(m)
	if !ok || m.live.snap == nil {
		return nil
	}
	m.openDenial(m.live.clientList(), source)
	return nil
}

// ignore begins a line that has the tarpit never answer the source.
func (p *tarpitPanel) ignore(m *model) tea.Cmd {
	if source, ok := p.source(m); ok {
		m.openEdit(edit{text: "tarpit_ignore from " + addrWord(source), lines: oneLine})
	}
	return nil
}

// oneLine takes what was typed as it is.
func oneLine(text string) ([]string, error) {
	if text == "" {
		return nil, errors.New("nothing is typed: a line is expected, and esc leaves")
	}
	return []string{text}, nil
}

// detail shows all that is known of what is selected.
func (p *tarpitPanel) detail(m *model) {
	s := m.see()
	if s.snap == nil {
		return
	}
	source, selected := p.source(m)
	switch p.view {
	case viewHits:
		if selected {
			showCaught(m, "source "+addrText(m.theme, source), s.catches.sources[source], func(e events.Event) bool { return e.Source == source })
		}
	case viewSources:
		showCaught(m, "source "+addrText(m.theme, source), s.catches.sources[source], func(e events.Event) bool { return e.Source == source })
	case viewPorts:
		port := p.ports.selected
		showCaught(m, "port "+portWords(port), s.catches.ports[port], func(e events.Event) bool { return e.Port == port })
	case viewTargets:
		target := p.targets.selected
		showCaught(m, "captured address "+addrText(m.theme, target), s.catches.targets[target], func(e events.Event) bool { return e.Addr == target })
	}
}

// showCaught shows what is known of one that came, and its newest hits.
func showCaught(m *model, title string, k caught, its func(events.Event) bool) {
	const most, layout = 200, "2006-01-02 15:04:05"
	t, s := m.theme, m.see()
	var b strings.Builder
	if k.count == 0 {
		b.WriteString("how often it came was forgotten: too many others came\n")
	} else {
		fmt.Fprintf(&b, "hits       %d\nfirst      %s, %s ago\nlast       %s, %s ago\nports      %s different\n", k.count,
			k.first.Local().Format(layout), ago(s, k.first), k.last.Local().Format(layout), ago(s, k.last), portsText(k.different))
	}
	b.WriteString("\nits newest hits, of those that are kept:\n")
	n := 0
	for _, e := range slices.Backward(s.catches.newest()) {
		if its(e) && n < most {
			fmt.Fprintf(&b, "%s  %-15s to %-15s %5d %s\n", e.Time.Local().Format(layout), addrText(t, e.Source), addrText(t, e.Addr), e.Port, events.PortName(e.Port))
			n++
		}
	}
	m.pager = newPager(t, title, b.String())
}
