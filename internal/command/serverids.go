// SPDX-FileCopyrightText: 2026 The Cygnet Authors
// SPDX-License-Identifier: MIT

package command

import (
	"cmp"
	"slices"

	"cygnet/internal/config"
)

// unnumbered is the number of a named server until the transaction's end: a
// later line of it may ask for any number.
const unnumbered = -1

// numberNamed gives the server that a line calls `server NUMBER name NAME` that
// number, if an earlier line of the transaction has named it and left its
// number open.
func (s *session) numberNamed(id string, args []string) {
	number, ok := decimal(id, config.MaxNumber)
	v := s.current()
	if !ok || indexServer(v, id) >= 0 {
		return
	}
	for ; len(args) > 1; args = args[2:] {
		if args[0] != "name" {
			continue
		}
		if i := indexServer(v, args[1]); i >= 0 && v.Servers[i].Number == unnumbered {
			v.Servers[i].Number = number
		}
	}
}

// serverKey is what a line about a server is about.
func serverKey(service string, v *config.Server) string {
	s := session{service: service}
	return s.scope() + "server " + v.Label()
}

func (s *session) nameFree(v *config.Server, what, name string) error {
	i := indexServer(s.current(), name)
	if i < 0 || &s.current().Servers[i] == v {
		return nil
	}
	return refuse("choose another name", "%s %s: server %d has it", what, name, s.current().Servers[i].Number)
}

func (s *session) serverID(what, id string) error {
	if isDigits(id) {
		_, err := number(what, id, config.MaxNumber)
		return err
	}
	return s.name(what, id)
}

// server returns the current service's server of that ID, made if need be.
// The pointer is good until another is made.
func (s *session) server(id string) *config.Server {
	v := s.current()
	if i := indexServer(v, id); i >= 0 {
		return &v.Servers[i]
	}
	n := config.Server{Number: unnumbered, Name: id, List: config.DefaultList}
	if num, ok := decimal(id, config.MaxNumber); ok {
		n.Number, n.Name = num, ""
	}
	v.Servers = append(v.Servers, n)
	return &v.Servers[len(v.Servers)-1]
}

// indexServer finds a server by number or name, or returns -1.
func indexServer(v *config.Service, id string) int {
	num, isNumber := decimal(id, config.MaxNumber)
	return slices.IndexFunc(v.Servers, func(o config.Server) bool {
		if isNumber {
			return o.Number == num
		}
		return o.Name == id
	})
}

// numberServers gives new named servers the lowest free numbers, in the order
// they were named, and sorts all by number.
func (s *session) numberServers() {
	for i := range s.cfg.Services {
		servers := s.cfg.Services[i].Servers
		taken := map[int]bool{}
		for _, v := range servers {
			taken[v.Number] = true
		}
		next := 0
		for j := range servers {
			if servers[j].Number != unnumbered {
				continue
			}
			for taken[next] {
				next++
			}
			servers[j].Number = next
			next++
		}
		slices.SortFunc(servers, func(a, b config.Server) int { return cmp.Compare(a.Number, b.Number) })
	}
}
