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
	list   *acl.List // instead of lines: those of a list, which may be many
	over   []string  // instead of lines, where some of it was said before and must be undone; or nil
	revert string
}

// same says whether both say the same.
func (it *item) same(o *item) bool {
	if it.list != nil && o.list != nil {
		return it.list == o.list || it.list.Same(o.list)
	}
	return it.list == o.list && slices.Equal(it.lines, o.lines)
}

// said are the lines that say it.
func (it *item) said() []string {
	switch {
	case it.over != nil:
		return it.over
	case it.list != nil:
		return listLines(it.id, it.list)
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
		if _, explicit := c.Lists[name].ExplicitDefault(); explicit || c.Lists[name].Len() > 0 {
			items = append(items, item{id: "acl " + name, key: "acl " + name, list: c.Lists[name], revert: "no acl " + name})
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
// changes. It is called head.
func listLines(head string, l *acl.List) []string {
	lines := append(make([]string, 0, l.Len()+2), "no "+head)
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

// listEdits are the lines that make a list of what it was; those of listLines where
// these are as many.
func listEdits(head string, was, is *acl.List) []string {
	edits, ok := is.Edits(was)
	if !ok {
		return listLines(head, is)
	}
	lines := make([]string, 0, len(edits)+1)
	left := was.Len()
	for _, e := range edits {
		at := " at " + strconv.Itoa(e.Pos)
		switch {
		case e.Remove:
			lines = append(lines, "no "+head+at)
			left--
			continue
		case e.Pos > left:
			at = ""
		}
		lines = append(lines, head+at+" "+ruleWords(e.Rule))
		left++
	}
	a, explicit := is.ExplicitDefault()
	before, had := was.ExplicitDefault()
	switch {
	case explicit && (!had || a != before):
		lines = append(lines, head+" default "+a.String())
	case had && !explicit:
		lines = append(lines, "no "+head+" default")
	}
	return lines
}

// simple is an item of one line that is its own name.
func simple(line, revert string) item {
	return item{id: line, key: line, lines: []string{line}, revert: revert}
}
