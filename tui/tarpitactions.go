// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"errors"
	"net/netip"

	tea "github.com/charmbracelet/bubbletea"
)

// bindings are the keys for the list that is chosen.
func (p *tarpitPanel) bindings(m *model) []binding {
	var all []binding
	if _, ok := p.culprit(m); ok && !m.readOnly {
		all = append(all,
			bind("x", "deny: a rule for this source or network, in the list of clients", p.deny).brief(),
			bind("I", "never answer this source or network in the tarpit", p.ignore))
	}
	if p.list().rows > 0 {
		all = append(all, bind("enter", "details: all that is known of it", then(p.detail)).brief())
	}
	if p.view != viewHits {
		all = append(all, bind("s", "sort: by the most, or by what came last", then(func(m *model) { p.recent = !p.recent; p.refresh(m) })).brief())
	}
	all = append(all,
		bind("v", "view: list hits, sources, networks, ports, countries, longest holds, captured addresses", then(func(m *model) { p.turn(m, +1) }), "v", "l", "right").brief(),
		bind("h", "the view before", then(func(m *model) { p.turn(m, -1) }), "h", "left"))
	return append(all, p.list().bindings(p.choose)...)
}

// source is the source that is selected, if one is.
func (p *tarpitPanel) source(m *model) (netip.Addr, bool) {
	if p.view == viewHits {
		if !p.hits.there() {
			return netip.Addr{}, false
		}
		e, ok := m.see().catches.hit(p.hits.selected)
		return e.Source, ok && e.Source.IsValid()
	}
	r := p.row()
	if r == nil {
		return netip.Addr{}, false
	}
	source := r.key.addr
	if p.view == viewLongest {
		source = r.key.source.Addr()
	}
	return source, source.IsValid()
}

// culprit is the source or the network that is selected, as the language takes it.
func (p *tarpitPanel) culprit(m *model) (string, bool) {
	if source, ok := p.source(m); ok {
		return addrWord(source), true
	}
	if r := p.row(); r != nil && r.key.network.IsValid() {
		return r.key.network.Masked().String(), true
	}
	return "", false
}

// addrWord is a source as the language takes it. A zone means nothing in a list,
// and may be any text.
func addrWord(source netip.Addr) string { return source.Unmap().WithZone("").String() }

// deny begins a rule that denies the services to the source or network.
func (p *tarpitPanel) deny(m *model) tea.Cmd {
	if who, ok := p.culprit(m); ok && m.live.snap != nil {
		m.openDenial(m.live.clientList(), who)
	}
	return nil
}

// ignore begins a line that has the tarpit never answer the source or network.
func (p *tarpitPanel) ignore(m *model) tea.Cmd {
	if who, ok := p.culprit(m); ok {
		m.openEdit(edit{text: "tarpit_ignore from " + who, lines: oneLine})
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
