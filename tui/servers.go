// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import "fmt"

// serversPanel is the tab of all servers, with what is known of the service
// that the selected one is behind.
type serversPanel struct{ serverActions }

func (p *serversPanel) name() string { return "Servers" }

func (p *serversPanel) refresh(m *model) {
	if m.panel() == p { // the table is also that of Overview
		p.serverTable.refresh(m.see().reading)
	}
}

func (p *serversPanel) setFilter(m *model, f filter) {
	p.filter = f
	p.refresh(m)
}

func (s *serverTable) remark() string {
	remark := ""
	if s.filter.on() {
		remark = fmt.Sprintf("%d /%s", len(s.rows), s.filter.text)
	}
	if s.by.column >= 0 {
		remark += " sort:" + s.columns()[s.by.column].title
	}
	return remark
}

func (s *serverTable) click(_ *model, x, y int, wheel int8) {
	if x < s.across {
		s.grid.click(y, wheel)
		s.choose()
	}
}

func (p *serversPanel) render(m *model, w, h int) []string {
	t, now := m.theme, m.see()
	title, rates := "no service", ""
	if srv := p.current(); srv != nil {
		title = t.clean(serviceLineOf(srv.service))
		rates = fmt.Sprintf("%s  %s/s %s", flowsWords(srv.service.Flows), short(srv.service.rate.frames), bits(srv.service.rate.bytes))
	}
	p.y, p.across = 2, w
	return append([]string{t.section(w, title, rates)}, p.serverTable.render(t, now, w, h-1)...)
}
