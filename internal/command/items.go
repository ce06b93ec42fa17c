// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cygnet/acl"
	"cygnet/internal/config"
)

// item is a part of a configuration: the lines that say it, and the line that
// takes it back. Two configurations agree on an item if its lines are equal.
type item struct {
	id     string // what it is, as `tarpit_acl` or `service web server 0`
	key    string // what a file's line is about that says it: comments hang on it
	within string // the id of what goes away with it, or empty
	lines  []string
	over   []string // instead of lines, where some of it was said before and must be undone; or nil
	revert string
}

// said are the lines that say it.
func (it *item) said() []string {
	if it.over != nil {
		return it.over
	}
	return it.lines
}

// reverted are the lines that take it back, unless it is among those that are
// left. What goes away with something else needs none.
func (it *item) reverted(left map[string]bool) []string {
	if left[it.id] || it.within != "" && !left[it.within] {
		return nil
	}
	return []string{it.revert}
}

func idsOf(items []item) map[string]bool {
	ids := make(map[string]bool, len(items))
	for _, it := range items {
		ids[it.id] = true
	}
	return ids
}

// itemsOf returns what c says beyond the defaults, in the order in which a
// person would write it. over, if not nil, is what was said before. At a time
// that is not zero, blacklistings are told, too.
func itemsOf(c, over *config.Config, now time.Time) []item {
	var late []item
	items := settingItems(c, "", Global, &late)
	for _, v := range severals() {
		for _, words := range v.all(c) {
			items = append(items, simple(v.name+" "+words, "no "+v.name+" "+words))
		}
	}
	if c.Tarpit.AllowLarge {
		items = append(items, simple("tarpit_allow_large", "no tarpit_allow_large"))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Tarpit.Limits)) {
		key := "tarpit_limit " + name
		items = append(items, item{id: key, key: key, lines: []string{key + " " + limitWord(c.Tarpit.Limits[name])}, revert: "no " + key})
	}
	if c.Standby {
		items = append(items, simple("standby", "active"))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Lists)) {
		if lines := listLines(name, c.Lists[name]); len(lines) > 1 {
			items = append(items, item{id: "acl " + name, key: "acl " + name, lines: lines, revert: "no acl " + name})
		}
	}
	for i := range c.Services {
		var before *config.Service
		if over != nil {
			before = over.Service(c.Services[i].Name)
		}
		items = append(items, serviceItems(c, &c.Services[i], before, now, &late)...)
	}
	return append(items, late...)
}

// settingItems are the settings of a group that have another value than the
// default; those that are to come last are added to late.
func settingItems(c *config.Config, service string, group Group, late *[]item) (items []item) {
	initial := config.New()
	prefix := ""
	if group == Service {
		s := session{service: service}
		prefix = s.scope()
	}
	for _, v := range settings() {
		if v.group != group {
			continue
		}
		words, standard := v.words(c, service), v.words(initial, service)
		if words == standard {
			continue
		}
		it := item{id: prefix + v.name, key: prefix + v.name, lines: []string{prefix + v.name + " " + words}, revert: prefix + v.revert(standard)}
		if group == Service {
			it.within = serviceID(c.Service(service))
		}
		if v.late {
			*late = append(*late, it)
		} else {
			items = append(items, it)
		}
	}
	return items
}

// listLines empties a list and enters its rules in the order in which they
// were entered, so that what it permits stays the same, now and after later
// changes.
func listLines(name string, l *acl.List) []string {
	head := "acl " + name
	lines := []string{"no " + head}
	for n, step := range l.Steps() {
		at := ""
		if step.Pos <= n {
			at = " at " + strconv.Itoa(step.Pos)
		}
		lines = append(lines, head+at+" "+ruleWords(step.Rule))
	}
	if a, explicit := l.ExplicitDefault(); explicit {
		lines = append(lines, head+" default "+a.String())
	}
	return lines
}

// simple is an item of one line that is its own name.
func simple(line, revert string) item {
	return item{id: line, key: line, lines: []string{line}, revert: revert}
}

// serviceID is the item that all of a service is within. One that has no VIP
// is another than one that has: there is no line that takes a VIP back.
func serviceID(v *config.Service) string {
	if !v.VIP.IsValid() {
		return "service " + v.Name + " without a VIP"
	}
	return "service " + v.Name
}

// serviceItems are what c says of v: listen, modes, limits, check, servers.
func serviceItems(c *config.Config, v, before *config.Service, now time.Time, late *[]item) []item {
	if before != nil && serviceID(before) != serviceID(v) {
		before = nil
	}
	s := session{service: v.Name}
	id, scope := serviceID(v), s.scope()
	items := []item{{id: id, revert: "no service " + v.Name + " now"}}
	items = append(items, settingItems(c, v.Name, Service, late)...)
	add := func(key, line, revert string) {
		items = append(items, item{id: scope + key, key: scope + key, within: id, lines: []string{scope + line}, revert: scope + revert})
	}
	for _, m := range modes() {
		if *m.flag(v) {
			add(m.name, m.name, "no "+m.name)
		}
	}
	if line := checkLine(v, false); line != "" {
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
		revert: s.scope() + "no server " + srv.Label() + " now",
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

// numbersItself says whether naming the servers of v gives them their numbers:
// the lowest free ones, in their order, where none was there before.
func numbersItself(v, before *config.Service) bool {
	if before != nil && len(before.Servers) > 0 {
		return false
	}
	taken := map[int]bool{}
	for _, srv := range v.Servers {
		taken[srv.Number] = srv.Name == ""
	}
	next := 0
	for _, srv := range v.Servers {
		if srv.Name == "" {
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
