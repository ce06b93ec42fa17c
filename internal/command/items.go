// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"maps"
	"slices"
	"strconv"
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
	table := settings()
	items := settingItems(table, c, "", Global, &late)
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
		// Among all services, each setting would look for its own.
		alone := &config.Config{UDP: c.UDP, Services: c.Services[i : i+1]}
		items = append(items, serviceItems(table, alone, before, now, &late)...)
	}
	return append(items, late...)
}

// settingItems are the settings of a group that have another value than the
// default; those that are to come last are added to late.
func settingItems(table []setting, c *config.Config, service string, group Group, late *[]item) (items []item) {
	initial := config.New()
	prefix := ""
	if group == Service {
		s := session{service: service}
		prefix = s.scope()
	}
	for _, v := range table {
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
