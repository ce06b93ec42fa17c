// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"strconv"
	"strings"
	"time"

	"cygnet/internal/config"
)

// serviceID is the item that all of a service is within. One that has no VIP
// is another than one that has: there is no line that takes a VIP back.
func serviceID(v *config.Service) string {
	if !v.VIP.IsValid() {
		return "service " + v.Name + " without a VIP"
	}
	return "service " + v.Name
}

// serviceItems are what c says of its only service: listen, modes, limits,
// check, servers.
func serviceItems(table []setting, c *config.Config, before *config.Service, now time.Time, late *[]item) []item {
	v := &c.Services[0]
	if before != nil && serviceID(before) != serviceID(v) {
		before = nil
	}
	s := session{service: v.Name}
	id, scope := serviceID(v), s.scope()
	items := []item{{id: id, revert: "no service " + v.Name}}
	items = append(items, settingItems(table, c, v.Name, Service, late)...)
	add := func(key, line, revert string) {
		items = append(items, item{id: scope + key, key: scope + key, within: id, lines: []string{scope + line}, revert: scope + revert})
	}
	for _, m := range modes() {
		if *m.flag(v) {
			add(m.name, m.name, "no "+m.name)
		}
	}
	if line := checkLine(v); line != "" {
		add("check", line, "no check")
	}
	if v.Disabled {
		add("enable", "disable", "enable")
	}
	alone, after := numbersItself(v, nil), numbersItself(v, before)
	for i := range v.Servers {
		srv := &v.Servers[i]
		it := serverItem(v, srv, serverWords(srv, nil, alone))
		if before != nil {
			it.over = []string{scope + "server " + serverWords(srv, before, after)}
		}
		items = append(append(items, it), stateItems(v, srv, now)...)
	}
	return items
}

func serverItem(v *config.Service, srv *config.Server, words string) item {
	s := session{service: v.Name}
	return item{
		id: serverItemID(v, srv), key: serverKey(v.Name, srv), within: serviceID(v),
		lines:  []string{s.scope() + "server " + words},
		revert: s.scope() + "no server " + srv.Label(),
	}
}

// serverItemID tells servers apart by number and name: another name makes
// another server.
func serverItemID(v *config.Service, srv *config.Server) string {
	s := session{service: v.Name}
	return s.scope() + "server " + strconv.Itoa(srv.Number) + " " + srv.Name
}

// stateItems are what an operator wants of a server beyond its settings.
func stateItems(v *config.Service, srv *config.Server, now time.Time) (items []item) {
	s := session{service: v.Name}
	// By its name, where it has one: its number may still be open when the line
	// is read.
	id, key, line := serverItemID(v, srv), serverKey(v.Name, srv), s.scope()+"server "+srv.Label()
	if srv.State != config.Enable {
		items = append(items, item{id: id + " state", key: key + " state", within: id,
			lines: []string{line + " " + string(srv.State)}, revert: line + " enable"})
	}
	if !now.IsZero() && !srv.Out.IsZero() {
		left := inSeconds(max(srv.Out.Sub(now), 0))
		items = append(items, item{id: id + " blacklist", within: id,
			lines: []string{line + " blacklist " + left}, revert: line + " blacklist 0"})
	}
	return items
}

// serverWords is what follows `server`: the ID, the other one if the first does
// not give it, and the pairs. before, if not nil, is the service as it was.
func serverWords(srv *config.Server, before *config.Service, named bool) string {
	number := strconv.Itoa(srv.Number)
	words := []string{number}
	switch {
	case srv.Name != "" && named:
		words = []string{srv.Name}
	case srv.Name != "":
		words = append(words, "name", srv.Name)
	}
	var over *config.Server
	if before != nil {
		if i := indexServer(before, number); i >= 0 && before.Servers[i].Name == srv.Name {
			over = &before.Servers[i]
		}
	}
	return strings.Join(append(words, serverPairs(srv, over)...), " ")
}

// numbersItself says whether naming the servers of v gives them their numbers.
// Those that were there before have them, if all of them stay; new ones get the
// lowest free ones, in their order.
func numbersItself(v, before *config.Service) bool {
	was := map[int]string{} // the name of each number before
	if before != nil {
		for _, srv := range before.Servers {
			was[srv.Number] = srv.Name
		}
	}
	taken, kept := map[int]bool{}, 0
	for _, srv := range v.Servers {
		name, old := was[srv.Number]
		if old = old && name == srv.Name; old {
			kept++
		}
		taken[srv.Number] = old || srv.Name == ""
	}
	if kept < len(was) {
		return false
	}
	next := 0
	for _, srv := range v.Servers {
		if taken[srv.Number] {
			continue
		}
		for taken[next] {
			next++
		}
		if srv.Number != next {
			return false
		}
		next++
	}
	return true
}
