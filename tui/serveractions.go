// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import (
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
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
		all = append(all, bind("enter", "details: all that is known of the server", a.detail).brief())
	}
	all = append(all,
		bind("s", "sort: by the next column", then(func(m *model) { a.sortNext(); a.serverTable.refresh(m.see().reading) })).brief(),
		bind("S", "sort the other way round", then(func(m *model) { a.by.reverse = !a.by.reverse; a.serverTable.refresh(m.see().reading) })))
	return append(all, a.grid.bindings(a.choose)...)
}

// changes are the keys that change the server.
func (a serverActions) changes(srv *serverReading) []binding {
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
		bind("e", "edit the weight", func(m *model) tea.Cmd { return a.openEdit(m, "weight") }))
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
	name := m.theme.clean(label(srv.ServerSnapshot))
	apply := func(m *model) tea.Cmd {
		if stale := changed(m, srv); stale != "" {
			m.say(failed, stale+": nothing was done")
			return nil
		}
		return m.change(doneWords(name, word), srv.id.line(word))
	}
	if word != "enable" && last(srv) {
		m.askTyped(lastWords(srv, name, word), name, apply)
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

// last says whether a server is the last one up of its service: y is too easily
// said then.
func last(srv *serverReading) bool { return srv.state == up && srv.service.count[up] == 1 }

func lastWords(srv *serverReading, name, word string) string {
	return fmt.Sprintf("%s is the last one up of %s: type %s to %s it: ", name, srv.service.Name, name, word)
}

// proposal asks whether to, and says what follows.
func proposal(srv *serverReading, name, word string) string {
	who := plural(srv.service.count[up]-1, "other")
	switch {
	case word == "enable" && srv.MAC.IsZero():
		return fmt.Sprintf("enable %s? its MAC is unknown, so it gets clients when it answers", name)
	case word == "enable":
		return fmt.Sprintf("enable %s? it gets its old share of clients back", name)
	case srv.state != up:
		return fmt.Sprintf("%s %s? it is %s, and gets no new clients as it is", word, name, srv.state)
	case word == "drain" && srv.Flows > 0:
		return fmt.Sprintf("drain %s? %d flows stay, no new ones", name, srv.Flows)
	}
	return fmt.Sprintf("%s %s? its clients move to %s at once", word, name, who)
}

func doneWords(name, word string) string {
	switch word {
	case "enable":
		return name + " is enabled"
	case "drain":
		return name + " drains"
	}
	return name + " is disabled"
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
		name := m.theme.clean(label(srv.ServerSnapshot))
		m.askTyped(lastWords(srv, name, word), name, open)
		return nil
	}
	return open(m)
}

// detail shows all there is to know about a server.
func (a serverActions) detail(m *model) tea.Cmd {
	srv := m.see().find(a.selected)
	if srv == nil {
		return nil
	}
	facts := fmt.Sprintf("now        %s frames/s, %s\nshare      %s of its service's frames, %s of the weight that is up\nservice    %s\n",
		short(srv.rate.frames), bits(srv.rate.bytes), dash(srv.share >= 0, percent(srv.share)), percent(srv.weight), serviceLineOf(srv.service))
	return m.do(strings.TrimSpace(srv.id.line("")), func(m *model, reply string, err error) tea.Cmd {
		if !m.refused(reply, err) {
			m.pager = newPager(m.theme, "server "+label(srv.ServerSnapshot), reply+facts)
		}
		return nil
	})
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
	if svc.Disabled {
		where = "disabled"
	}
	counts := []string{fmt.Sprintf("%d up", svc.count[up])}
	for s := down; s < states; s++ {
		if n := svc.count[s]; n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, strings.ToLower(s.String())))
		}
	}
	return fmt.Sprintf("%s  %s:%s/%s  %s  %s  %s", svc.Name, svc.VIP, svc.PortWord(), svc.ProtoWord(), svc.Mode, where, strings.Join(counts, " "))
}
