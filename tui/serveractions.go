// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"cygnet/engine"
)

// serverActions is what can be done to the server that is selected.
type serverActions struct{ *serverTable }

// bindings are the keys for the table and its selected server.
func (a serverActions) bindings(m *model) []binding {
	var all []binding
	if srv := a.current(); srv != nil {
		if !m.readOnly {
			all = append(all, a.changes(srv)...)
		}
		all = append(all, bind("enter", "details: all that is known of the server", then(a.detail)).brief())
	}
	all = append(all,
		bind("s", "sort: by the next column", then(func(m *model) { a.sortNext(); a.serverTable.refresh(m.see().reading) })).brief(),
		bind("S", "sort the other way round", then(func(m *model) { a.by.reverse = !a.by.reverse; a.serverTable.refresh(m.see().reading) })))
	return append(all, a.grid.bindings(a.choose)...)
}

// changes are the keys that change the server.
func (a serverActions) changes(srv *serverReading) []binding {
	switch {
	case srv.aside():
		return []binding{silent(bind("space", "", then(a.explainAside), " ", "d", "m", "b", "e", "x", "X"))}
	case srv.state == leaving:
		return []binding{bind("X", "end now: its last flows move", func(m *model) tea.Cmd { return a.propose(m, removeNow) }).brief()}
	}
	toggle := bind("space", "drain, or back", a.toggle, " ").brief()
	if srv.state == drain || srv.state == maint || srv.state == out {
		toggle = bind("space", "enable", a.toggle, " ").brief()
	}
	all := []binding{toggle}
	if srv.state != drain {
		all = append(all, bind("d", "drain: no new clients", func(m *model) tea.Cmd { return a.propose(m, "drain") }))
	}
	if srv.state != maint {
		all = append(all, bind("m", "disable: out until it is enabled (MAINT)", func(m *model) tea.Cmd { return a.propose(m, "disable") }).brief())
	}
	return append(all,
		bind("b", "blacklist: out for a time", func(m *model) tea.Cmd { return a.openEdit(m, "blacklist") }),
		bind("e", "edit the weight", func(m *model) tea.Cmd { return a.openEdit(m, "weight") }),
		bind("x", "remove: its open flows go on until they are over", func(m *model) tea.Cmd { return a.propose(m, "remove") }),
		bind("X", "remove now: its open flows move", func(m *model) tea.Cmd { return a.propose(m, removeNow) }))
}

// explainAside says how a server without a number is changed.
func (a serverActions) explainAside(m *model) {
	srv := m.see().find(a.selected)
	if srv == nil {
		return
	}
	set := strings.TrimSpace(serviceLine(srv.id.service, srv.label()+" ADDR"))
	m.say(remark, m.theme.clean(fmt.Sprintf("the %s server is a setting of its service:  :%s", srv.label(), set)))
}

// toggle takes a server that is wanted out gently, and any other one in again.
func (a serverActions) toggle(m *model) tea.Cmd {
	if srv := m.live.find(a.selected); srv != nil && (srv.state == drain || srv.state == maint || srv.state == out) {
		return a.propose(m, "enable")
	}
	return a.propose(m, "drain")
}

// propose says what a change of the server's state would do, and asks. What
// it says is of this moment, also while the view is paused.
func (a serverActions) propose(m *model, word string) tea.Cmd {
	srv := a.meant(m)
	if srv == nil {
		return nil
	}
	name := m.theme.clean(srv.label())
	apply := func(m *model) tea.Cmd {
		if stale := changed(m, srv); stale != "" {
			m.say(failed, stale+": nothing was done")
			return nil
		}
		return m.change(doneWords(m.live.find(srv.id), name, word), srv.id.change(word))
	}
	if word != "enable" && last(srv) {
		m.askTyped(m.theme.clean(lastWords(srv, name, word)), lastEffect(srv, word), name, apply)
		return nil
	}
	m.ask(&question{text: proposal(srv, name, word), yes: apply})
	return nil
}

// meant is the selected server as it is now. What is shown may be old, as when
// the view is paused: if another one has its number since, it is nil, and that
// is said.
func (a serverActions) meant(m *model) *serverReading {
	seen, now := m.see().find(a.selected), m.live.find(a.selected)
	if seen == nil || now == nil || now.Addr != seen.Addr {
		m.say(failed, "the server is not what is shown here any more")
		return nil
	}
	return now
}

// changed says whether what stood under a server's number is another one by now.
func changed(m *model, srv *serverReading) string {
	if now := m.live.find(srv.id); now == nil || now.Addr != srv.Addr {
		return "the server was changed meanwhile"
	}
	return ""
}

// openEdit waits for a new value of something about the server.
func (a serverActions) openEdit(m *model, word string) tea.Cmd {
	srv := a.meant(m)
	if srv == nil {
		return nil
	}
	open := func(m *model) tea.Cmd {
		m.openEdit(edit{
			text:  srv.id.line(word + " "),
			lines: func(line string) ([]string, error) { return []string{line}, nil },
			stale: func(m *model) string { return changed(m, srv) },
		})
		return nil
	}
	if word == "blacklist" && last(srv) {
		name := m.theme.clean(srv.label())
		m.askTyped(m.theme.clean(lastWords(srv, name, word)), lastEffect(srv, word), name, open)
		return nil
	}
	return open(m)
}

func dash(known bool, text string) string {
	if known {
		return text
	}
	return "-"
}

// serviceLineOf says what a service is and how it is.
func serviceLineOf(svc *serviceReading) string {
	where := svc.Address.State.String()
	switch {
	case svc.Leaving:
		where = "leaving"
	case svc.Disabled:
		where = "disabled"
	}
	counts := []string{svc.upWords()}
	for s := falling; s < states; s++ {
		if n := svc.count[s]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, strings.ToLower(s.String())))
		}
	}
	if svc.Serving != engine.ServingNormally {
		where += "  serving: " + svc.Serving.String()
	}
	return fmt.Sprintf("%s  %s:%s/%s%s  %s  %s  %s", svc.Name, svc.VIP, svc.PortWord(), svc.ProtoWord(), svc.VLANWord(), svc.Mode, where, strings.Join(counts, " "))
}
