// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package tui

import "fmt"

// removeNow is the change that ends a server's flows at once; the other changes
// of its state are called as in the language, and `remove`.
const removeNow = "remove now"

// change is the line that makes a change of the server's state.
func (id serverID) change(word string) string {
	switch word {
	case "remove":
		return serviceLine(id.service, fmt.Sprintf("no server %d", id.number))
	case removeNow:
		return serviceLine(id.service, fmt.Sprintf("no server %d now", id.number))
	}
	return id.line(word)
}

// last says whether a server is the last one up of its service: y is too easily
// said then.
func last(srv *serverReading) bool {
	return srv.state.serves() && !srv.aside() && srv.service.serving() == 1
}

// lastWords ask for the name of such a server, and lastEffect says what follows.
func lastWords(srv *serverReading, name, word string) string {
	return fmt.Sprintf("%s is the last one up of %s: type %s to %s it: ", name, srv.service.Name, name, word)
}

func lastEffect(srv *serverReading, word string) string {
	switch flows := exactly(srv.Flows); {
	case srv.Flows == 0:
		return "it has no open flows"
	case word == "drain" || word == "remove":
		return "its " + flows + " stay, no new ones"
	default:
		return "its " + flows + " end, or move to whoever serves then"
	}
}

// proposal asks whether to, and says what follows.
func proposal(srv *serverReading, name, word string) string {
	if word == "enable" {
		return enabling(srv, name)
	}
	ask, flows := word+" "+name+"?", exactly(srv.Flows)
	switch {
	case word == removeNow && srv.state == leaving:
		return fmt.Sprintf("end %s now? its %s", name, moving(srv))
	case word == removeNow && srv.Flows > 0:
		return fmt.Sprintf("remove %s now? its %s", name, moving(srv))
	case word == removeNow:
		return fmt.Sprintf("remove %s now? it has no open flows", name)
	case word == "remove" && srv.Flows > 0:
		return fmt.Sprintf("%s it drains first: its %s stay, no new ones, and it goes after the last", ask, flows)
	case word == "remove":
		return ask + " it has no open flows, and goes at once"
	case word == "drain" && srv.Flows > 0:
		return fmt.Sprintf("%s its %s stay, no new ones", ask, flows)
	case srv.Flows > 0:
		return fmt.Sprintf("%s its %s", ask, moving(srv))
	case !srv.state.serves():
		return fmt.Sprintf("%s it is %s, and gets no new clients as it is", ask, srv.state)
	}
	return fmt.Sprintf("%s it has no open flows; its clients move to %s", ask, plural(srv.service.serving()-1, "other"))
}

func enabling(srv *serverReading, name string) string {
	state := wantedState(srv.service.ServiceSnapshot, srv.ServerSnapshot)
	switch {
	case srv.MAC.IsZero():
		return fmt.Sprintf("enable %s? its MAC is unknown, so it gets clients when it answers", name)
	case state == down || state == rising:
		return fmt.Sprintf("enable %s? its checks fail, so it gets clients when they pass", name)
	}
	return fmt.Sprintf("enable %s? it gets its old share of clients back", name)
}

// moving says where the flows of a server go that it loses.
func moving(srv *serverReading) string {
	others := srv.service.serving()
	if srv.state.serves() {
		others--
	}
	verb := "move"
	if srv.Flows == 1 {
		verb = "moves"
	}
	return fmt.Sprintf("%s %s now, to %s", exactly(srv.Flows), verb, plural(others, "other"))
}

// exactly writes a number of open flows in full: somebody decides by it.
func exactly(n uint64) string { return plural(int(n), "flow") }

// doneWords say that a change was made; srv is the server as it is, and nil where
// it is gone.
func doneWords(srv *serverReading, name, word string) string {
	left := ""
	if srv != nil && srv.Flows > 0 {
		left = ": " + exactly(srv.Flows) + " left"
	}
	switch word {
	case "enable":
		return name + " is enabled"
	case "drain":
		return name + " drains" + left
	case "remove":
		return name + " is removed" + left
	case removeNow:
		return name + " is removed"
	}
	return name + " is disabled"
}
