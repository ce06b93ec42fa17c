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

// Header is the first line of what Write writes: which form of the language
// follows.
const Header = "# cygnet config 1"

// item is a part of a configuration: the lines that say it, and the line that
// takes it back. Two configurations agree on an item if its lines are equal.
type item struct {
	id     string // what it is, as `tarpit_acl` or `service web server 0`
	key    string // what a file's line is about that says it: comments hang on it
	within string // the id of what goes away with it, or empty
	lines  []string
	revert string
}

// Write returns the lines that make c again when they are read behind those
// that made base (the command line): all that is not default, and what takes
// back what base says and c does not. Comments stand before what they are
// about. A blacklisting is not written: it would begin anew.
func Write(c, base *config.Config) string {
	w := &writer{comments: maps.Clone(c.Comments)}
	w.line(Header)
	items := itemsOf(c, base, false)
	for _, l := range reverts(itemsOf(base, nil, false), items) {
		w.line(l)
	}
	for _, it := range items {
		w.item(it)
	}
	w.rest()
	return w.b.String()
}

// Difference is an item in which two configurations differ.
type Difference struct {
	ID    string   // what it is, as `acl 1` or `service web server 0`
	Lines []string // what makes the second of the first
}

// Differences returns what makes to of from, in an order in which it can be
// read as one transaction; none if both are the same.
func Differences(from, to *config.Config) (all []Difference) {
	was, is, items := itemsOf(from, nil, true), itemsOf(to, nil, true), itemsOf(to, from, true)
	for _, it := range was {
		if !slices.ContainsFunc(is, func(o item) bool { return o.id == it.id }) {
			all = append(all, Difference{it.id, reverts([]item{it}, is)})
		}
	}
	before := map[string][]string{}
	for _, it := range was {
		before[it.id] = it.lines
	}
	for i, it := range is { // items has the same order
		if lines, ok := before[it.id]; !ok || !slices.Equal(lines, it.lines) {
			all = append(all, Difference{it.id, items[i].lines})
		}
	}
	return all
}

// Delta returns the lines of all differences.
func Delta(from, to *config.Config) (lines []string) {
	for _, d := range Differences(from, to) {
		lines = append(lines, d.Lines...)
	}
	return lines
}

// reverts are the lines that take back what is in was and not in items. What
// goes away with something else needs none.
func reverts(was, items []item) (lines []string) {
	left := map[string]bool{"": true}
	for _, it := range items {
		left[it.id] = true
	}
	for _, it := range was {
		if !left[it.id] && left[it.within] {
			lines = append(lines, it.revert)
		}
	}
	return lines
}

// writer writes items and their comments.
type writer struct {
	b        strings.Builder
	comments map[string][]string // those not yet written
}

func (w *writer) line(text string) { w.b.WriteString(text + "\n") }

func (w *writer) item(it item) {
	w.comment(it.key)
	for _, l := range it.lines {
		w.comment(lineKey(l))
		w.line(l)
	}
}

func (w *writer) comment(key string) {
	for _, c := range w.comments[key] {
		w.line(c)
	}
	delete(w.comments, key)
}

// rest writes the comments whose lines are gone, and those after the last.
func (w *writer) rest() {
	for _, key := range slices.Sorted(maps.Keys(w.comments)) {
		if key != endOfFile {
			w.comment(key)
		}
	}
	w.comment(endOfFile)
}

// lineKey is the key of one line of a list, whose item has many.
func lineKey(line string) string {
	if !strings.HasPrefix(line, "acl ") {
		return ""
	}
	words := strings.Fields(line)
	if len(words) > 3 && words[2] == "at" {
		words = slices.Delete(words, 2, 4)
	}
	return strings.Join(words, " ")
}

// itemsOf returns what c says beyond the defaults, in the order in which a
// person would write it. over, if not nil, is what was said before: a server's
// line must then undo what it is to have no more. With run-time state,
// blacklistings are told, too.
func itemsOf(c, over *config.Config, runtime bool) []item {
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
		items = append(items, serviceItems(c, &c.Services[i], before, runtime, &late)...)
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
func serviceItems(c *config.Config, v, before *config.Service, runtime bool, late *[]item) []item {
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
	for i := range v.Servers {
		items = append(items, serverItems(v, &v.Servers[i], before, runtime)...)
	}
	return items
}

func serverItems(v *config.Service, srv *config.Server, before *config.Service, runtime bool) []item {
	s := session{service: v.Name}
	number := strconv.Itoa(srv.Number)
	id, key, line := s.scope()+"server "+number+" "+srv.Name, serverKey(v.Name, srv), s.scope()+"server "+number
	items := []item{{
		id: id, key: key, within: serviceID(v), revert: s.scope() + "no server " + srv.Label() + " now",
		lines: []string{s.scope() + "server " + serverWords(v, srv, before)},
	}}
	if srv.State != config.Enable {
		items = append(items, item{id: id + " state", key: key + " state", within: id,
			lines: []string{line + " " + string(srv.State)}, revert: line + " enable"})
	}
	if runtime && !srv.Out.IsZero() {
		left := inSeconds(max(time.Until(srv.Out), 0))
		items = append(items, item{id: id + " blacklist", within: id,
			lines: []string{line + " blacklist " + left}, revert: line + " blacklist 0"})
	}
	return items
}

// serverWords is what follows `server`: the ID, the other one if the first does
// not give it, and the pairs.
func serverWords(v *config.Service, srv *config.Server, before *config.Service) string {
	number := strconv.Itoa(srv.Number)
	words := []string{number}
	switch {
	case srv.Name != "" && numbersItself(v, before):
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
	taken := map[int]bool{}
	old := func(srv config.Server) bool {
		return before != nil && slices.ContainsFunc(before.Servers, func(o config.Server) bool {
			return o.Number == srv.Number && o.Name == srv.Name
		})
	}
	kept := 0
	for _, srv := range v.Servers {
		if old(srv) {
			kept++
		}
		taken[srv.Number] = srv.Name == "" || old(srv)
	}
	if before != nil && kept < len(before.Servers) {
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
