// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package config

import (
	"fmt"

	"cygnet/acl"
)

// ControlTable is the list of who may give commands over TCP; nil where
// control_acl names none with entries: then only this machine may.
func (c *Config) ControlTable() *acl.Table {
	if c.permitsEveryone(c.ControlList) {
		return nil
	}
	return c.Lists[c.ControlList].Compile(c.Countries)
}

// mostUses is how many who name a list are told.
const mostUses = 8

// uses tells of each list who names it, in the operator's words, and not
// without end. Services and servers name list 0 until told otherwise: while it
// permits everyone, that says nothing, and they are left out.
func (c *Config) uses() map[string][]string {
	all, more := map[string][]string{}, map[string]int{}
	add := func(list, format string, args ...any) {
		switch {
		case list == DefaultList && c.permitsEveryone(list):
		case len(all[list]) == mostUses:
			more[list]++
		default:
			all[list] = append(all[list], fmt.Sprintf(format, args...))
		}
	}
	if c.TarpitList != "" {
		all[c.TarpitList] = []string{"tarpit_acl"}
	}
	add(c.ControlList, "control_acl")
	for i := range c.Services {
		if s := &c.Services[i]; !s.idle() {
			add(s.ClientList, "client_acl of %s", s.Name)
		}
	}
	for i := range c.Services {
		s := &c.Services[i]
		for j := range s.Servers {
			add(s.Servers[j].List, "server %s of %s", s.Servers[j].Label(), s.Name)
		}
	}
	for list, n := range more {
		all[list] = append(all[list], fmt.Sprintf("and %d more", n))
	}
	return all
}

// permitsEveryone says whether a list, which may be missing, has no entries and
// no default against that.
func (c *Config) permitsEveryone(list string) bool {
	l := c.Lists[list]
	return l == nil || l.Len() == 0 && l.Default() == acl.Permit
}
